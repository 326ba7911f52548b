import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databases, serverUrlOf } from './support/databases';
import { aSubscription } from './support/directory';
import { type MailServer, startMailServer, type Treatment } from './support/mail-server';
import { oweNotices, subscriptionsIn } from './support/mails';
import { buildCommand, killAll, type Running, start } from './support/process';
import { openWire, targetOf, type Wire } from './support/wire';
import { FABRIKAM, NORTHWIND, openWorld, type World } from './support/world';

/** A process with a way of its own to the database and to the mail server, so that each step of it can be told from the others'. */
interface Sender {
  readonly running: Running;
  readonly wire: Wire;
  readonly mailServer: MailServer;
}

/** Where a process is killed. */
interface Step {
  readonly name: string;
  /** Lets the first process that comes to this step be killed there; resolves once it is. */
  readonly killAt: (senders: readonly Sender[]) => Promise<Sender>;
  /** What it leaves in its hand: of a mail that has gone out nobody else can know that, so it goes out again under its Message-ID. */
  readonly leaves: 'nothing' | 'a mail' | 'a mail that has gone out';
}

async function kill(sender: Sender): Promise<Sender> {
  sender.running.child.kill('SIGKILL');
  await sender.running.ended;
  return sender;
}

/** Between a statement and what follows it: before that has left, or before its answer has come. */
function onTheWire(text: string, what: 'message' | 'answer') {
  return (senders: readonly Sender[]) =>
    new Promise<Sender>((resolve, reject) => {
      let first: Sender | null = null;
      for (const sender of senders) {
        void sender.wire
          .holdAfter(text, what)
          .then((letGo) => {
            if (first === null) {
              first = sender;
              return kill(sender).then(resolve);
            }
            return letGo();
          })
          .catch(reject);
      }
    });
}

/** In the conversation with the mail server. */
function atTheMailServer(where: 'MAIL FROM' | 'RCPT TO' | 'its answer') {
  return (senders: readonly Sender[]) =>
    new Promise<Sender>((resolve, reject) => {
      let first: Sender | null = null;
      for (const sender of senders) {
        const { rules } = sender.mailServer;
        const killFirst = async () => {
          if (first !== null) return;
          first = sender;
          await kill(sender).then(resolve, reject);
        };
        rules.decide = async (_mail, command): Promise<Treatment> => {
          if (command === where) await killFirst();
          return 'take';
        };
        rules.beforeReply = () => (where === 'its answer' ? killFirst() : undefined);
      }
    });
}

const GATHER = 'pg_try_advisory_xact_lock';
const READ = 'inner join "changes" on "changes"."change_id" = "outbox"."change_id"';
const MOVE = 'insert into mails (mail_id, partner_id, next_attempt_at)';
const CLAIM = 'update "mails" set "lease"';
const READ_CLAIMED = 'from "mail_notices" inner join';
const SETTLE = 'update "mails" set "state"';

const STEPS: readonly Step[] = [
  { name: 'before it looks for what is owed', killAt: onTheWire(GATHER, 'message'), leaves: 'nothing' },
  { name: 'before it makes mails', killAt: onTheWire(READ, 'message'), leaves: 'nothing' },
  { name: 'before it hears of mails made', killAt: onTheWire(READ, 'answer'), leaves: 'nothing' },
  { name: 'before it commits mails made', killAt: onTheWire(MOVE, 'message'), leaves: 'nothing' },
  { name: 'before it hears of mails committed', killAt: onTheWire(MOVE, 'answer'), leaves: 'nothing' },
  { name: 'before it reads the mail it takes', killAt: onTheWire(CLAIM, 'message'), leaves: 'nothing' },
  { name: 'before it commits the taking', killAt: onTheWire(READ_CLAIMED, 'message'), leaves: 'nothing' },
  { name: 'before it hears of the taking', killAt: onTheWire(READ_CLAIMED, 'answer'), leaves: 'a mail' },
  { name: 'before it names the recipient', killAt: atTheMailServer('MAIL FROM'), leaves: 'a mail' },
  { name: 'before it sends the mail', killAt: atTheMailServer('RCPT TO'), leaves: 'a mail' },
  {
    name: 'before it hears that it is sent',
    killAt: atTheMailServer('its answer'),
    leaves: 'a mail that has gone out',
  },
  { name: 'before it commits it as sent', killAt: onTheWire(SETTLE, 'message'), leaves: 'a mail that has gone out' },
  { name: 'before it hears of it as sent', killAt: onTheWire(SETTLE, 'answer'), leaves: 'nothing' },
];

const CHANGES = 230;

describe.runIf(databases.some(({ name }) => name === 'PostgreSQL'))('of three processes at one database', () => {
  let main: string;
  let disposeBuild: () => Promise<void>;
  let folder: string;
  let world: World;
  let senders: Sender[] = [];
  const running: Running[] = [];

  beforeAll(async () => {
    const [kind] = databases.filter(({ name }) => name === 'PostgreSQL');
    if (kind === undefined) throw new Error('This is about a server.');
    ({ main, dispose: disposeBuild } = await buildCommand());
    folder = await mkdtemp(path.join(tmpdir(), 'por-told-'));
    world = await openWorld(kind);
    await world.load({
      partners: [
        { ...FABRIKAM, mail: 'alliances@fabrikam.example' },
        { ...NORTHWIND, mail: 'partners@northwind.example' },
      ],
    });
  });
  afterAll(async () => {
    await killAll(running);
    for (const { wire, mailServer } of senders) {
      await wire.close();
      await mailServer.close();
    }
    await world.close();
    await disposeBuild();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(): Promise<Sender> {
    const url = new URL(serverUrlOf(world.location));
    const wire = await openWire(targetOf(url));
    const mailServer = await startMailServer();
    const process = start(main, ['serve'], {
      DATABASE_URL: `postgres://postgres@127.0.0.1:${wire.port}${url.pathname}`,
      DATA_DIR: path.join(folder, randomUUID()),
      SMTP_URL: mailServer.url,
      MAIL_FROM: 'partner-of-record@service.example',
    });
    running.push(process);
    await process.event('listening');
    return { running: process, wire, mailServer };
  }

  const countWaiting = async (table: 'mails' | 'outbox') => {
    const rows = await world.database.db.selectFrom(table).where('state', '=', 'waiting').select('mail_id').execute();
    return rows.length;
  };

  const someSubscriptions = async (count: number) => {
    const ids = Array.from({ length: count }, () => randomUUID());
    await world.load({ subscriptions: ids.map((subscriptionId) => aSubscription({ subscriptionId })) });
    return ids;
  };

  it.each(STEPS)('one is killed $name, and each change is told once', async ({ killAt, leaves }) => {
    while (senders.length < 3) senders.push(await open());
    const servers = senders.map(({ mailServer }) => mailServer);
    const ids = await someSubscriptions(CHANGES);
    const killed = killAt(senders);
    const at = sql<Date>`now() - interval '10 minutes'`;
    await world.database.transaction(async (trx) => {
      await oweNotices({ db: trx }, { subscriptions: ids, partner: FABRIKAM, at });
      await oweNotices({ db: trx }, { subscriptions: ids, partner: NORTHWIND, direction: 'lost', at });
    });
    const dead = await killed;
    // The living do all but what the dead one had in hand.
    await expect.poll(() => countWaiting('outbox')).toBe(0);
    await expect.poll(() => countWaiting('mails')).toBe(leaves === 'nothing' ? 0 : 1);
    // As if the dead process's lease had ended.
    await world.database.db
      .updateTable('mails')
      .set({ next_attempt_at: sql<Date>`now()` })
      .where('state', '=', 'waiting')
      .execute();
    await expect.poll(() => countWaiting('mails')).toBe(0);

    const received = servers.flatMap((server) => server.received.splice(0));
    const byId = new Map(received.map((mail) => [mail.mail.messageId, mail]));
    const told = (recipient: string) =>
      [...byId.values()]
        .filter(({ recipients }) => recipients.includes(recipient))
        .flatMap(subscriptionsIn)
        .toSorted();
    expect(told('alliances@fabrikam.example')).toEqual(ids.toSorted());
    expect(told('partners@northwind.example')).toEqual(ids.toSorted());
    expect(byId.size).toBe(4);
    expect(received).toHaveLength(leaves === 'a mail that has gone out' ? 5 : 4);

    senders = senders.filter((sender) => sender !== dead);
    await dead.wire.close();
    await dead.mailServer.close();
    for (const { mailServer } of senders) {
      mailServer.rules.decide = () => 'take';
      mailServer.rules.beforeReply = () => undefined;
    }
  });
});
