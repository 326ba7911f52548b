import { randomUUID } from 'node:crypto';
import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import Fastify from 'fastify';
import { sql } from 'kysely';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseLost } from '../../server/src/database/away';
import { type Delivery, type Encryption, openDelivery, SMTP_LIMITS_MS } from '../../server/src/mail/delivery';
import type { Letterhead } from '../../server/src/mail/letterhead';
import { notTaken } from '../../server/src/mail/not-taken';
import {
  type Claim,
  claimMail,
  countUnsentMails,
  giveBackMail,
  renewLease,
  retryMails,
  settleMail,
} from '../../server/src/mail/mails-repository';
import { gatherMails } from '../../server/src/mail/outbox-repository';
import { delayAfter, sendMails, sendNextMail } from '../../server/src/mail/sender';
import { measure } from '../../server/src/metrics';
import { ENGLISH } from '../../server/words/english';
import { wordsOf } from '../../server/words/words';
import { deferred } from '../support/deferred';
import { databases } from './support/databases';
import { openMailClock } from './support/mail-clock';
import { type MailServer, startMailServer, type Treatment } from './support/mail-server';
import { answersInPairs, oweMails, statesOfMails } from './support/mails';
import { ADMIN, FABRIKAM, NORTHWIND, openWorld, UMLAUT, type World } from './support/world';

const FROM = 'partner-of-record@service.example';
const FABRIKAM_MAIL = 'alliances@fabrikam.example';
const NORTHWIND_MAIL = 'partners@northwind.example';
const NEVER = new AbortController().signal;
/** What is there makes a mail at once: how long it waits for more is the subject of another suite. */
const AT_ONCE = { longestWaitSeconds: 0 };
const LETTERHEAD: Letterhead = {
  organization: 'Contoso Größe',
  contact: {
    kind: 'mail',
    text: 'desk@contoso.example',
    href: 'mailto:desk@contoso.example',
    address: 'desk@contoso.example',
  },
  partnerPageUrl: 'https://por.contoso.example/partner',
};

function deliveryTo(url: string, encryption: Encryption = { kind: 'none' }): Delivery {
  return openDelivery({ kind: 'server', url, encryption, from: FROM });
}

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
    delivery = deliveryTo(mailServer.url);
    log.length = 0;
  });
  afterEach(async () => {
    delivery.close();
    await mailServer.close();
    for (const table of ['mail_notices', 'mails', 'outbox'] as const) {
      await world.database.db.deleteFrom(table).execute();
    }
  });

  const words = wordsOf(ENGLISH, null);
  const parts = () => ({
    database: world.database,
    delivery,
    from: FROM,
    words,
    letterhead: LETTERHEAD,
    gathering: AT_ONCE,
    log: logger,
  });

  /** Sends until nothing is due any more. */
  async function sendAll(): Promise<void> {
    while (await sendNextMail(parts(), NEVER));
  }

  async function claim(wish: Partial<Claim> = {}) {
    await gatherMails(world.database, AT_ONCE, wish.clock);
    return claimMail(world.database, { domain: 'service.example', leaseSeconds: 60, ...wish });
  }

  /** As if the time until the next attempts had passed. */
  async function passTime(): Promise<void> {
    await world.database.db.updateTable('mails').set({ next_attempt_at: sql<Date>`now()` }).execute();
  }

  async function sendTo(url: string, encryption: Encryption, authority: string | null = null): Promise<void> {
    const there = openDelivery({ kind: 'server', url, encryption, from: FROM }, authority);
    await sendNextMail({ ...parts(), delivery: there }, NEVER);
    there.close();
  }

  const owed = () => world.database.db.selectFrom('outbox').selectAll().execute();
  const mails = () => world.database.db.selectFrom('mails').orderBy('sequence').selectAll().execute();

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

  it('leaves nothing of a mail that was sent on the signal that stops the service', async () => {
    const stopping = new AbortController().signal;
    await change(await world.subscription({}), FABRIKAM.partnerId);
    expect(await sendNextMail(parts(), stopping)).toBe(true);
    expect(mailServer.received).toHaveLength(1);
    expect(getEventListeners(stopping, 'abort')).toEqual([]);
  });

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

  it('names by its ID a subscription whose name is blank', async () => {
    const id = await world.subscription({ displayName: ' ' });
    await change(id, FABRIKAM.partnerId);
    await sendAll();
    const [sent] = mailServer.received.splice(0);
    expect(sent?.mail.subject).toBe(`You are now the partner of record: ${id}, Contoso Ltd`);
  });

  it('sends nothing for what has no effect', async () => {
    const id = await world.subscription();
    await change(id, FABRIKAM.partnerId);
    expect(await owed()).toHaveLength(1);

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
    expect(await owed()).toHaveLength(1);
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
    expect(await owed()).toHaveLength(1);
  });

  it('says who, what and when in both kinds of text, and the IDs in headers, under a Message-ID of its own', async () => {
    const id = await world.subscription({ displayName: 'Field service' });
    const answer = await change(id, FABRIKAM.partnerId);
    await sendAll();
    const [row] = await mails();
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

  it('has no line that servers refuse for its length, however a name is written out', async () => {
    const partner = { ...FABRIKAM, name: '\u202E'.repeat(200) };
    await oweMails(world.database, await world.subscription(), partner, 1);
    await sendAll();
    const lines = mailServer.received.flatMap(({ raw }) => raw.split('\r\n'));
    expect(mailServer.received[0]?.mail.to?.[0]?.name).toMatch(/^(\[U\+202E\]){18}/);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998);
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
      expect(await mails()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
      const [row] = await mails();
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

  it('gives a mail up whose recipient the server does not know, keeps it, and sends it once told to', async () => {
    const id = await world.subscription();
    await change(id, FABRIKAM.partnerId);
    mailServer.rules.decide = () => ({ refuse: 'RCPT TO', code: 550, text: '5.1.1 <x>: User unknown' });
    await sendAll();
    expect(log).toMatchObject([
      {
        state: 'failed',
        partnerId: FABRIKAM.partnerId,
        subscriptionId: id,
        smtpCode: 550,
        enhancedCode: '5.1.1',
        command: 'RCPT TO',
        answer: '550 5.1.1 <x>: User unknown',
      },
    ]);
    expect(await mails()).toMatchObject([{ state: 'failed', last_error: expect.stringContaining('User unknown') }]);
    mailServer.rules.decide = () => 'take';
    await passTime();
    await sendAll();
    expect(mailServer.received).toEqual([]);
    expect((await countUnsentMails(world.database.db)).byState).toEqual({ waiting: 0, failed: 1, undeliverable: 0 });
    const metrics = await measure(Fastify(), world.database).metrics();
    expect(metrics).toContain('mails_not_sent{state="failed"} 1');

    expect(await retryMails(world.database.db)).toBe(1);
    await sendAll();
    expect(mailServer.received).toHaveLength(1);
  });

  it.each([
    ['a sender that the server does not like', 'MAIL FROM', 553, '5.1.8 no such domain', 'senderRefused'],
    ['a client that it refuses only now', 'RCPT TO', 554, '5.7.1 Client host rejected', 'recipientRefused'],
    ['a directory that is out of step', 'RCPT TO', 550, '5.4.1 Access denied', 'recipientRefused'],
    ['a wish without an enhanced code', 'RCPT TO', 550, 'not today', 'recipientRefused'],
    ['a code for recipients in a wrong place', 'DATA', 550, '5.1.1 no', 'mailRefused'],
    ['a quota of the relay', 'DATA', 552, '5.2.2 over quota', 'mailRefused'],
  ] as const)('waits after %s, and counts it', async (_what, refuse, code, text, kind) => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    mailServer.rules.decide = () => ({ refuse, code, text });
    await sendAll();
    const command = refuse === 'DATA' ? 'end of DATA' : refuse;
    const enhancedCode = /^5\.\d\.\d/.exec(text)?.[0] ?? null;
    expect(log).toMatchObject([
      { state: 'waiting', kind, smtpCode: code, enhancedCode, command, answer: `${code} ${text}` },
    ]);
    expect(await mails()).toMatchObject([{ state: 'waiting', attempts: 1, answer_kind: kind }]);
    const metrics = await measure(Fastify(), world.database).metrics();
    expect(metrics).toContain(`mails_waiting{answer="${kind}"} 1`);
    expect(metrics).toContain('mails_waiting{answer="none"} 0');
    mailServer.rules.decide = () => 'take';
    await passTime();
    await sendAll();
    expect(mailServer.received).toHaveLength(1);
    expect(await mails()).toMatchObject([{ state: 'sent', answer_kind: null }]);
  });

  it('gives a mail up five days after its first attempt, at a last one, and begins anew once told to', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    mailServer.rules.decide = () => ({ refuse: 'RCPT TO', code: 450, text: '4.7.1 Greylisted' });
    const days = async (count: number) => {
      await world.database.db
        .updateTable('mails')
        .set({ first_attempt_at: sql<Date>`now() - ${count} * interval '1 day'`, attempts: 100 })
        .execute();
      await passTime();
      await sendAll();
      const { rest } = await world.database.db
        .selectFrom('mails')
        .select(sql<string>`extract(epoch from next_attempt_at - first_attempt_at) / 86400`.as('rest'))
        .executeTakeFirstOrThrow();
      return Number(rest);
    };
    await sendAll();
    expect(await days(4.5)).toBeCloseTo(4.5 + 1 / 24, 1);
    expect(await days(4.999)).toBeCloseTo(5, 3);
    expect(await mails()).toMatchObject([{ state: 'waiting' }]);
    await days(5);
    expect(await mails()).toMatchObject([
      { state: 'failed', last_error: expect.stringMatching(/^Given up after five days\. .*450 4\.7\.1 Greylisted/) },
    ]);
    expect(log.at(-1)).toMatchObject({ state: 'failed', smtpCode: 450, enhancedCode: '4.7.1' });

    await retryMails(world.database.db);
    expect(await mails()).toMatchObject([{ state: 'waiting', attempts: 0, first_attempt_at: null, answer_kind: null }]);
    await sendAll();
    expect(await mails()).toMatchObject([{ state: 'waiting', attempts: 1, first_attempt_at: expect.any(Date) }]);
  });

  it('sends the others when the server refuses one', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    await change(await world.subscription(), NORTHWIND.partnerId);
    mailServer.rules.decide = ({ recipients }) =>
      recipients.includes(FABRIKAM_MAIL) ? { refuse: 'RCPT TO', code: 450 } : 'take';
    await sendAll();
    expect(mailServer.received.map(({ recipients }) => recipients)).toEqual([[NORTHWIND_MAIL]]);
    expect(await statesOfMails(world.database)).toEqual(['waiting', 'sent']);
    expect((await countUnsentMails(world.database.db)).byState).toEqual({ waiting: 1, failed: 0, undeliverable: 0 });
  });

  it('sends a mail once when the connection broke in its midst, by itself only after the delay', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    mailServer.rules.decide = () => ({ die: 'inData' });
    await sendAll();
    expect(await mails()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
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
    const away = deliveryTo('smtp://127.0.0.1:1');
    await sendNextMail({ ...parts(), delivery: away }, NEVER);
    expect(await mails()).toMatchObject([{ state: 'waiting', last_error: expect.stringContaining('ECONNREFUSED') }]);
    await passTime();
    await sendAll();
    expect(mailServer.received).toHaveLength(1);
  });

  it('sends nothing unencrypted to a server that is not on this machine, unless told to', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    // An address of this machine that the service does not take for one.
    const elsewhere = await startMailServer({ host: '127.0.0.2' });
    await sendTo(elsewhere.url, { kind: 'verified', authorityFile: null });
    await passTime();
    await sendTo(elsewhere.url, { kind: 'unverified' });
    expect(elsewhere.received).toEqual([]);
    expect(await mails()).toMatchObject([{ state: 'waiting', answer_kind: 'notEncrypted', attempts: 2 }]);
    await passTime();
    await sendTo(elsewhere.url, { kind: 'none' });
    expect(elsewhere.received).toHaveLength(1);
    await elsewhere.close();
  });

  it('counts a server that breaks off in the change to TLS among those that cannot be encrypted', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('220 here\r\n');
      socket.on('data', (chunk) => {
        if (chunk.toString().startsWith('EHLO')) socket.write('250-here\r\n250 STARTTLS\r\n');
        else socket.end('220 go\r\n');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await sendTo(`smtp://127.0.0.1:${port}`, { kind: 'unverified' });
    expect(log).toMatchObject([{ state: 'waiting', kind: 'notEncrypted' }]);
    server.close();
  });

  it('sends to a server whose certificate it trusts, or need not trust, and waits where it is to and does not', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'mail.example.com' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const postfix = await startMailServer({ certificate: { key, cert } });
    const url = postfix.url.replace('127.0.0.1', 'localhost');
    await change(await world.subscription(), FABRIKAM.partnerId);
    await sendTo(url, { kind: 'verified', authorityFile: null });
    expect(postfix.received).toEqual([]);
    expect(await mails()).toMatchObject([
      { state: 'waiting', answer_kind: 'certificate', last_error: expect.stringContaining('SMTP_CA_FILE') },
    ]);
    await passTime();
    // The right authority, and a name that is not in the certificate.
    await sendTo(postfix.url, { kind: 'verified', authorityFile: 'ca.pem' }, cert);
    expect(await mails()).toMatchObject([{ state: 'waiting', answer_kind: 'certificate' }]);
    await passTime();
    await sendTo(url, { kind: 'verified', authorityFile: 'ca.pem' }, cert);
    expect(postfix.received).toHaveLength(1);
    // As Debian's Postfix does: it offers encryption with a certificate of its own.
    for (const kind of ['asOffered', 'unverified'] as const) {
      await change(await world.subscription(), FABRIKAM.partnerId);
      await sendTo(url, { kind });
    }
    expect(postfix.received).toHaveLength(3);
    await postfix.close();
  });

  it('writes to an international domain in the letters of the wire', async () => {
    await world.load({ partners: [{ ...UMLAUT, mail: 'alliances@bücher.example' }] });
    await change(await world.subscription(), UMLAUT.partnerId);
    await sendAll();
    const [received] = mailServer.received;
    // smtp-server 3.21 reads the letters of the wire back; what is not in them it would not take.
    expect(received?.recipients).toEqual(['alliances@bücher.example']);
    expect(received?.raw).toContain('<alliances@xn--bcher-kva.example>');
  });

  it('keeps its connection for the next mail, after a refusal too', async () => {
    await oweMails(world.database, await world.subscription(), FABRIKAM, 3);
    let refusals = 2;
    mailServer.rules.decide = ({ recipients }) =>
      recipients.length > 0 && refusals-- > 0 ? { refuse: 'RCPT TO', code: 451 } : 'take';
    await sendAll();
    expect(mailServer.received).toHaveLength(1);
    expect(mailServer.counted.connections).toBe(1);
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
    const first = await claim();
    expect(await claim()).toBeNull();
    await passTime();
    const second = await claim({ domain: 'elsewhere.example' });
    if (first === null || second === null) throw new Error('There was a mail to claim.');
    expect(second).toMatchObject({ mailId: first.mailId, messageId: first.messageId, attempts: 2 });
    expect(
      await settleMail(world.database.db, first, { state: 'failed', kind: 'recipientRefused', error: 'too late' }),
    ).toBe(false);
    expect(await settleMail(world.database.db, second, { state: 'sent' })).toBe(true);
    expect(await mails()).toMatchObject([{ state: 'sent' }]);
  });

  it('is due again at once when the answer to its claim was lost, and stays in hand when it was not', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    const [lost, another] = [randomUUID(), randomUUID()];
    await claim({ lease: lost });
    await giveBackMail(world.database, another);
    expect(await claim()).toBeNull();
    await giveBackMail(world.database, lost);
    const again = await claim({ lease: another });
    expect(again).toMatchObject({ attempts: 2 });
    // Too late: by now somebody else has it.
    await giveBackMail(world.database, lost);
    expect(await claim()).toBeNull();
  });

  it('is written down as sent a second time when the answer to the first was lost, and not gone out twice for that', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    const mail = await claim();
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
    const begun = performance.now();
    await sendAll();
    const { seconds } = await world.database.db
      .selectFrom('mails')
      .select(sql<string>`extract(epoch from next_attempt_at - now())`.as('seconds'))
      .executeTakeFirstOrThrow();
    // What has passed since then is the machine's.
    expect(Number(seconds)).toBeGreaterThan(11 - (performance.now() - begun) / 1000);
    expect(Number(seconds)).toBeLessThanOrEqual(15);
  });

  it('waits for a minute and not for days when the clock of the database was put back, and stays in its hands', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    const time = openMailClock();
    const inHand = await claim({ clock: time.clock });
    if (inHand === null) throw new Error('There was a mail to claim.');
    await world.database.db
      .updateTable('mails')
      .set({ next_attempt_at: sql<Date>`now() + interval '3 days'` })
      .execute();
    expect(await claim({ clock: time.clock })).toBeNull();
    await time.pass(59_000);
    expect(await claim({ clock: time.clock })).toBeNull();
    expect(await renewLease(world.database, inHand, 60, time.clock)).toBe(true);
    await time.pass(59_000);
    expect(await claim({ clock: time.clock })).toBeNull();
    await time.pass(2000);
    expect(await claim({ clock: time.clock })).toMatchObject({ mailId: inHand.mailId, attempts: 2 });
  });

  it('finishes the mail in hand when told to stop, and takes up no other', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    await change(await world.subscription(), NORTHWIND.partnerId);
    const stopping = new AbortController();
    mailServer.rules.beforeReply = () => stopping.abort();
    await sendMails(parts(), stopping.signal);
    expect(mailServer.received).toHaveLength(1);
    expect(await statesOfMails(world.database)).toEqual(['sent', 'waiting']);
  });

  describe('while the mail server is slow', () => {
    const SECOND_MS = 1000;

    /** A sender whose time the test moves, and whose database is there or not. */
    function slowParts() {
      const time = openMailClock();
      const rule: { away: Error | null } = { away: null };
      const database = time.watched(world.database, () => rule.away);
      return { time, rule, slow: { ...parts(), database, clock: time.clock } };
    }

    it('ends the attempt once the lease was not renewed for 45 seconds, and not before', async () => {
      await change(await world.subscription(), FABRIKAM.partnerId);
      const { time, rule, slow } = slowParts();
      const [asked, gone] = [deferred(), deferred()];
      mailServer.rules.decide = async (_mail, command): Promise<Treatment> => {
        if (command === 'RCPT TO') {
          asked.resolve();
          await gone.promise;
        }
        return 'take';
      };
      const sending = sendNextMail(slow, NEVER);
      await asked.promise;
      await time.pass(20 * SECOND_MS);
      rule.away = new DatabaseLost('away');
      // Renewed after 15 seconds: 44 more are not yet too many.
      await time.pass(39 * SECOND_MS);
      expect(log.filter(({ event }) => event === 'mail')).toEqual([]);
      await time.pass(1 * SECOND_MS);
      await expect
        .poll(() => log.filter(({ event }) => event === 'mail'))
        .toMatchObject([{ state: 'waiting', kind: 'brokenOff', mayGoOutTwice: false }]);
      rule.away = null;
      await time.pass(5 * SECOND_MS);
      expect(await sending).toBe(true);
      gone.resolve();
      mailServer.rules.decide = () => 'take';
      await passTime();
      await sendAll();
      expect(mailServer.received).toHaveLength(1);
    });

    it('hands nothing over that may be in other hands, since the process itself was stopped for a minute', async () => {
      await change(await world.subscription(), FABRIKAM.partnerId);
      const { time, slow } = slowParts();
      let stoppedForMs = 0;
      const clock = { ...time.clock, elapsed: () => time.clock.elapsed() + stoppedForMs };
      mailServer.rules.decide = (_mail, command): Treatment => {
        // None of the process's own timers has run yet when it reads the answer.
        if (command === 'RCPT TO') stoppedForMs = 61 * SECOND_MS;
        return 'take';
      };
      expect(await sendNextMail({ ...slow, clock }, NEVER)).toBe(true);
      expect(log.filter(({ event }) => event === 'mail')).toMatchObject([
        { state: 'waiting', kind: 'brokenOff', mayGoOutTwice: false },
      ]);
      expect(mailServer.received).toEqual([]);
    });

    it('tells that a mail may go out twice when it stops before the database lets it write that it is sent', async () => {
      await change(await world.subscription(), FABRIKAM.partnerId);
      const { time, rule, slow } = slowParts();
      mailServer.rules.beforeReply = () => {
        rule.away = new DatabaseLost('away');
      };
      const stopping = new AbortController();
      const sending = sendMails(slow, stopping.signal);
      await expect.poll(() => log.filter(({ event }) => event === 'mail')).toMatchObject([{ state: 'sent' }]);
      stopping.abort();
      await time.pass(11 * SECOND_MS);
      await sending;
      expect(log.filter(({ mayGoOutTwice }) => mayGoOutTwice === true)).toMatchObject([{ event: 'not written down' }]);
    });

    it('waits for the answer to what was handed over, whatever becomes of the lease, and for its writing down', async () => {
      await change(await world.subscription(), FABRIKAM.partnerId);
      const { time, rule, slow } = slowParts();
      const [handedOver, answer] = [deferred(), deferred()];
      mailServer.rules.beforeReply = async () => {
        handedOver.resolve();
        await answer.promise;
      };
      const sending = sendNextMail(slow, NEVER);
      await handedOver.promise;
      rule.away = new DatabaseLost('away');
      await time.pass(9 * 60 * SECOND_MS);
      answer.resolve();
      await expect.poll(() => log.filter(({ event }) => event === 'mail')).toMatchObject([{ state: 'sent' }]);
      await time.pass(60 * 60 * SECOND_MS);
      rule.away = null;
      await time.pass(SECOND_MS);
      expect(await sending).toBe(true);
      expect(await statesOfMails(world.database)).toEqual(['sent']);
      expect(log.filter(({ event }) => event === 'lease lost')).toEqual([]);
    });

    it('beats with each renewal, so that nobody calls the mails late for a slow server', async () => {
      await change(await world.subscription(), FABRIKAM.partnerId);
      const { time, slow } = slowParts();
      const [handedOver, answer] = [deferred(), deferred()];
      mailServer.rules.beforeReply = async () => {
        handedOver.resolve();
        await answer.promise;
      };
      const beats: number[] = [];
      const pulse = { secondsSinceBeat: () => 0, beat: () => beats.push(time.clock.elapsed() / SECOND_MS) };
      const sending = sendNextMail({ ...slow, pulse }, NEVER);
      await handedOver.promise;
      await time.pass(60 * SECOND_MS);
      expect(beats).toEqual([15, 30, 45, 60]);
      answer.resolve();
      expect(await sending).toBe(true);
    });

    it('gives an answer ten seconds more when told to stop, and then tells that the mail may go out twice', async () => {
      await change(await world.subscription(), FABRIKAM.partnerId);
      const { time, slow } = slowParts();
      const [handedOver, answer] = [deferred(), deferred()];
      mailServer.rules.beforeReply = async () => {
        handedOver.resolve();
        await answer.promise;
      };
      const stopping = new AbortController();
      const sending = sendMails(slow, stopping.signal);
      await handedOver.promise;
      stopping.abort();
      await time.pass(9.9 * SECOND_MS);
      expect(log).toEqual([]);
      await time.pass(0.1 * SECOND_MS);
      await sending;
      answer.resolve();
      expect(log).toMatchObject([
        { state: 'waiting', kind: 'brokenOff', mayGoOutTwice: true, error: expect.stringContaining('same Message-ID') },
      ]);
      mailServer.rules.beforeReply = () => undefined;
      await passTime();
      await sendAll();
      const ids = mailServer.received.map(({ mail }) => mail.messageId);
      expect(ids).toHaveLength(2);
      expect(new Set(ids).size).toBe(1);
    });

    it('has limits no shorter than those of RFC 5321', () => {
      const minutes = (count: number) => count * 60 * SECOND_MS;
      expect(SMTP_LIMITS_MS.greetingTimeout).toBeGreaterThanOrEqual(minutes(5));
      expect(SMTP_LIMITS_MS.socketTimeout).toBeGreaterThanOrEqual(minutes(10));
      // The greeting has its time even where connecting and TLS took as long as they may.
      expect(SMTP_LIMITS_MS.connectionTimeout).toBeGreaterThanOrEqual(3 * minutes(5));
    });
  });

  it('keeps what a server says as one line that the database takes, however odd it is', async () => {
    await change(await world.subscription(), FABRIKAM.partnerId);
    const said = `550-5.7.1 not \0 you \ud83d\r\n550 5.7.1 ${'x'.repeat(5000)}`;
    const refusing: Delivery = {
      send: () => Promise.reject(notTaken(Object.assign(new Error(), { command: 'RCPT TO', response: said }), false)),
      close: () => undefined,
    };
    await sendNextMail({ ...parts(), delivery: refusing }, NEVER);
    const [row] = await mails();
    expect(row).toMatchObject({
      state: 'waiting',
      last_error: expect.stringMatching(/550-5\.7\.1 not +you +550 5\.7\.1 x+$/),
    });
    expect(row?.last_error?.length).toBeLessThan(1200);
  });

  it('shares 200 mails between two senders and sends each once', async () => {
    await oweMails(world.database, await world.subscription(), FABRIKAM, 200);
    const second = deliveryTo(mailServer.url);
    const stopping = new AbortController();
    const inPairs = answersInPairs(42);
    mailServer.rules.beforeReply = () => {
      if (mailServer.received.length === 200) stopping.abort();
      return inPairs();
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
