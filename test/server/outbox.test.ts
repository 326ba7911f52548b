import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseLost } from '../../server/src/database/away';
import { type Delivery, openDelivery } from '../../server/src/mail/delivery';
import type { Letterhead } from '../../server/src/mail/letterhead';
import { claimMail, countUnsentMails, giveBackMail, retryMails, settleMail } from '../../server/src/mail/outbox';
import { delayAfter, sendMails, sendNextMail } from '../../server/src/mail/sender';
import { measure } from '../../server/src/metrics';
import { ENGLISH } from '../../server/words/english';
import { wordsOf } from '../../server/words/words';
import { databases } from './support/databases';
import { type MailServer, startMailServer } from './support/mail-server';
import { oweMails, statesOfMails } from './support/mails';
import { ADMIN, FABRIKAM, NORTHWIND, openWorld, UMLAUT, type World } from './support/world';

const FROM = 'partner-of-record@service.example';
const FABRIKAM_MAIL = 'alliances@fabrikam.example';
const NORTHWIND_MAIL = 'partners@northwind.example';
const NEVER = new AbortController().signal;
const LETTERHEAD: Letterhead = {
  organization: 'Contoso Größe',
  contact: { kind: 'mail', text: 'desk@contoso.example', href: 'mailto:desk@contoso.example' },
  partnerPageUrl: 'https://por.contoso.example/partner',
};

describe.each(databases)('mails to partners, on $name', (kind) => {
  let world: World;
  let mailServer: MailServer;
  let delivery: Delivery;
  const log: Record<string, unknown>[] = [];
  const note = (facts: unknown) => log.push({ ...(typeof facts === 'object' ? facts : {}) });
  const logger = { info: note, warn: note, error: note };

  beforeAll(async () => {
    world = await openWorld(kind);
    await world.load({
      partners: [
        { ...FABRIKAM, mail: FABRIKAM_MAIL },
        { ...NORTHWIND, mail: NORTHWIND_MAIL },
      ],
    });
  });
  afterAll(async () => {
    await world.close();
  });
  beforeEach(async () => {
    mailServer = await startMailServer();
    delivery = openDelivery({ kind: 'server', url: mailServer.url, from: FROM });
    log.length = 0;
  });
  afterEach(async () => {
    delivery.close();
    await mailServer.close();
    await world.database.db.deleteFrom('outbox').execute();
  });

  const words = wordsOf(ENGLISH, null);
  const parts = () => ({
    database: world.database,
    delivery,
    from: FROM,
    words,
    letterhead: LETTERHEAD,
    log: logger,
  });

  /** Sends until nothing is due any more. */
  async function sendAll(): Promise<void> {
    while (await sendNextMail(parts(), NEVER));
  }

  /** As if the time until the next attempts had passed. */
  async function passTime(): Promise<void> {
    await world.database.db.updateTable('outbox').set({ next_attempt_at: sql<Date>`now()` }).execute();
  }

  async function outbox() {
    return world.database.db.selectFrom('outbox').orderBy('sequence').selectAll().execute();
  }

  async function change(id: string, partnerId: string | null, wish: { ifMatch?: string; key?: string } = {}) {
    const url = `/v1/subscriptions/${id}`;
    const headers = world.authorization(ADMIN);
    const { etag } = (await world.service.app.inject({ url, headers })).json();
    return world.service.app.inject({
      method: partnerId === null ? 'DELETE' : 'PUT',
      url: `${url}/partnerOfRecord`,
      headers: { ...headers, 'if-match': wish.ifMatch ?? etag, 'idempotency-key': wish.key ?? randomUUID() },
      ...(partnerId !== null && { payload: { partnerId } }),
    });
  }

  it('tells the new partner, on a change the old one too, and the old one of a removal', async () => {
    const id = await world.subscription({ displayName: 'Web shop' });
    const told = async () => {
      await sendAll();
      return mailServer.received.splice(0).map(({ recipients, mail }) => [recipients, mail.subject]);
    };
    await change(id, FABRIKAM.partnerId);
    expect(await told()).toEqual([[[FABRIKAM_MAIL], 'You are now the partner of record: Web shop, Contoso Ltd']]);
    await change(id, NORTHWIND.partnerId);
    expect(await told()).toEqual([
      [[NORTHWIND_MAIL], 'You are now the partner of record: Web shop, Contoso Ltd'],
      [[FABRIKAM_MAIL], 'You are no longer the partner of record: Web shop, Contoso Ltd'],
    ]);
    await change(id, null);
    expect(await told()).toEqual([
      [[NORTHWIND_MAIL], 'You are no longer the partner of record: Web shop, Contoso Ltd'],
    ]);
  });

  it('sends nothing for what has no effect', async () => {
    const id = await world.subscription();
    await change(id, FABRIKAM.partnerId);
    expect(await outbox()).toHaveLength(1);

    expect((await change(id, FABRIKAM.partnerId)).statusCode).toBe(200);
    expect((await change(id, NORTHWIND.partnerId, { ifMatch: '"stale"' })).statusCode).toBe(412);
    expect((await change(id, '8888888')).statusCode).toBe(404);
    const reader = await world.subscription({ role: 'Reader' });
    expect((await change(reader, FABRIKAM.partnerId)).statusCode).toBe(403);
    const free = await world.subscription();
    expect((await change(free, null)).statusCode).toBe(200);
    await world.subscription({
      partnerOfRecord: { partnerId: FABRIKAM.partnerId, assignedAt: '2025-02-01T00:00:00Z', assignedBy: 'Import' },
    });
    expect(await outbox()).toHaveLength(1);
  });

  it('sends nothing again for a change that is asked for again with its key', async () => {
    const id = await world.subscription();
    const { etag } = (
      await world.service.app.inject({ url: `/v1/subscriptions/${id}`, headers: world.authorization(ADMIN) })
    ).json();
    const key = randomUUID();
    for (let time = 0; time < 3; time++) {
      expect((await change(id, FABRIKAM.partnerId, { key, ifMatch: etag })).statusCode).toBe(200);
    }
    expect(await outbox()).toHaveLength(1);
  });

  it('says who, what and when in both kinds of text, and the IDs in headers, under a Message-ID of its own', async () => {
    const id = await world.subscription({ displayName: 'Field service' });
    const answer = await change(id, FABRIKAM.partnerId);
    await sendAll();
    const [row] = await outbox();
    const [received] = mailServer.received;
    expect(received?.mail).toMatchObject({
      from: { name: 'Contoso Größe (Partner of record)', address: FROM },
      replyTo: [{ address: 'desk@contoso.example' }],
      to: [{ name: FABRIKAM.name, address: FABRIKAM_MAIL }],
      messageId: `<${row?.mail_id}@service.example>`,
      date: world.time.now.toISOString(),
    });
    const headers = Object.fromEntries((received?.mail.headers ?? []).map(({ key, value }) => [key, value]));
    expect(headers).toMatchObject({
      'auto-submitted': 'auto-generated',
      'content-type': expect.stringMatching(/^multipart\/alternative;/),
      'x-partner-of-record-event': 'assigned',
      'x-partner-of-record-partner-id': FABRIKAM.partnerId,
      'x-partner-of-record-customer-id': 'contoso',
      'x-partner-of-record-subscription-id': id,
      'x-partner-of-record-request-id': answer.headers['x-request-id'],
    });
    expect(received?.raw.match(/^Content-Type: text\/.*$/gm)).toEqual([
      'Content-Type: text/plain; charset=utf-8',
      'Content-Type: text/html; charset=utf-8',
    ]);
    // Names keep their own direction.
    const html = String(received?.mail.html).replaceAll(/<\/?bdi>/g, '');
    for (const text of [received?.mail.text, html]) {
      for (const part of ['Contoso Ltd', 'Field service', 'Ada Admin', 'From now on you can see:', id]) {
        expect(text).toContain(part);
      }
      expect(text).toContain('1 March 2026 at 12:00 UTC');
      expect(text).toContain('https://por.contoso.example/partner');
    }
    expect(row).toMatchObject({ state: 'sent', attempts: 1, last_error: null });
  });

  it('lets no name reach into the headers, add a recipient or begin a new part', async () => {
    const attack = 'X\r\nBcc: victim@example.com\r\nContent-Type: text/html\r\n\r\n<b>owned</b>, <victim@example.com>';
    await world.load({
      partners: [{ ...UMLAUT, name: `${UMLAUT.name}${attack}`, mail: 'post@umlaut.example' }],
      customers: [{ id: 'contoso', name: `Contoso${attack}` }],
    });
    const id = await world.subscription({ displayName: `Production${attack}` });
    await change(id, UMLAUT.partnerId);
    await sendAll();
    await world.load({ customers: [{ id: 'contoso', name: 'Contoso Ltd' }] });

    const [received] = mailServer.received;
    expect(received?.recipients).toEqual(['post@umlaut.example']);
    expect(received?.mail.headers.map(({ key }) => key).toSorted()).toEqual([
      'auto-submitted',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'reply-to',
      'subject',
      'to',
      'x-partner-of-record-customer-id',
      'x-partner-of-record-event',
      'x-partner-of-record-partner-id',
      'x-partner-of-record-request-id',
      'x-partner-of-record-subscription-id',
    ]);
    expect(received?.mail.to).toEqual([
      { name: expect.stringContaining('[U+000D][U+000A]Bcc: victim@example.com'), address: 'post@umlaut.example' },
    ]);
    expect(received?.mail.subject).toContain('[U+000D][U+000A]Bcc: victim@example.com');
    expect([...(received?.mail.subject ?? '')].length).toBeLessThanOrEqual(150);
    expect(received?.mail.html).not.toContain('<b>');
  });

  it('keeps an address out that could be more than one', async () => {
    for (const mail of ['a@b.example\r\nBcc: c@d.example', 'a@b.example,c@d.example', 'A <a@b.example>', '']) {
      await expect(world.load({ partners: [{ ...FABRIKAM, mail }] })).rejects.toThrow('A mail address is written like');
    }
  });

  it.each(['MAIL FROM', 'RCPT TO', 'DATA'] as const)(
    'tries again later when %s is refused for now, and then sends the same mail',
    async (refuse) => {
      const id = await world.subscription();
      await change(id, FABRIKAM.partnerId);
      mailServer.rules.decide = () => ({ refuse, code: 451 });
      await sendAll();
      expect(await outbox()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
      const [row] = await outbox();
      expect(log).toMatchObject([{ event: 'mail', state: 'waiting', error: expect.stringContaining('451') }]);

      mailServer.rules.decide = () => 'take';
      await sendAll();
      expect(mailServer.received).toEqual([]);
      await passTime();
      await sendAll();
      expect(mailServer.received.map(({ mail }) => mail.messageId)).toEqual([row?.message_id]);
      expect(await statesOfMails(world.database)).toEqual(['sent']);
    },
  );

  it.each(['RCPT TO', 'DATA'] as const)(
    'gives a mail up that the server refuses for good at %s, keeps it, and sends it once told to',
    async (refuse) => {
      const id = await world.subscription();
      await change(id, FABRIKAM.partnerId);
      mailServer.rules.decide = () => ({ refuse, code: 550 });
      await sendAll();
      expect(log).toMatchObject([{ state: 'failed', partnerId: FABRIKAM.partnerId, subscriptionId: id }]);
      expect(await outbox()).toMatchObject([{ state: 'failed', last_error: expect.stringContaining('550') }]);
      mailServer.rules.decide = () => 'take';
      await passTime();
      await sendAll();
      expect(mailServer.received).toEqual([]);
      expect(await countUnsentMails(world.database.db)).toEqual({ waiting: 0, failed: 1, undeliverable: 0 });
      const metrics = await measure(Fastify(), world.database).metrics();
      expect(metrics).toContain('mails_not_sent{state="failed"} 1');

      expect(await retryMails(world.database.db)).toBe(1);
      await sendAll();
      expect(mailServer.received).toHaveLength(1);
    },
  );

  it('does not blame a mail for what is wrong with the sender', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    mailServer.rules.decide = () => ({ refuse: 'MAIL FROM', code: 550 });
    await sendAll();
    expect(await outbox()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
  });

  it('sends the others when the server refuses one', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    await change(await world.subscription(), NORTHWIND.partnerId);
    mailServer.rules.decide = ({ recipients }) =>
      recipients.includes(FABRIKAM_MAIL) ? { refuse: 'RCPT TO', code: 450 } : 'take';
    await sendAll();
    expect(mailServer.received.map(({ recipients }) => recipients)).toEqual([[NORTHWIND_MAIL]]);
    expect(await statesOfMails(world.database)).toEqual(['waiting', 'sent']);
    expect(await countUnsentMails(world.database.db)).toEqual({ waiting: 1, failed: 0, undeliverable: 0 });
  });

  it('sends a mail once when the connection broke in its midst, by itself only after the delay', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    mailServer.rules.decide = () => ({ die: 'inData' });
    await sendAll();
    expect(await outbox()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
    mailServer.rules.decide = () => 'take';
    await passTime();
    await sendAll();
    expect(mailServer.received).toHaveLength(1);
  });

  it('sends a mail twice, and knowably the same, only when the answer to it was lost', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    mailServer.rules.decide = () => ({ die: 'beforeReply' });
    await sendAll();
    expect(mailServer.received).toHaveLength(1);
    mailServer.rules.decide = () => 'take';
    await passTime();
    await sendAll();
    await passTime();
    await sendAll();
    const ids = mailServer.received.map(({ mail }) => mail.messageId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('waits for a server that is not there, and sends when it is', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    const away = openDelivery({ kind: 'server', url: 'smtp://127.0.0.1:1', from: FROM });
    await sendNextMail({ ...parts(), delivery: away }, NEVER);
    expect(await outbox()).toMatchObject([{ state: 'waiting', last_error: expect.stringContaining('ECONNREFUSED') }]);
    await passTime();
    await sendAll();
    expect(mailServer.received).toHaveLength(1);
  });

  it('sends nothing unencrypted to a server that is not on this machine, unless told to', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    // An address of this machine that the service does not take for one.
    const elsewhere = await startMailServer('127.0.0.2');
    const sendTo = async (url: string) => {
      const plain = openDelivery({ kind: 'server', url, from: FROM });
      await sendNextMail({ ...parts(), delivery: plain }, NEVER);
      plain.close();
    };
    await sendTo(elsewhere.url);
    expect(elsewhere.received).toEqual([]);
    expect(await outbox()).toMatchObject([{ state: 'waiting', last_error: expect.stringContaining('STARTTLS') }]);
    await passTime();
    await sendTo(`${elsewhere.url}?requireTLS=false`);
    expect(elsewhere.received).toHaveLength(1);
    await elsewhere.close();
  });

  it('tells once that a partner has no address, and sends when it has one', async () => {
    await world.load({ partners: [FABRIKAM] });
    await change(await world.subscription(), FABRIKAM.partnerId);
    await sendAll();
    await passTime();
    await sendAll();
    expect(log).toMatchObject([{ state: 'undeliverable', partnerId: FABRIKAM.partnerId }]);
    expect(await statesOfMails(world.database)).toEqual(['undeliverable']);

    await world.load({ partners: [{ ...FABRIKAM, mail: FABRIKAM_MAIL }] });
    await retryMails(world.database.db);
    await sendAll();
    expect(mailServer.received.map(({ recipients }) => recipients)).toEqual([[FABRIKAM_MAIL]]);
  });

  it('leaves a mail in hand to whoever has it until its lease ends, and then to the next', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    const first = await claimMail(world.database, 'service.example', 60);
    expect(await claimMail(world.database, 'service.example', 60)).toBeNull();
    await passTime();
    const second = await claimMail(world.database, 'elsewhere.example', 60);
    if (first === null || second === null) throw new Error('There was a mail to claim.');
    expect(second).toMatchObject({ mailId: first.mailId, messageId: first.messageId, attempts: 2 });
    expect(await settleMail(world.database.db, first, { state: 'failed', error: 'too late' })).toBe(false);
    expect(await settleMail(world.database.db, second, { state: 'sent' })).toBe(true);
    expect(await outbox()).toMatchObject([{ state: 'sent' }]);
  });

  it('is due again at once when the answer to its claim was lost, and stays in hand when it was not', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    const [lost, another] = [randomUUID(), randomUUID()];
    await claimMail(world.database, 'service.example', 60, lost);
    await giveBackMail(world.database, another);
    expect(await claimMail(world.database, 'service.example', 60)).toBeNull();
    await giveBackMail(world.database, lost);
    const again = await claimMail(world.database, 'service.example', 60, another);
    expect(again).toMatchObject({ attempts: 2 });
    // Too late: by now somebody else has it.
    await giveBackMail(world.database, lost);
    expect(await claimMail(world.database, 'service.example', 60)).toBeNull();
  });

  it('is written down as sent a second time when the answer to the first was lost, and not gone out twice for that', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    const mail = await claimMail(world.database, 'service.example', 60);
    if (mail === null) throw new Error('There was a mail to claim.');
    expect(await settleMail(world.database.db, mail, { state: 'sent' })).toBe(true);
    expect(await settleMail(world.database.db, mail, { state: 'sent' })).toBe(true);
    await passTime();
    await sendAll();
    expect(mailServer.received).toEqual([]);
  });

  it('goes out by a sender whose claim was made and its answer lost, long before the lease ends', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    const stopping = new AbortController();
    mailServer.rules.beforeReply = () => stopping.abort();
    let claims = 0;
    const deaf: typeof world.database = {
      ...world.database,
      transactionAside: async (work) => {
        const answer = await world.database.transactionAside(work);
        if (++claims === 1) throw new DatabaseLost('The answer never came.');
        return answer;
      },
    };
    await sendMails({ ...parts(), database: deaf }, stopping.signal);
    expect(mailServer.received).toHaveLength(1);
    expect(await statesOfMails(world.database)).toEqual(['sent']);
  });

  it('waits longer after each attempt, up to an hour, by the clock of the database', async () => {
    for (let attempts = 1; attempts < 100; attempts++) {
      const longest = Math.min(15 * 2 ** (attempts - 1), 3600);
      expect(delayAfter(attempts)).toBeGreaterThanOrEqual(longest * 0.75);
      expect(delayAfter(attempts)).toBeLessThanOrEqual(longest);
    }
    await change(await world.subscription(), FABRIKAM.partnerId);
    mailServer.rules.decide = () => ({ refuse: 'DATA', code: 451 });
    await sendAll();
    const { seconds } = await world.database.db
      .selectFrom('outbox')
      .select(sql<string>`extract(epoch from next_attempt_at - now())`.as('seconds'))
      .executeTakeFirstOrThrow();
    expect(Number(seconds)).toBeGreaterThan(5);
    expect(Number(seconds)).toBeLessThanOrEqual(15);
  });

  it('finishes the mail in hand when told to stop, and takes up no other', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    await change(await world.subscription(), FABRIKAM.partnerId);
    const stopping = new AbortController();
    mailServer.rules.beforeReply = () => stopping.abort();
    await sendMails(parts(), stopping.signal);
    expect(mailServer.received).toHaveLength(1);
    expect(await statesOfMails(world.database)).toEqual(['sent', 'waiting']);
  });

  it('shares 200 mails between two senders and sends each once', async () => {
    await oweMails(world.database, await world.subscription(), FABRIKAM, 200);
    const second = openDelivery({ kind: 'server', url: mailServer.url, from: FROM });
    const stopping = new AbortController();
    mailServer.rules.beforeReply = () => {
      if (mailServer.received.length === 200) stopping.abort();
    };
    const shares = [0, 0];
    const counting = (index: 0 | 1) => ({
      ...logger,
      info: () => {
        shares[index] = (shares[index] ?? 0) + 1;
      },
    });
    await Promise.all([
      sendMails({ ...parts(), log: counting(0) }, stopping.signal),
      sendMails({ ...parts(), delivery: second, log: counting(1) }, stopping.signal),
    ]);
    second.close();
    await sendAll();
    expect(new Set(mailServer.received.map(({ mail }) => mail.messageId)).size).toBe(200);
    expect(mailServer.received).toHaveLength(200);
    for (const share of shares) expect(share).toBeGreaterThan(20);
    expect(await statesOfMails(world.database)).toEqual(Array.from({ length: 200 }, () => 'sent'));
  });
});
