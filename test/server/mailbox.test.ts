import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { DatabaseLost } from '../../server/src/database/away';
import type { Database } from '../../server/src/database/database';
import { openDelivery } from '../../server/src/mail/delivery';
import type { Letterhead } from '../../server/src/mail/letterhead';
import { gatherMails } from '../../server/src/mail/outbox-repository';
import { createMailPulse } from '../../server/src/mail/pulse';
import { sendNextMail } from '../../server/src/mail/sender';
import { ENGLISH } from '../../server/words/english';
import { wordsOf } from '../../server/words/words';
import { parsePartnerId } from '../../src/domain/partner';
import { parseSubscriptionId } from '../../src/domain/subscription';
import { drawFrom, type Weighted } from '../e2e/harness/draw';
import { databases } from './support/databases';
import { openMailClock } from './support/mail-clock';
import { startMailServer, type Treatment } from './support/mail-server';
import { openWorld, type World } from './support/world';

const FROM = 'partner-of-record@service.example';
const NEVER = new AbortController().signal;
const SEED = Number(process.env['SEED'] ?? 20_261_126);
const PARTNERS = 400;
const SECOND_MS = 1000;
const AT_ONCE = { longestWaitSeconds: 0 };
const DAY_MS = 24 * 60 * 60 * SECOND_MS;
/** One kind will do, and a server takes less of the machine than the embedded one: for 1,000 partners 32 instead of 42 s of processor time. */
const kind = databases.at(-1);
if (kind === undefined) throw new Error('There is always a database.');

const LETTERHEAD: Letterhead = {
  organization: 'Contoso',
  contact: { kind: 'words', text: 'Service desk' },
  partnerPageUrl: 'https://por.contoso.example/partner',
};

/** What meets a mail at the relay, how often of a hundred times. */
const TROUBLES = [
  [68, null],
  [5, 'quota for now'],
  [5, 'quota'],
  [7, 'greylisting'],
  [5, 'slow dot'],
  [1, 'wrong sign-in'],
  [3, 'restart before the dot'],
  [4, 'restart after the dot'],
  [1, 'lease lost before the dot'],
  [1, 'lease lost after the dot'],
] as const satisfies Weighted<string | null>;
type Trouble = NonNullable<(typeof TROUBLES)[number][1]>;
/** For how long a few are refused, whatever else they would meet. */
const LONG_REFUSALS = new Map([
  ['p1000001@one.example', 4 * DAY_MS],
  ['p1000002@two.example', Number.POSITIVE_INFINITY],
]);
const UNKNOWN = 'p1000003@three.example';

/** Owes each of many partners a mail, and returns their addresses. */
async function oweMailToEach(world: World, count: number): Promise<string[]> {
  const subscriptionId = parseSubscriptionId(await world.subscription());
  if (subscriptionId === null) throw new Error('A subscription has an ID.');
  const names = ['zero', 'one', 'two', 'three'];
  const partners = Array.from({ length: count }, (_, index) => {
    const parsed = parsePartnerId(String(1_000_000 + index));
    if (!parsed.ok) throw new Error('Seven digits are a Partner ID.');
    const mail = `p${parsed.partnerId}@${names[index] ?? 'many'}.example`;
    return { partnerId: parsed.partnerId, name: `Partner ${index}`, mail, changeId: randomUUID() };
  });
  await world.load({ partners: partners.map(({ partnerId, name, mail }) => ({ partnerId, name, mail })) });
  await world.database.transaction(async (trx) => {
    const at = { subscription_id: subscriptionId, changed_at: new Date(), changed_by: 'Ada Admin' };
    const nobody = {
      before_partner_id: null,
      before_name: null,
      principal_id: null,
      idempotency_key: null,
      request_id: null,
    };
    await trx
      .insertInto('changes')
      .values(
        partners.map(({ partnerId, name, changeId }) => ({
          ...at,
          ...nobody,
          change_id: changeId,
          kind: 'assign' as const,
          after_partner_id: partnerId,
          after_name: name,
        })),
      )
      .execute();
    await trx
      .insertInto('outbox')
      .values(
        partners.map(({ partnerId, name, changeId }) => ({
          mail_id: randomUUID(),
          change_id: changeId,
          partner_id: partnerId,
          partner_name: name,
          customer_id: 'contoso',
          customer_name: 'Contoso Ltd',
          display_name: 'Production',
        })),
      )
      .execute();
  });
  return partners.map(({ mail }) => mail);
}

/** What the relay knows of a mail that came whole. */
interface Taken {
  readonly recipient: string;
  readonly messageId: string | undefined;
  /** What kept its answer from being believed. */
  readonly because: 'restart after the dot' | 'lease lost after the dot' | null;
}

function senderOf(database: Database, url: string, log: (line: Record<string, unknown>) => void) {
  const note = (facts: unknown) => log({ ...(typeof facts === 'object' ? facts : {}) });
  return {
    database,
    delivery: openDelivery({ kind: 'server', url, encryption: { kind: 'none' }, from: FROM }),
    from: FROM,
    words: wordsOf(ENGLISH, null),
    letterhead: LETTERHEAD,
    gathering: AT_ONCE,
    log: { info: note, warn: note, error: note },
  };
}

// Together, since the second one waits for nearly all of its time.
describe.concurrent('the mailbox', () => {
  it(`of ${PARTNERS} partners has each mail, twice only where the relay's answer or the lease was lost (seed ${SEED})`, async () => {
    const world = await openWorld(kind);
    const addresses = await oweMailToEach(world, PARTNERS);
    const relay = await startMailServer({ asksForSignIn: true });
    const time = openMailClock();
    const log: Record<string, unknown>[] = [];
    const url = relay.url.replace('//', '//por:secret@');
    let away: Error | null = null;
    const open = (database: Database) => ({ ...senderOf(database, url, (line) => log.push(line)), clock: time.clock });
    const one = open(time.watched(world.database, () => away));
    const other = open(world.database);

    const met = new Map<Trouble, number>();
    const taken: Taken[] = [];
    const draws = new Map(addresses.map((address) => [address, drawFrom(SEED, address)]));
    /** What the mail meets for which RCPT was asked last; it goes on at DATA. */
    let trouble: Trouble | null = null;
    /** Everything is taken, while the other sender has the mail whose lease was lost. */
    let calm = false;
    const startedMs = time.clock.elapsed();
    let turnedAway = 0;
    let wrongPasswords = 0;
    relay.rules.greet = () => (turnedAway-- > 0 ? { code: 421, text: '4.3.2 starting' } : undefined);
    relay.rules.signIn = () => (wrongPasswords-- > 0 ? { code: 535, text: '5.7.8 wrong' } : undefined);
    relay.rules.decide = async ({ recipients: [recipient] }, command): Promise<Treatment> => {
      if (recipient === undefined || calm) return 'take';
      if (command === 'DATA') {
        if (trouble === 'restart before the dot') return { die: 'inData' };
        return trouble === 'restart after the dot' ? { die: 'beforeReply' } : 'take';
      }
      if (recipient === UNKNOWN) return { refuse: 'RCPT TO', code: 550, text: '5.1.1 unknown' };
      const refusedFor = LONG_REFUSALS.get(recipient) ?? 0;
      if (time.clock.elapsed() - startedMs < refusedFor) return { refuse: 'RCPT TO', code: 552, text: '5.2.2 full' };
      trouble = draws.get(recipient)?.weighted<Trouble | null>(TROUBLES) ?? null;
      if (trouble !== null) met.set(trouble, (met.get(trouble) ?? 0) + 1);
      switch (trouble) {
        case 'quota for now':
          return { refuse: 'RCPT TO', code: 452, text: '4.2.2 over quota' };
        case 'quota':
          return { refuse: 'RCPT TO', code: 552, text: '5.2.2 over quota' };
        case 'greylisting':
          return { refuse: 'RCPT TO', code: 450, text: '4.7.1 come again' };
        case 'wrong sign-in':
          wrongPasswords = 3;
          return { refuse: 'RCPT TO', code: 421, text: '4.7.0 sign in again' };
        case 'restart before the dot':
        case 'restart after the dot':
          turnedAway = 1;
          return 'take';
        case 'lease lost before the dot':
          away = new DatabaseLost('away');
          await time.pass(46 * SECOND_MS);
          away = null;
          await time.pass(5 * SECOND_MS);
          return 'take';
        case 'slow dot':
        case 'lease lost after the dot':
        case null:
          return 'take';
      }
    };
    relay.rules.beforeReply = async ({ recipients: [recipient = ''], mail: { messageId } }) => {
      const because =
        !calm && (trouble === 'restart after the dot' || trouble === 'lease lost after the dot') ? trouble : null;
      taken.push({ recipient, messageId, because });
      if (calm) return;
      if (trouble === 'slow dot') await time.pass(drawFrom(SEED, 'slow', recipient).between(30, 600) * SECOND_MS);
      if (trouble !== 'lease lost after the dot') return;
      away = new DatabaseLost('away');
      await time.pass(61 * SECOND_MS);
      calm = true;
      // The first of those that are due: the others are for the first sender.
      await world.database.db
        .updateTable('mails')
        .set({ next_attempt_at: sql<Date>`next_attempt_at - interval '1000 days'` })
        .where('message_id', '=', messageId ?? '')
        .where('next_attempt_at', '<', time.clock.now())
        .execute();
      expect(await sendNextMail(other, NEVER)).toBe(true);
      calm = false;
      away = null;
    };

    /** Goes on to when the next mail is due; false when none will be. */
    async function goOn(): Promise<boolean> {
      const { seconds } = await world.database.db
        .selectFrom('mails')
        .where('state', '=', 'waiting')
        .select(sql<string | null>`extract(epoch from min(next_attempt_at) - ${time.clock.now()})`.as('seconds'))
        .executeTakeFirstOrThrow();
      if (seconds !== null) await time.pass(Math.max(Number(seconds), 0) * SECOND_MS + 1);
      return seconds !== null;
    }
    do {
      while (await sendNextMail(one, NEVER));
    } while (await goOn());

    const states = await world.database.db
      .selectFrom('mails')
      .innerJoin('partners', 'partners.partner_id', 'mails.partner_id')
      .select(['partners.mail', 'state', 'attempts'])
      .execute();
    const givenUp = states.filter(({ state }) => state !== 'sent').map(({ mail }) => mail);
    expect(givenUp.toSorted()).toEqual(['p1000002@two.example', UNKNOWN]);
    // Once an hour, when it comes to that.
    const attempts = new Map(states.map(({ mail, attempts }) => [mail, attempts]));
    for (const address of LONG_REFUSALS.keys()) expect(attempts.get(address)).toBeGreaterThan(90);
    expect(attempts.get(UNKNOWN)).toBe(1);
    const times = (recipient: string) => taken.filter((one) => one.recipient === recipient).length;
    const lost = (recipient: string) =>
      taken.filter((one) => one.recipient === recipient && one.because !== null).length;
    for (const address of addresses) {
      const expected = givenUp.includes(address) ? 0 : 1 + lost(address);
      expect([address, times(address)]).toEqual([address, expected]);
    }
    expect(new Set(taken.map(({ recipient, messageId }) => `${recipient} ${messageId}`)).size).toBe(PARTNERS - 2);
    for (const name of TROUBLES.flatMap(([, name]) => name ?? []))
      expect([name, met.get(name)]).toEqual([name, expect.any(Number)]);
    // The service tells of each mail that may come twice. Of one that was cut off in its midst it may think so too: the rest of it
    // can be on its way.
    const told = (event: string) =>
      log.filter((line) => line['event'] === event && line['mayGoOutTwice'] === true).length;
    const [cutAfter, cutBefore] = [met.get('restart after the dot') ?? 0, met.get('restart before the dot') ?? 0];
    expect(log.filter((line) => line['kind'] === 'brokenOff')).toHaveLength(met.get('lease lost before the dot') ?? 0);
    expect(told('lease lost')).toBe(met.get('lease lost after the dot'));
    expect(told('mail')).toBeGreaterThanOrEqual(cutAfter);
    expect(told('mail')).toBeLessThanOrEqual(cutAfter + cutBefore);

    one.delivery.close();
    other.delivery.close();
    await relay.close();
    await world.close();
  });

  // Its own `expect`: the shared one knows no test any more once the one beside it has ended.
  it('has a mail once from servers that take half a minute to greet, to answer and to take it', async ({ expect }) => {
    const world = await openWorld(kind);
    await oweMailToEach(world, 3);
    await gatherMails(world.database, AT_ONCE);
    const relays = await Promise.all(Array.from({ length: 3 }, () => startMailServer()));
    const [greeting, answering, taking] = relays;
    if (greeting === undefined || answering === undefined || taking === undefined) throw new Error('There are three.');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    greeting.rules.greet = () => held.then(() => undefined);
    answering.rules.decide = (_mail, command) => (command === 'RCPT TO' ? held.then(() => 'take') : 'take');
    taking.rules.beforeReply = () => held;
    const pulse = createMailPulse();
    let beats = 0;
    const counting = {
      ...pulse,
      beat: () => {
        beats++;
      },
    };

    const senders = relays.map(({ url }) => ({ ...senderOf(world.database, url, () => undefined), pulse: counting }));
    const sending = Promise.all(senders.map((sender) => sendNextMail(sender, NEVER)));
    await wait(31 * SECOND_MS);
    // Each was kept in hand twice, so whoever looks for work finds none.
    await expect.poll(() => beats).toBeGreaterThanOrEqual(6);
    const [first] = senders;
    expect(first && (await sendNextMail(first, NEVER))).toBe(false);
    release();
    expect(await sending).toEqual([true, true, true]);

    expect(relays.map(({ received }) => received.length)).toEqual([1, 1, 1]);
    const rows = await world.database.db.selectFrom('mails').select(['state', 'attempts']).execute();
    expect(rows).toEqual(Array.from({ length: 3 }, () => ({ state: 'sent', attempts: 1 })));
    for (const { delivery } of senders) delivery.close();
    for (const relay of relays) await relay.close();
    await world.close();
  });
});
