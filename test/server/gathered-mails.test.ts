import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../server/src/database/database';
import { type Delivery, openDelivery } from '../../server/src/mail/delivery';
import { claimMail, countUnsentMails, retryMails } from '../../server/src/mail/mails-repository';
import { gatherMails } from '../../server/src/mail/outbox-repository';
import { sendMails, sendNextMail } from '../../server/src/mail/sender';
import { buildService } from '../../server/src/service';
import { ENGLISH } from '../../server/words/english';
import { wordsOf } from '../../server/words/words';
import { databases } from './support/databases';
import { aSubscription, type SubscriptionInput } from './support/directory';
import { openMailClock, STANDING } from './support/mail-clock';
import { type MailServer, startMailServer } from './support/mail-server';
import { oweNotices, statesOfMails, subscriptionsIn } from './support/mails';
import { ADMIN, FABRIKAM, NORTHWIND, openWorld, type World } from './support/world';

const FROM = 'partner-of-record@service.example';
const MAIL_OF = new Map([
  [FABRIKAM, 'alliances@fabrikam.example'],
  [NORTHWIND, 'partners@northwind.example'],
]);
const NEVER = new AbortController().signal;
const SECOND_MS = 1000;
const A_MINUTE = { longestWaitSeconds: 60 };
const AT_ONCE = { longestWaitSeconds: 0 };
const NOW = { gained: 'You are now', lost: 'You are no longer' };

describe.each(databases)('mails that tell of many changes, on $name', (kind) => {
  let world: World;
  let mailServer: MailServer;
  let delivery: Delivery;
  let time: ReturnType<typeof openMailClock>;

  beforeAll(async () => {
    world = await openWorld(kind);
    await world.load({ partners: [...MAIL_OF].map(([partner, mail]) => ({ ...partner, mail })) });
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    mailServer = await startMailServer();
    delivery = openDelivery({ kind: 'server', url: mailServer.url, encryption: { kind: 'none' }, from: FROM });
    time = openMailClock(STANDING);
  });
  afterEach(async () => {
    delivery.close();
    await mailServer.close();
    for (const table of ['mail_notices', 'mails', 'outbox'] as const) {
      await world.database.db.deleteFrom(table).execute();
    }
  });

  const unheard = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const parts = () => ({
    database: time.watched(world.database),
    delivery,
    from: FROM,
    words: wordsOf(ENGLISH, null),
    letterhead: {
      organization: 'Contoso',
      contact: { kind: 'words', text: 'Service desk' } as const,
      partnerPageUrl: 'https://por.contoso.example/partner',
    },
    gathering: A_MINUTE,
    log: unheard,
    clock: time.clock,
  });

  async function sendAll(gathering = A_MINUTE): Promise<void> {
    while (await sendNextMail({ ...parts(), gathering }, NEVER));
  }

  const owe = (subscriptions: readonly string[], partner = FABRIKAM, direction: keyof typeof NOW = 'gained') =>
    oweNotices(world.database, { subscriptions, partner, direction, at: time.clock.now() });

  const someSubscriptions = async (count: number, partnerOfRecord?: SubscriptionInput['partnerOfRecord']) => {
    const ids = Array.from({ length: count }, () => randomUUID());
    await world.load({
      subscriptions: ids.map((subscriptionId) =>
        aSubscription({
          subscriptionId,
          displayName: 'Production',
          roles: { [ADMIN]: 'AccountAdministrator' },
          ...(partnerOfRecord && { partnerOfRecord }),
        }),
      ),
    });
    return ids;
  };

  /** What came to a partner of one direction, mail by mail. */
  const cameTo = (partner: typeof FABRIKAM, direction: keyof typeof NOW) =>
    mailServer.received
      .filter(({ recipients }) => recipients.includes(MAIL_OF.get(partner) ?? ''))
      .filter(({ mail }) => String(mail.text).includes(NOW[direction]))
      .map(subscriptionsIn);

  /** Sends as two processes do that share a database, while the work is done and until so many changes are told. */
  async function sendWhile(count: number, work: () => Promise<void>): Promise<void> {
    const over = new AbortController();
    const other = openDelivery({ kind: 'server', url: mailServer.url, encryption: { kind: 'none' }, from: FROM });
    const sending = Promise.all([
      sendMails(parts(), over.signal),
      sendMails({ ...parts(), delivery: other }, over.signal),
    ]);
    await work();
    await time.pass(62 * SECOND_MS);
    const told = () => mailServer.received.reduce((sum, mail) => sum + subscriptionsIn(mail).length, 0);
    await expect.poll(told, { timeout: 60_000 }).toBe(count);
    over.abort();
    await sending;
    other.close();
  }

  it('are six at most for each partner and direction when 1,000 are changed, four at a time, and put back', async () => {
    const ids = await someSubscriptions(1000);
    const changeAll = async (from: typeof FABRIKAM, to: typeof FABRIKAM) => {
      for (let at = 0; at < ids.length; at += 4) {
        const changed = ids.slice(at, at + 4);
        await owe(changed, to);
        await owe(changed, from, 'lost');
        await time.pass(160);
      }
    };
    await sendWhile(4000, async () => {
      await changeAll(FABRIKAM, NORTHWIND);
      await changeAll(NORTHWIND, FABRIKAM);
    });
    for (const partner of [FABRIKAM, NORTHWIND]) {
      for (const direction of ['gained', 'lost'] as const) {
        const mails = cameTo(partner, direction);
        expect(mails.length).toBeLessThanOrEqual(6);
        expect(mails.flat().toSorted()).toEqual(ids.toSorted());
      }
    }
    const subjects = new Set(mailServer.received.map(({ mail }) => mail.subject));
    expect(subjects).toContain('Contoso Ltd: you are now the partner of record for 200 subscriptions');
    expect(subjects).toContain('Contoso Ltd: you are no longer the partner of record for 200 subscriptions');
  });

  it('tell of what callers change at the service, all of a direction in one', async () => {
    const ids = await someSubscriptions(24, {
      partnerId: FABRIKAM.partnerId,
      assignedAt: '2025-02-01T00:00:00Z',
      assignedBy: 'Import',
    });
    const { app } = buildService({ database: time.written(world.database), clock: () => world.time.now });
    const headers = world.authorization(ADMIN);
    const change = async (id: string, partnerId: string) => {
      const url = `/v1/subscriptions/${id}`;
      const { etag } = (await app.inject({ url, headers })).json();
      const answer = await app.inject({
        method: 'PUT',
        url: `${url}/partnerOfRecord`,
        headers: { ...headers, 'if-match': etag, 'idempotency-key': randomUUID() },
        payload: { partnerId },
      });
      expect(answer.statusCode).toBe(200);
    };
    await sendWhile(96, async () => {
      for (const { partnerId } of [NORTHWIND, FABRIKAM]) {
        for (let at = 0; at < ids.length; at += 4) {
          await Promise.all(ids.slice(at, at + 4).map((id) => change(id, partnerId)));
          await time.pass(160);
        }
      }
    });
    await app.close();
    for (const partner of [FABRIKAM, NORTHWIND]) {
      for (const direction of ['gained', 'lost'] as const) {
        expect(cameTo(partner, direction).map((mail) => mail.toSorted())).toEqual([ids.toSorted()]);
      }
    }
  });

  it('leave a change alone to be told within four seconds, as ever', async () => {
    const [id = ''] = await someSubscriptions(1);
    const over = new AbortController();
    const sending = sendMails(parts(), over.signal);
    await time.pass(0);
    await owe([id], FABRIKAM);
    await time.pass(2 * SECOND_MS);
    expect(await statesOfMails(world.database)).toEqual([]);
    await time.pass(2 * SECOND_MS);
    await expect
      .poll(() => mailServer.received.map(({ mail }) => mail.subject))
      .toEqual([`You are now the partner of record: Subscription ${id}, Contoso Ltd`]);
    over.abort();
    await sending;
  });

  it('are two of 201 changes, the second one later', async () => {
    const ids = await someSubscriptions(201);
    await owe(ids, FABRIKAM);
    await sendAll();
    expect(cameTo(FABRIKAM, 'gained')).toEqual([ids.slice(0, 200)]);
    await time.pass(3 * SECOND_MS);
    await sendAll();
    expect(cameTo(FABRIKAM, 'gained')).toEqual([ids.slice(0, 200), ids.slice(200)]);
  });

  it('tell of what was given and taken back before they left, in that order', async () => {
    const ids = await someSubscriptions(30);
    await owe(ids, FABRIKAM);
    await owe(ids.slice(4, 5), FABRIKAM, 'lost');
    await time.pass(4 * SECOND_MS);
    await sendAll();
    expect(mailServer.received.map(({ mail }) => mail.subject)).toEqual([
      'Contoso Ltd: you are now the partner of record for 30 subscriptions',
      `You are no longer the partner of record: Subscription ${ids[4]}, Contoso Ltd`,
    ]);
  });

  it('go to the others while one address is refused, and later to that one with the same changes and Message-ID', async () => {
    const ids = await someSubscriptions(20);
    await owe(ids, FABRIKAM);
    await owe(ids, NORTHWIND);
    const asked: string[] = [];
    mailServer.rules.decide = ({ recipients: [recipient] }, command) => {
      if (command === 'RCPT TO' && recipient !== undefined) asked.push(recipient);
      return recipient === MAIL_OF.get(FABRIKAM) ? { refuse: 'RCPT TO', code: 450 } : 'take';
    };
    await sendAll(AT_ONCE);
    expect(asked).toHaveLength(2);
    expect(cameTo(NORTHWIND, 'gained')).toEqual([ids]);
    expect(await statesOfMails(world.database)).toEqual(['waiting', 'sent']);
    const [refused] = await world.database.db.selectFrom('mails').select('message_id').orderBy('sequence').execute();

    mailServer.rules.decide = () => 'take';
    const more = await someSubscriptions(2);
    await owe(more, FABRIKAM);
    await time.pass(16 * SECOND_MS);
    await sendAll(AT_ONCE);
    expect(cameTo(FABRIKAM, 'gained')).toEqual([ids, more]);
    expect(mailServer.received.map(({ mail }) => mail.messageId)).toContain(refused?.message_id);
  });

  it('are the same again, with all their changes, when the answer to them was lost', async () => {
    const ids = await someSubscriptions(50);
    await owe(ids, FABRIKAM);
    mailServer.rules.decide = () => ({ die: 'beforeReply' });
    await sendAll(AT_ONCE);
    mailServer.rules.decide = () => 'take';
    await owe(await someSubscriptions(1), FABRIKAM);
    await time.pass(16 * SECOND_MS);
    await sendAll();
    expect(mailServer.received).toHaveLength(3);
    const [first, again] = mailServer.received;
    expect([first, again].map((mail) => mail && subscriptionsIn(mail))).toEqual([ids, ids]);
    expect(again?.mail).toMatchObject({ messageId: first?.mail.messageId, date: first?.mail.date });
  });

  it('leave the mails that the version before began to send as they are, and gather those that it did not begin', async () => {
    const ids = await someSubscriptions(5);
    const [begun = '', inHand = '', givenUp = '', ...fresh] = ids;
    await owe(ids, FABRIKAM);
    const begin = (id: string, state: string, seconds: number) =>
      sql`update outbox set state = ${state}, attempts = 2, message_id = ${`<${id}@earlier.example>`}, lease = gen_random_uuid(),
        first_attempt_at = ${time.clock.now()} - interval '1 day', next_attempt_at = ${time.clock.now()} + ${seconds} * interval '1 second'
        where display_name = ${`Subscription ${id}`}`.execute(world.database.db);
    await begin(begun, 'waiting', -1);
    await begin(inHand, 'waiting', 50);
    await begin(givenUp, 'failed', -1);
    expect(await countUnsentMails(world.database.db)).toMatchObject({
      byState: { waiting: 2, failed: 1, undeliverable: 0 },
      noticesInNoMail: 2,
    });
    await sendAll(AT_ONCE);
    expect(mailServer.received.map((mail) => [mail.mail.messageId, subscriptionsIn(mail)])).toEqual([
      [`<${begun}@earlier.example>`, [begun]],
      [expect.stringMatching(/^<[0-9a-f-]{36}@service\.example>$/), fresh],
    ]);
    const [taken] = await world.database.db.selectFrom('mails').selectAll().orderBy('sequence').execute();
    expect(taken).toMatchObject({ state: 'sent', attempts: 3, message_id: `<${begun}@earlier.example>` });

    expect(await retryMails(world.database.db)).toBe(1);
    await time.pass(51 * SECOND_MS);
    await sendAll(AT_ONCE);
    expect(mailServer.received.slice(2).flatMap(subscriptionsIn).toSorted()).toEqual([inHand, givenUp].toSorted());
    expect(await world.database.db.selectFrom('outbox').selectAll().execute()).toEqual([]);
  });

  it('are one for a partner without an address, which is told once it has one', async () => {
    await world.load({ partners: [FABRIKAM] });
    const ids = await someSubscriptions(40);
    await owe(ids, FABRIKAM);
    await sendAll(AT_ONCE);
    expect(await statesOfMails(world.database)).toEqual(['undeliverable']);
    await world.load({ partners: [{ ...FABRIKAM, mail: MAIL_OF.get(FABRIKAM) }] });
    expect(await retryMails(world.database.db)).toBe(1);
    await sendAll(AT_ONCE);
    expect(cameTo(FABRIKAM, 'gained')).toEqual([ids]);
  });

  it('tell of 2,001 changes made at once, each once', async () => {
    const [id = ''] = await someSubscriptions(1);
    await owe(
      Array.from({ length: 2_001 }, () => id),
      FABRIKAM,
    );
    await sendAll();
    await time.pass(3 * SECOND_MS);
    await sendAll();
    const inEach = cameTo(FABRIKAM, 'gained').map(({ length }) => length);
    expect(inEach).toEqual([...Array.from({ length: 10 }, () => 200), 1]);
    expect(new Set(mailServer.received.map(({ mail }) => mail.messageId)).size).toBe(11);
  });

  it.each([
    ['half an hour', '30 minutes'],
    ['a day', '1 day'],
  ])('leave within minutes, and once, when the clock is put back by %s while they gather', async (_name, interval) => {
    const ids = await someSubscriptions(60);
    await owe(ids.slice(0, 40), FABRIKAM);
    await sendAll();
    expect(mailServer.received).toEqual([]);
    const clock = { ...time.clock, now: () => sql<Date>`(${time.clock.now()} - ${interval}::interval)` };
    const turns = async () => {
      while (await sendNextMail({ ...parts(), clock }, NEVER));
    };
    await turns();
    await oweNotices(world.database, { subscriptions: ids.slice(40), partner: FABRIKAM, at: clock.now() });
    for (let minutes = 0; minutes < 3; minutes++) {
      await time.pass(61 * SECOND_MS);
      await turns();
    }
    expect(cameTo(FABRIKAM, 'gained').flat()).toEqual(ids);
    expect(mailServer.received.length).toBeLessThanOrEqual(2);
  });

  it('go to the address that the partner has when they leave, and again to the one it has when they are tried again', async () => {
    const [gathering, later] = ['new@fabrikam.example', 'newest@fabrikam.example'];
    const ids = await someSubscriptions(10);
    await owe(ids, FABRIKAM);
    await sendAll();
    await world.load({ partners: [{ ...FABRIKAM, mail: gathering }] });
    mailServer.rules.decide = () => ({ die: 'beforeReply' });
    await sendAll(AT_ONCE);
    mailServer.rules.decide = () => 'take';
    await world.load({ partners: [{ ...FABRIKAM, mail: later }] });
    await time.pass(16 * SECOND_MS);
    await sendAll();
    expect(mailServer.received.map(({ recipients }) => recipients)).toEqual([[gathering], [later]]);
    expect(mailServer.received.map(subscriptionsIn)).toEqual([ids, ids]);
    expect(new Set(mailServer.received.map(({ mail }) => mail.messageId)).size).toBe(1);
    await world.load({ partners: [{ ...FABRIKAM, mail: MAIL_OF.get(FABRIKAM) }] });
  });

  // The embedded database has one connection, which is never another one's.
  if (kind.name === 'PGlite') return;

  it('are made by one process at a time, which does not keep the others from sending', async () => {
    const ids = await someSubscriptions(250);
    await owe(ids.slice(0, 200), FABRIKAM);
    await gatherMails(world.database, A_MINUTE, time.clock);
    await owe(ids.slice(200), FABRIKAM);
    const beside = await openDatabase(world.location);
    await beside.transaction(async (trx) => {
      await sql`select pg_advisory_xact_lock(7226001916)`.execute(trx);
      expect(await gatherMails(world.database, AT_ONCE, time.clock)).toBe(false);
      await sendAll(AT_ONCE);
    });
    expect(cameTo(FABRIKAM, 'gained')).toEqual([ids.slice(0, 200)]);
    await sendAll(AT_ONCE);
    await beside.close();
    expect(cameTo(FABRIKAM, 'gained')).toEqual([ids.slice(0, 200), ids.slice(200)]);
  });

  it('leave out what a process of the version before takes up at that moment, and nothing else', async () => {
    const ids = await someSubscriptions(10);
    await owe(ids, FABRIKAM);
    const beside = await openDatabase(world.location);
    await beside.transaction(async (trx) => {
      await sql`select 1 from outbox order by sequence limit 1 for update`.execute(trx);
      expect(await gatherMails(world.database, AT_ONCE, time.clock)).toBe(true);
      const claimed = await claimMail(world.database, { domain: 'x', leaseSeconds: 60, clock: time.clock });
      expect(claimed?.notices.map(({ subscription }) => subscription.id)).toEqual(ids.slice(1));
    });
    await beside.close();
    expect(await world.database.db.selectFrom('outbox').select('state').execute()).toEqual([{ state: 'waiting' }]);
  });
});
