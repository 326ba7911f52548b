import { describe, expect, it } from 'vitest';
import { type Direction, MOST_IN_A_MAIL, mailsThatLeave, type OwedNotice } from '../../server/src/mail/gathering';
import { type PartnerId, parsePartnerId } from '../../src/domain/partner';
import { parseSubscriptionId } from '../../src/domain/subscription';

const A_MINUTE = { longestWaitSeconds: 60 };
const [FABRIKAM, NORTHWIND] = ['4852013', '5120846'].map(partner);

function partner(text: string): PartnerId {
  const parsed = parsePartnerId(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.partnerId;
}

let made = 0;

function notice(wish: Partial<Omit<OwedNotice, 'subscriptionId'>> & { subscription?: string } = {}): OwedNotice {
  const { subscription = `s${made}`, ...rest } = wish;
  const subscriptionId = parseSubscriptionId(subscription);
  if (subscriptionId === null || FABRIKAM === undefined) throw new Error('It has an ID.');
  const noticeId = `${subscription}#${made++}`;
  return { noticeId, partnerId: FABRIKAM, direction: 'gained', ageSeconds: 0, ...rest, subscriptionId };
}

const notices = (count: number, wish: Parameters<typeof notice>[0] = {}) =>
  Array.from({ length: count }, () => notice(wish));
const sizes = (owed: readonly OwedNotice[], gathering = A_MINUTE) =>
  mailsThatLeave(owed, gathering).map(({ length }) => length);

/** What a partner is told, in that order. */
const told = (owed: readonly OwedNotice[], gathering = A_MINUTE) =>
  mailsThatLeave(owed, gathering).map((mail) =>
    mail.map(({ direction, subscriptionId }) => `${direction} ${subscriptionId}`),
  );

describe('a mail to a partner', () => {
  it('leaves three seconds after a change that is alone, and not before', () => {
    expect(sizes([notice({ ageSeconds: 2.9 })])).toEqual([]);
    expect(sizes([notice({ ageSeconds: 3 })])).toEqual([1]);
  });

  it.each([
    [2, 6],
    [10, 30],
    [20, 60],
    [198, 60],
  ])('of %i changes waits for more until nothing came for %i seconds', (count, seconds) => {
    expect(sizes(notices(count, { ageSeconds: seconds - 0.1 }))).toEqual([]);
    expect(sizes(notices(count, { ageSeconds: seconds }))).toEqual([count]);
    expect(sizes([...notices(count, { ageSeconds: seconds }), notice()])).toEqual([]);
  });

  it('leaves at once when it is full, and what is more waits in the next one', () => {
    expect(sizes(notices(MOST_IN_A_MAIL))).toEqual([200]);
    expect(sizes(notices(MOST_IN_A_MAIL + 1))).toEqual([200]);
    expect(sizes(notices(MOST_IN_A_MAIL + 1, { ageSeconds: 60 }))).toEqual([200, 1]);
    expect(sizes(notices(1000, { ageSeconds: 60 }))).toEqual([200, 200, 200, 200, 200]);
  });

  it('leaves five minutes after its first change, however steadily more come', () => {
    const trickle = (seconds: number) =>
      Array.from({ length: 30 }, (_, at) => notice({ ageSeconds: seconds - at * 10 }));
    expect(sizes(trickle(299.9))).toEqual([]);
    expect(sizes(trickle(300))).toEqual([30]);
  });

  it('waits no longer than the setting says, and takes what is there when that is nothing', () => {
    expect(sizes(notices(50, { ageSeconds: 9.9 }), { longestWaitSeconds: 10 })).toEqual([]);
    expect(sizes(notices(50, { ageSeconds: 10 }), { longestWaitSeconds: 10 })).toEqual([50]);
    expect(sizes([notice({ ageSeconds: 2 })], { longestWaitSeconds: 2 })).toEqual([1]);
    expect(sizes(notices(50), { longestWaitSeconds: 0 })).toEqual([50]);
  });

  it('is about one partner and one direction', () => {
    const [gained, lost, others] = [
      { direction: 'gained' as const },
      { direction: 'lost' as const },
      { partnerId: NORTHWIND ?? partner('1') },
    ].map((wish) => notices(3, { ageSeconds: 60, ...wish }));
    const mixed = [0, 1, 2].flatMap((at) => [gained, lost, others].flatMap((all) => all?.[at] ?? []));
    expect(mailsThatLeave(mixed, A_MINUTE)).toEqual([gained, lost, others]);
  });

  it('does not wait for days when the clock of the database was put back, nor leaves early for a change just made', () => {
    expect(sizes([notice({ ageSeconds: -3 * 24 * 60 * 60 })])).toEqual([1]);
    expect(sizes([notice({ ageSeconds: -0.02 })])).toEqual([]);
  });

  it('of what was taken back leaves with the mail of what was given before it, and not before that', () => {
    const many = notices(50, { ageSeconds: 10 });
    const back = notice({ subscription: many[7]?.subscriptionId ?? '', direction: 'lost', ageSeconds: 5 });
    expect(mailsThatLeave([...many, back], A_MINUTE)).toEqual([many, [back]]);
    const unrelated = notice({ direction: 'lost', ageSeconds: 5 });
    expect(mailsThatLeave([...many, unrelated], A_MINUTE)).toEqual([[unrelated]]);
  });

  it('tells of a subscription given, taken back and given again in three mails, in that order', () => {
    const story = (['gained', 'lost', 'gained'] as const).map((direction: Direction) =>
      notice({ subscription: 'x', direction, ageSeconds: 60 }),
    );
    const between = notice({ subscription: 'y', ageSeconds: 60 });
    const [given, taken, again] = story;
    if (given === undefined || taken === undefined || again === undefined) throw new Error('There are three.');
    expect(told([given, taken, between, again])).toEqual([['gained x', 'gained y'], ['lost x'], ['gained x']]);
    // The last one of them takes those before it along.
    const fresh = [given, taken].map((one) => ({ ...one, ageSeconds: 0 }));
    expect(told([...fresh, again])).toEqual([['gained x'], ['lost x'], ['gained x']]);
  });

  it('of a thousand given and then taken back there are five in either direction', () => {
    const given = Array.from({ length: 1000 }, (_, at) => notice({ subscription: `b${at}`, ageSeconds: 60 }));
    const taken = given.map(({ subscriptionId }) =>
      notice({ subscription: subscriptionId, direction: 'lost', ageSeconds: 60 }),
    );
    const mails = mailsThatLeave([...given, ...taken], A_MINUTE);
    expect(mails.map(([first]) => first?.direction)).toEqual([
      ...Array.from({ length: 5 }, () => 'gained'),
      ...Array.from({ length: 5 }, () => 'lost'),
    ]);
    expect(mails.flat()).toEqual([...given, ...taken]);
  });

  it('has each change once, whatever comes in whatever order', () => {
    let seed = 20_261_127;
    const draw = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let time = 0; time < 40; time++) {
      const owed = Array.from({ length: draw(600) }, () =>
        notice({
          subscription: `d${draw(80)}`,
          direction: draw(2) === 0 ? 'gained' : 'lost',
          partnerId: (draw(2) === 0 ? FABRIKAM : NORTHWIND) ?? partner('1'),
          ageSeconds: draw(90),
        }),
      );
      const mails = mailsThatLeave(owed, A_MINUTE);
      const order = new Map(owed.map(({ noticeId }, at) => [noticeId, at]));
      const all = mails.flat();
      expect(new Set(all).size).toBe(all.length);
      for (const mail of mails) {
        expect(mail.length).toBeLessThanOrEqual(MOST_IN_A_MAIL);
        expect(new Set(mail.map(({ partnerId, direction }) => `${partnerId} ${direction}`)).size).toBe(1);
      }
      // Of each subscription a partner hears in order, and of nothing before what came earlier.
      const leaving = new Set(all);
      const subjectOf = (one: OwedNotice) => `${one.partnerId} ${one.subscriptionId}`;
      for (const subject of new Set(owed.map(subjectOf))) {
        const about = owed.filter((one) => subjectOf(one) === subject);
        const heard = all.filter((one) => about.includes(one)).map(({ noticeId }) => order.get(noticeId));
        expect(heard).toEqual(heard.toSorted((a = 0, b = 0) => a - b));
        for (const [at, one] of about.entries()) {
          const earlier = about.slice(0, at).findLast(({ direction }) => direction !== one.direction);
          if (leaving.has(one) && earlier !== undefined) expect(leaving.has(earlier)).toBe(true);
        }
      }
    }
  });
});
