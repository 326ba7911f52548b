import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import PostalMime from 'postal-mime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../server/src/database/database';
import { databases, type TestDatabase } from './support/databases';
import { type MailServer, startMailServer } from './support/mail-server';
import { answersInPairs, oweMails, oweNotices, statesOfMails, subscriptionsIn } from './support/mails';
import { deferred } from '../support/deferred';
import { buildCommand, killAll, type Running, start } from './support/process';

const FABRIKAM = '4852013';
const NORTHWIND = '5120846';
/** Of 200 mails, what each of two processes sends at least. */
const SHARE = 21;

describe.each(databases)('mails of the service as a process, on $name', (kind) => {
  let main: string;
  let disposeBuild: () => Promise<void>;
  let folder: string;
  let database: TestDatabase;
  let mailServer: MailServer;
  const running: Running[] = [];

  beforeAll(async () => {
    ({ main, dispose: disposeBuild } = await buildCommand());
    folder = await mkdtemp(path.join(tmpdir(), 'por-mail-'));
  });
  afterAll(async () => {
    await disposeBuild();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    database = await kind.create('tables');
    mailServer = await startMailServer();
  });
  afterEach(async () => {
    await killAll(running);
    await mailServer.close();
    await database.dispose();
  });

  /** Starts the command on the test's database, with mails going to the test's server or, without one, to the data folder. */
  function run(args: readonly string[], mailTo: MailServer | null = mailServer): Running {
    const { location } = database;
    const process = start(main, args, {
      DATA_DIR: location.kind === 'folder' ? location.folder : folder,
      ...(location.kind === 'server' && { DATABASE_URL: location.url }),
      ...(mailTo !== null && { SMTP_URL: mailTo.url, MAIL_FROM: 'partner-of-record@service.example' }),
    });
    running.push(process);
    return process;
  }

  async function stop({ child, ended }: Running): Promise<number | null> {
    child.kill('SIGTERM');
    return ended;
  }

  async function startDemo(mailTo: MailServer | null = mailServer): Promise<{ service: Running; change: Change }> {
    const file = path.join(folder, `${randomUUID()}.json`);
    const service = run(['demo', '--tokens-file', file], mailTo);
    await service.event('listening');
    const { baseUrl, callers } = JSON.parse(await readFile(file, 'utf8'));
    const headers = { authorization: `Bearer ${callers[0].token}` };
    const list = await fetch(`${baseUrl}/subscriptions?filter=Sandbox`, { headers });
    const { subscriptionId } = (await list.json()).value[0];
    const url = `${baseUrl}/subscriptions/${subscriptionId}`;

    const change: Change = async (partnerId) => {
      const { etag } = await (await fetch(url, { headers })).json();
      const answer = await fetch(`${url}/partnerOfRecord`, {
        method: partnerId === null ? 'DELETE' : 'PUT',
        headers: {
          ...headers,
          'if-match': etag,
          'idempotency-key': randomUUID(),
          ...(partnerId !== null && { 'content-type': 'application/json' }),
        },
        ...(partnerId !== null && { body: JSON.stringify({ partnerId }) }),
      });
      expect(answer.status).toBe(200);
    };
    return { service, change };
  }
  type Change = (partnerId: string | null) => Promise<void>;

  /** Works on the database while no process has it. */
  async function between<T>(work: (opened: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>): Promise<T> {
    const opened = await openDatabase(database.location);
    try {
      return await work(opened);
    } finally {
      await opened.close();
    }
  }

  const received = () => mailServer.received.map(({ mail }) => mail.messageId);

  it('sends a mail a second time, and knowably the same, when it was killed before it could write that it is sent', async () => {
    const first = await startDemo();
    const killed = new Promise<void>((resolve) => {
      // The mail is with the server, its answer on no wire yet: the worst moment there is.
      mailServer.rules.beforeReply = async () => {
        first.service.child.kill('SIGKILL');
        await first.service.ended;
        resolve();
      };
    });
    await first.change(FABRIKAM);
    await killed;
    expect(received()).toHaveLength(1);

    mailServer.rules.beforeReply = () => undefined;
    // As if the dead process's lease had ended.
    await between(({ db }) => db.updateTable('mails').set({ next_attempt_at: sql<Date>`now()` }).execute());
    const second = run(['serve']);
    expect(await second.event('mail')).toMatchObject({ state: 'sent', attempts: 2 });
    expect(await stop(second)).toBe(0);
    expect(received()).toHaveLength(2);
    expect(new Set(received()).size).toBe(1);
    expect(await between(statesOfMails)).toEqual(['sent']);
  });

  /** Owes the demo's partner so many changes that nobody has told it of for minutes, while no process is there. */
  async function oweMany(count: number): Promise<void> {
    await between(async (opened) => {
      const { subscription_id } = await opened.db
        .selectFrom('subscriptions')
        .select('subscription_id')
        .executeTakeFirstOrThrow();
      await oweNotices(opened, {
        subscriptions: Array.from({ length: count }, () => subscription_id),
        partner: { partnerId: FABRIKAM, name: 'Fabrikam Cloud Services' },
        at: sql<Date>`now() - interval '10 minutes'`,
      });
    });
  }

  const toldIn = () => mailServer.received.map((mail) => subscriptionsIn(mail).length);

  it('tells of each of many changes in one mail, knowably the same, when it was killed in the midst of the first', async () => {
    const demo = await startDemo();
    expect(await stop(demo.service)).toBe(0);
    await oweMany(250);
    const first = run(['serve']);
    mailServer.rules.beforeReply = async () => {
      first.child.kill('SIGKILL');
      await first.ended;
    };
    await first.ended;
    expect(toldIn()).toEqual([200]);

    mailServer.rules.beforeReply = () => undefined;
    // As if the dead process's lease had ended.
    await between(({ db }) => db.updateTable('mails').set({ next_attempt_at: sql<Date>`now()` }).execute());
    const second = run(['serve']);
    await expect.poll(received).toHaveLength(3);
    expect(await stop(second)).toBe(0);
    expect(toldIn().toSorted()).toEqual([200, 200, 50]);
    expect(new Set(received()).size).toBe(2);
    expect(await between(statesOfMails)).toEqual(['sent', 'sent']);
  });

  it('finishes the mail in hand on SIGTERM', async () => {
    const { service, change } = await startDemo();
    mailServer.rules.beforeReply = async () => {
      service.child.kill('SIGTERM');
      await service.event('stopping');
    };
    await change(FABRIKAM);
    expect(await service.ended).toBe(0);
    expect(received()).toHaveLength(1);
    expect(await between(statesOfMails)).toEqual(['sent']);
  });

  it('writes mails as files where it says, when there is no server for them', async () => {
    const { service, change } = await startDemo(null);
    const announced = /Mails to partners are written to (.*), one file each\./;
    await expect.poll(() => service.output.told).toMatch(announced);
    const where = announced.exec(service.output.told)?.[1] ?? '';
    await change(NORTHWIND);
    expect(await service.event('mail')).toMatchObject({ state: 'sent', partnerId: NORTHWIND });
    expect(await stop(service)).toBe(0);
    const files = await readdir(where);
    expect(files).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d.-]+Z-[0-9a-f-]+localhost\.eml$/)]);
    const mail = await PostalMime.parse(await readFile(path.join(where, files[0] ?? '')));
    expect(mail).toMatchObject({
      to: [{ name: 'Northwind Consulting', address: 'partners@northwind.example' }],
      subject: expect.stringMatching(/^You are now the partner of record: .*Sandbox/),
    });
  });

  // A data folder is one process's own; servers are there to be shared.
  if (kind.name === 'PGlite') return;

  it('makes five mails of 1,000 changes with two processes at work, and sends each once', async () => {
    const demo = await startDemo();
    expect(await stop(demo.service)).toBe(0);
    await oweMany(1000);
    const both = [run(['serve']), run(['serve'])];
    await expect.poll(received).toHaveLength(5);
    for (const process of both) expect(await stop(process)).toBe(0);
    expect(toldIn()).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(received()).size).toBe(5);
    expect(await between(statesOfMails)).toEqual(Array.from({ length: 5 }, () => 'sent'));
  });

  it('shares 200 mails between two processes and sends each once', async () => {
    const { service, change } = await startDemo();
    await change(FABRIKAM);
    await service.event('mail');
    expect(await stop(service)).toBe(0);
    await between(async (opened) => {
      const { subscription_id } = await opened.db
        .selectFrom('subscriptions')
        .select('subscription_id')
        .executeTakeFirstOrThrow();
      await oweMails(opened, subscription_id, { partnerId: FABRIKAM, name: 'Fabrikam Cloud Services' }, 200);
    });
    const all = deferred();
    const inPairs = answersInPairs(2 * SHARE);
    mailServer.rules.beforeReply = () => {
      if (mailServer.received.length === 201) all.resolve();
      return inPairs();
    };
    const both = [run(['serve']), run(['serve'])];
    await all.promise;
    for (const process of both) expect(await stop(process)).toBe(0);
    expect(received()).toHaveLength(201);
    expect(new Set(received()).size).toBe(201);
    for (const { output } of both) expect(output.log.match(/"Mail sent"/g)?.length).toBeGreaterThanOrEqual(SHARE);
    expect(await between(statesOfMails)).toEqual(Array.from({ length: 201 }, () => 'sent'));
  });
});
