import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../server/src/database/database';
import type { DirectoryInput } from '../../server/src/directory/directory';
import { within } from '../within';
import { databases, serverUrlOf, type TestDatabase } from './support/databases';
import { aSubscription } from './support/directory';
import { type MailServer, startMailServer } from './support/mail-server';
import { buildCommand, killAll, type Running, start } from './support/process';
import { standStill } from './support/stand-still';

const EARLIER = path.join(import.meta.dirname, 'earlier-service/main.js.gz');
const MIGRATIONS = path.resolve(import.meta.dirname, '../../server/src/database/migrations');
const NAMES = (await readdir(MIGRATIONS)).map((file) => file.replace(/\.ts$/, '')).toSorted();
/** The last migration that the version before has. */
const EARLIER_LAST = '0005-assigned-by-id';
const ADMIN = 'ada@contoso.example';
const PARTNER_PERSON = 'di@fabrikam.example';
const FABRIKAM = '4852013';
const NORTHWIND = '5120846';
const ADATUM = '6003917';
const IDS = Array.from({ length: 5 }, () => randomUUID());
const [RENAMED, ADDED, ADDED_LATER] = [randomUUID(), randomUUID(), randomUUID()];
const ROUNDS = 9;
/** What partners are owed: still in the outbox, or in a mail. */
const NOTICES = `select partner_id, state, attempts from outbox
  union all select mails.partner_id, state, attempts from mail_notices join mails using (mail_id)`;

const subscription = (subscriptionId: string, displayName: string) =>
  aSubscription({
    subscriptionId,
    displayName,
    roles: { [ADMIN]: 'AccountAdministrator' },
    usage: [{ month: '2026-01', service: 'azure', meter: 'Compute', amount: 1.5, currency: 'USD' }],
  });

const directory = (...subscriptions: DirectoryInput['subscriptions']): DirectoryInput => ({
  partners: [FABRIKAM, NORTHWIND, ADATUM].map((partnerId) => ({
    partnerId,
    name: `Partner ${partnerId}`,
    mail: `mail@p${partnerId}.example`,
  })),
  customers: [{ id: 'contoso', name: 'Contoso Ltd' }],
  callers: [
    { principalId: ADMIN, name: 'Ada', organization: 'Contoso Ltd' },
    { principalId: PARTNER_PERSON, name: 'Di', organization: 'Fabrikam', partnerId: FABRIKAM },
  ],
  subscriptions,
});

const server = databases.filter(({ name }) => name !== 'PGlite');

// One story: each step goes on where the one before ended.
describe.each(server)('the version before, at work on $name while this one begins,', (kind) => {
  let database: TestDatabase;
  let beside: pg.Client;
  let mailServer: MailServer;
  let folder: string;
  let disposeBuild: () => Promise<void>;
  const programs = { earlier: '', present: '' };
  const running: Running[] = [];
  let earlier: Running;
  let present: Running;
  /** Where the versions that serve answer, the one before first. */
  const bases: string[] = [];
  let token: string;
  const keys: string[] = [];

  beforeAll(async () => {
    const build = await buildCommand();
    programs.present = build.main;
    disposeBuild = build.dispose;
    folder = await mkdtemp(path.join(tmpdir(), 'por-versions-'));
    programs.earlier = path.join(folder, 'main.js');
    await writeFile(programs.earlier, gunzipSync(await readFile(EARLIER)));
    await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
    // It serves one, and nobody here looks at it.
    await cp(path.join(path.dirname(build.main), 'partner-page'), path.join(folder, 'partner-page'), {
      recursive: true,
    });
    mailServer = await startMailServer();
    // The mails to one of the partners wait, to be taken up by the one or the other version.
    mailServer.rules.decide = ({ recipients }) =>
      recipients[0]?.includes(ADATUM) ? { refuse: 'RCPT TO', code: 451 } : 'take';
    database = await kind.create();
    beside = new pg.Client({ connectionString: url() });
    await beside.connect();
    earlier = await serve(programs.earlier);
    const file = await written(
      directory(...IDS.map((id) => subscription(id, 'Production')), subscription(RENAMED, 'Old')),
    );
    expect(await run(programs.earlier, ['import', file]).ended).toBe(0);
    token = await addToken(programs.earlier, ADMIN);
  });
  afterAll(async () => {
    await killAll(running);
    await beside.end();
    await mailServer.close();
    await database.dispose();
    await disposeBuild();
    await rm(folder, { recursive: true });
  });

  const url = () => serverUrlOf(database.location);

  function run(program: string, args: readonly string[]): Running {
    const process = start(program, args, {
      DATABASE_URL: url(),
      DATABASE_CONNECTIONS: '8',
      DATA_DIR: folder,
      SMTP_URL: mailServer.url,
      MAIL_FROM: 'partner-of-record@service.example',
      RATE_LIMIT_PER_CALLER: '0',
    });
    running.push(process);
    return process;
  }

  async function serve(program: string): Promise<Running> {
    const service = run(program, []);
    bases.push(String((await service.event('listening'))['baseUrl']));
    return service;
  }

  async function written(content: DirectoryInput): Promise<string> {
    const file = path.join(folder, `${randomUUID()}.json`);
    await writeFile(file, JSON.stringify(content));
    return file;
  }

  async function addToken(program: string, principalId: string): Promise<string> {
    const adding = run(program, ['token', 'add', principalId]);
    expect([await adding.ended, adding.output.told]).toEqual([0, expect.any(String)]);
    return adding.output.log.trim();
  }

  /** Asks again where a migration held what was asked for: of that callers are told by 503. */
  async function ask(address: string, init: RequestInit): Promise<Response> {
    for (;;) {
      const answer = await fetch(address, init);
      if (answer.status !== 503) return answer;
      expect(answer.headers.get('retry-after')).toBe('5');
    }
  }

  async function get(base: string, what: string, by = token) {
    const answer = await ask(`${base}${what}`, { headers: { authorization: `Bearer ${by}` } });
    return { status: answer.status, body: await answer.json() };
  }

  /** Assigns, changes and removes the partner of a subscription in turn, each by the next version; each is sent to the other too. */
  async function work(subscriptionId: string, index: number): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const [asked = '', other = asked] = (index + round) % 2 === 0 ? bases : bases.toReversed();
      const { body } = await get(asked, `/subscriptions/${subscriptionId}`);
      const partnerId = [FABRIKAM, index % 2 === 0 ? NORTHWIND : ADATUM, null][round % 3];
      const key = randomUUID();
      const change = async (base: string) => {
        const answer = await ask(`${base}/subscriptions/${subscriptionId}/partnerOfRecord`, {
          method: partnerId === null ? 'DELETE' : 'PUT',
          headers: {
            authorization: `Bearer ${token}`,
            'if-match': body.etag,
            'idempotency-key': key,
            ...(partnerId !== null && { 'content-type': 'application/json' }),
          },
          ...(partnerId !== null && { body: JSON.stringify({ partnerId }) }),
        });
        return { status: answer.status, body: await answer.text() };
      };
      const answered = await change(asked);
      expect(answered).toMatchObject({ status: 200 });
      keys.push(key);
      expect(await change(other)).toEqual(answered);
    }
  }

  const allWork = () => Promise.all(IDS.map(work));

  /** Each answered change is in the log once, follows from the one before it, and the last one stands. */
  async function expectNothingLostOrDoubled(): Promise<void> {
    const logged: string[] = [];
    for (const id of IDS) {
      const { rows } = await beside.query(
        `select before_partner_id as before, after_partner_id as after, idempotency_key as key
         from changes where subscription_id = $1 order by sequence`,
        [id],
      );
      expect(rows.map(({ before }) => before)).toEqual([null, ...rows.map(({ after }) => after)].slice(0, rows.length));
      for (const base of bases) {
        const { partnerOfRecord } = (await get(base, `/subscriptions/${id}`)).body;
        expect(partnerOfRecord?.partnerId ?? null).toBe(rows.at(-1)?.after);
      }
      logged.push(...rows.map(({ key }) => key));
    }
    expect(logged.toSorted()).toEqual(keys.toSorted());
  }

  it('goes on with its changes and its import while the schema changes under it', async () => {
    // An import that stands there has no table that a migration changes: that would wait for the import, and we for both.
    const standing = await standStill(beside, 'before insert on caller_roles');
    const working = allWork();
    const file = await written(directory(subscription(RENAMED, 'New'), subscription(ADDED, 'Added')));
    const importing = run(programs.earlier, ['import', file]);
    await expect.poll(standing.count).toBe(1);
    await (await openDatabase(database.location)).close();
    await standing.letGo();
    expect([await importing.ended, importing.output.told]).toEqual([0, expect.stringContaining('Imported 3 partners')]);
    await working;
    await expectNothingLostOrDoubled();
    const { rows } = await beside.query('select name from kysely_migration order by name');
    expect(rows.map(({ name }) => name)).toEqual(NAMES);
    // Else nothing of this would be proved.
    expect(NAMES.at(-1)).not.toBe(EARLIER_LAST);
  });

  it('and this one assign, change and remove, and answer a key that the other had first as that one did', async () => {
    let inHand = 0;
    let meet: () => void = () => undefined;
    const bothAtWork = new Promise<void>((resolve) => {
      meet = resolve;
    });
    // A process has one mail in hand, so two are both's.
    mailServer.rules.beforeReply = () => {
      if (++inHand === 2) meet();
      return bothAtWork;
    };
    present = await serve(programs.present);
    await allWork();
    await within('a mail in hand of each', bothAtWork);
    await expectNothingLostOrDoubled();
  });

  it('send each mail once, those that waited in the hands of the other among them', async () => {
    const states = async () => {
      const { rows } = await beside.query(`select state, count(*)::int from (${NOTICES}) as notices group by state`);
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    };
    const { rows } = await beside.query(
      `select count(*)::int as owed, count(*) filter (where partner_id = $1)::int as deferred from (${NOTICES}) as notices`,
      [ADATUM],
    );
    const { owed, deferred } = rows[0];
    expect(deferred).toBeGreaterThan(0);
    await expect.poll(states, { timeout: 60_000 }).toMatchObject({ sent: owed - deferred, waiting: deferred });
    const attempted = () =>
      beside.query(`select 1 from (${NOTICES}) as notices where partner_id = $1 and attempts = 0`, [ADATUM]);
    await expect.poll(async () => (await attempted()).rows.length).toBe(0);
    mailServer.rules.decide = () => 'take';
    const statesAfterAll = async () => {
      // What is in hand is so for a minute, and would be sent by the other too.
      for (const table of ['outbox', 'mails']) {
        await beside.query(
          `update ${table} set next_attempt_at = now()
           where state = 'waiting' and next_attempt_at between now() and now() + interval '30 seconds'`,
        );
      }
      return states();
    };
    await expect.poll(statesAfterAll, { timeout: 90_000 }).toEqual({ sent: owed });
    const ids = mailServer.received.map(({ mail }) => mail.messageId);
    expect(new Set(ids).size).toBe(ids.length);
    // The one before makes a mail of each, which names no ID so, and this one of those that it finds together.
    const told = mailServer.received.map(({ mail }) => String(mail.text).match(/^ *Subscription ID: /gm)?.length ?? 1);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(owed);
    for (const { output } of [earlier, present]) expect(output.log).toContain('"Mail sent"');
  });

  it('read the same', async () => {
    const partnerToken = await addToken(programs.present, PARTNER_PERSON);
    const [base = '', presentBase = ''] = bases;
    for (const [what, by] of [
      ['/subscriptions?pageSize=100', token],
      [`/subscriptions/${IDS[0]}/changes?pageSize=100`, token],
      [`/subscriptions/${RENAMED}`, token],
      ['/me', token],
      [`/partners/${ADATUM}`, token],
      [`/partners/${FABRIKAM}/subscriptions`, partnerToken],
    ] as const) {
      const before = await get(base, what, by);
      expect(before.status).toBe(200);
      expect(await get(presentBase, what, by)).toMatchObject(before);
    }
  });

  it('let in whoever has a token of either, and nobody whose tokens were ended', async () => {
    const another = await addToken(programs.present, ADMIN);
    const statuses = async () =>
      Promise.all(bases.flatMap((base) => [token, another].map(async (by) => (await get(base, '/me', by)).status)));
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    expect(await run(programs.present, ['token', 'revoke', ADMIN]).ended).toBe(0);
    expect(await statuses()).toEqual([401, 401, 401, 401]);
    token = await addToken(programs.present, ADMIN);
  });

  it('differ over a token that has ended, of whose end the one before does not know, and not over one that is revoked', async () => {
    const ended = await addToken(programs.present, PARTNER_PERSON);
    await beside.query('update access_tokens set ends_at = now() where principal_id = $1', [PARTNER_PERSON]);
    const statuses = async () => Promise.all(bases.map(async (base) => (await get(base, '/me', ended)).status));
    expect(await statuses()).toEqual([200, 401]);
    expect(await run(programs.present, ['token', 'revoke', PARTNER_PERSON]).ended).toBe(0);
    expect(await statuses()).toEqual([401, 401]);
  });

  it('show what this one imports', async () => {
    const file = await written(directory(subscription(ADDED_LATER, 'Added by this one')));
    expect(await run(programs.present, ['import', file]).ended).toBe(0);
    for (const base of bases) {
      expect((await get(base, `/subscriptions/${ADDED}`)).body.displayName).toBe('Added');
      expect((await get(base, `/subscriptions/${ADDED_LATER}`)).body.displayName).toBe('Added by this one');
    }
  });

  it('cannot begin anew on the later schema, and says so', async () => {
    for (const args of [[], ['token', 'revoke', ADMIN], ['import', await written(directory())]]) {
      const again = run(programs.earlier, args);
      expect([await again.ended, again.output.told]).toEqual([1, expect.stringContaining('later version')]);
    }
  });

  it('both stop in good order, without a fault in their logs', async () => {
    for (const { child, ended, output } of [earlier, present]) {
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
      expect(output.log).not.toMatch(/"status":50[0-24-9]|"level":(?:50|60)/);
    }
  });
});
