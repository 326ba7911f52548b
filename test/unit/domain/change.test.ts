import { describe, expect, test } from 'vitest';
import {
  afterEvent,
  asksTheSame,
  type Change,
  type ChangeEvent,
  isOpen,
  mayBeSentBy,
  nextStep,
} from '../../../src/domain/change';
import { targetKey } from '../../../src/domain/change-request';
import type { Failure } from '../../../src/domain/failure';
import { phaseOf, wantsAttention } from '../../../src/domain/standing';
import { isSamePerson, type Person } from '../../../src/domain/person';
import {
  ADA,
  asked,
  BEN,
  FOREIGN,
  failing,
  HOUR,
  MINUTE,
  OLD,
  outcome,
  state,
  request,
  SECOND,
  START,
  subscriptionId,
  uuid,
  WANTED,
} from './samples';

const NO_ANSWER: Failure = { reason: 'noAnswer' };
const SIGNED_OUT: Failure = { reason: 'signInNeeded', status: 401 };
const BUSY: Failure = { reason: 'busy', status: 429 };
const REFUSED: Failure = { reason: 'refused', status: 403, code: 'NotPermitted' };

/** The change after these events, one after the other. */
function following(change: Change, ...events: readonly ChangeEvent[]): Change {
  return events.reduce(afterEvent, change);
}

const sent = (at = START): ChangeEvent => ({ type: 'sent', at });
const applied = (at = START): ChangeEvent => ({ type: 'applied', at, state: state(WANTED, '"2"') });
const met = (holder: typeof OLD | null, at = START): ChangeEvent => ({
  type: 'preconditionFailed',
  at,
  state: state(holder, '"9"'),
});
const read = (holder: typeof OLD | null, at = START): ChangeEvent => ({
  type: 'stateRead',
  at,
  state: state(holder, '"9"'),
});
const signedIn = (time = START, person: Person | null = ADA): ChangeEvent => ({ type: 'signedIn', at: time, person });
const at = (type: 'interrupted' | 'stopAsked' | 'tryNow' | 'abandoned', time = START): ChangeEvent => ({
  type,
  at: time,
});

const lost = following(asked(), sent(), failing('failed', START, NO_ANSWER));

/** One change in each of its ends. */
const ENDS: readonly Change[] = [
  following(asked(), sent(), applied()),
  following(asked(), sent(), failing('failed', START, REFUSED)),
  following(asked(), sent(), met(FOREIGN)),
  following(asked(), at('stopAsked')),
];

describe('Identity', () => {
  test('a change is written as waiting, with nothing sent, and due at once', () => {
    expect(asked().life).toMatchObject({ state: 'waiting', attempts: 0, tryingSince: null, effectPossible: false });
    expect(nextStep(asked(), START)).toEqual({ do: 'send' });
  });

  test('what was asked never alters, whatever happens', () => {
    for (const end of ENDS) expect({ ...end, life: null }).toEqual({ ...request(), sentAs: null, life: null });
  });

  test.each([
    ['another id', { id: uuid(2) }],
    ['another connection', { connectionId: uuid(3) }],
    ['another subscription', { target: { kind: 'subscription', id: subscriptionId('other') } }],
    ['another kind of target', { target: { kind: 'signIn', tenant: 't', user: 'u' } }],
    ['another partner', { after: FOREIGN }],
    ['a removal', { kind: 'remove', after: null }],
    ['another record it was based on', { basedOn: '"2"' }],
  ] as const)('the same id with %s is not the same request', (_what, other) => {
    expect(asksTheSame(request(), request(other))).toBe(false);
  });

  test('asked again later, from elsewhere, with a name that has changed since, it is the same request', () => {
    const again = request({
      askedAt: START + HOUR,
      askedFrom: 'popup',
      page: 'https://portal.azure.com',
      targetName: 'Renamed',
      after: { ...WANTED, name: 'Renamed' },
    });
    expect(asksTheSame(request(), again)).toBe(true);
  });

  test('targets of different kinds never share a key', () => {
    const keys = [
      targetKey({ kind: 'subscription', id: subscriptionId('a') }),
      targetKey({ kind: 'subscription', id: subscriptionId('a","b') }),
      targetKey({ kind: 'signIn', tenant: 'a', user: 'b' }),
      targetKey({ kind: 'signIn', tenant: 'a","b', user: '' }),
      targetKey({ kind: 'signIn', tenant: '', user: 'a' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('Death', () => {
  test('an attempt that died with the worker is made again at once, under the same id', () => {
    const again = following(asked(), sent(), at('interrupted', START + MINUTE));
    expect(nextStep(again, START + MINUTE)).toEqual({ do: 'send' });
    expect(again.id).toBe(asked().id);
    expect(again.life).toMatchObject({ effectPossible: true, lastFailure: { reason: 'interrupted' } });
  });

  test('a change on the wire needs nothing but its answer', () => {
    expect(nextStep(following(asked(), sent()), START + 48 * HOUR)).toEqual({ do: 'nothing' });
  });
});

describe('Answers', () => {
  test('an answer that shows the change ends it as done, on the record that came', () => {
    expect(following(asked(), sent(), applied(START + 7)).life).toEqual({
      state: 'done',
      attempts: 1,
      endedAt: START + 7,
      outcome: outcome(WANTED, '"2"'),
    });
  });

  test.each<Failure>([
    NO_ANSWER,
    { reason: 'timedOut' },
    { reason: 'unreadable', status: 200 },
    { reason: 'tooLarge' },
    { reason: 'redirected', status: 302 },
    BUSY,
    { reason: 'serverError', status: 408 },
    { reason: 'serverError', status: 503 },
    { reason: 'permissionMissing' },
    { reason: 'wrongContract' },
  ])('$reason is tried again', (failure) => {
    const waiting = following(asked(), sent(), failing('failed', START, failure));
    expect(waiting.life).toMatchObject({ state: 'waiting', lastFailure: failure });
    expect(nextStep(waiting, START)).toEqual({ do: 'wait', until: START + SECOND });
    expect(nextStep(waiting, START + SECOND)).toEqual({ do: 'send' });
  });

  test('the pauses double from one second to 15 minutes', () => {
    const pauses: number[] = [];
    let change = asked();
    let now = START;
    for (let attempt = 0; attempt < 14; attempt += 1) {
      change = following(change, sent(now), failing('failed', now, BUSY));
      const step = nextStep(change, now);
      const until = step.do === 'wait' ? (step.until ?? Number.NaN) : Number.NaN;
      pauses.push((until - now) / SECOND);
      now = until;
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
  });

  test('chance takes up to half of a pause away, and no more', () => {
    const pauses = [0, 0.5, 0.999].map((chance) => {
      const { life } = following(asked(), sent(), { ...failing('failed', START, BUSY), chance });
      return life.state === 'waiting' ? life.nextAt - START : null;
    });
    expect(pauses).toEqual([1000, 750, 500.5]);
  });

  test.each([
    ['longer than the pause', 5 * MINUTE, 5 * MINUTE],
    ['shorter than the pause', 1, SECOND],
    ['24 hours', 24 * HOUR, 24 * HOUR],
    ['a year: capped at 24 hours', 365 * 24 * HOUR, 24 * HOUR],
    ['beyond all numbers: capped at 24 hours', Number.POSITIVE_INFINITY, 24 * HOUR],
  ])('Retry-After of %s is honoured', (_what, retryAfterMs, pause) => {
    const { life } = following(asked(), sent(), failing('failed', START, BUSY, retryAfterMs));
    expect(life).toMatchObject({ nextAt: START + pause });
  });

  test('another 4xx is final', () => {
    expect(following(asked(), sent(), failing('failed', START + 1, REFUSED)).life).toEqual({
      state: 'refused',
      failure: REFUSED,
      seen: false,
      attempts: 1,
      endedAt: START + 1,
    });
  });

  test('a refusal after a lost answer is not believed: the state is read, and says how it ended', () => {
    const doubtful = following(lost, sent(START + 9), failing('failed', START + 9, REFUSED));
    expect(nextStep(doubtful, START + 9)).toEqual({ do: 'read' });
    expect(following(doubtful, read(WANTED, START + 10)).life.state).toBe('done');
    expect(following(doubtful, read(OLD, START + 10)).life).toMatchObject({ state: 'refused', failure: REFUSED });
  });

  test('412 is a conflict with the record found, and waits for the person', () => {
    expect(following(asked(), sent(), met(FOREIGN)).life).toEqual({
      state: 'conflict',
      found: outcome(FOREIGN, '"9"'),
      answer: null,
      attempts: 1,
      endedAt: START,
    });
  });

  test('412 with what was wanted is done: the change has met its own effect', () => {
    expect(following(lost, sent(START + 9), met(WANTED)).life).toMatchObject({ state: 'done', attempts: 2 });
    const removal = asked({ kind: 'remove', after: null });
    expect(following(removal, sent(), met(null)).life.state).toBe('done');
    expect(following(removal, sent(), met(OLD)).life.state).toBe('conflict');
  });
});

describe('Sign-in', () => {
  const signedOut = following(asked(), sent(), failing('failed', START, SIGNED_OUT));

  test('401 waits for the person, however long', () => {
    expect(nextStep(signedOut, START)).toEqual({ do: 'wait', until: null });
    expect(nextStep(signedOut, START + 1000 * HOUR)).toEqual({ do: 'wait', until: null });
  });

  test.each([
    ['the asker signed in', signedIn],
    ['a pasted token came', (time: number) => signedIn(time, null)],
    ['tryNow', (time: number) => at('tryNow', time)],
  ])('after %s it is sent at once, and its 24 hours start anew', (_what, event) => {
    const back = following(signedOut, event(START + 72 * HOUR));
    expect(nextStep(back, START + 72 * HOUR)).toEqual({ do: 'send' });
    const trying = following(back, sent(START + 72 * HOUR), failing('failed', START + 72 * HOUR, NO_ANSWER));
    expect(nextStep(trying, START + 95 * HOUR)).toEqual({ do: 'send' });
    expect(nextStep(trying, START + 96 * HOUR)).toEqual({ do: 'read' });
  });

  test('signing in alters nothing for a change that was not waiting for it', () => {
    expect(following(lost, signedIn(START + 1))).toBe(lost);
  });

  test('a read that needs sign-in waits for it, and reads again after it', () => {
    const stopped = following(lost, at('stopAsked', START + 5), failing('readFailed', START + 6, SIGNED_OUT));
    expect(nextStep(stopped, START + 100 * HOUR)).toEqual({ do: 'wait', until: null });
    const back = following(stopped, signedIn(START + 100 * HOUR));
    expect(nextStep(back, START + 100 * HOUR)).toEqual({ do: 'read' });
    expect(following(back, read(OLD, START + 101 * HOUR)).life.state).toBe('cancelled');
  });
});

describe('Giving up', () => {
  test('one moment before 24 hours of trying it is sent, then the state is read', () => {
    expect(nextStep(lost, START + 24 * HOUR - 1)).toEqual({ do: 'send' });
    expect(nextStep(lost, START + 24 * HOUR)).toEqual({ do: 'read' });
  });

  test('no attempt leaves after that, even if asked to', () => {
    expect(following(lost, sent(START + 24 * HOUR))).toBe(lost);
    expect(nextStep(following(lost, at('tryNow', START + 24 * HOUR)), START + 24 * HOUR)).toEqual({ do: 'read' });
  });

  test('a change that took effect is done', () => {
    expect(following(lost, read(WANTED, START + 24 * HOUR)).life).toMatchObject({
      state: 'done',
      outcome: outcome(WANTED, '"9"'),
    });
  });

  test('one that did not is refused with the code gaveUp, and what was last in its way', () => {
    const failed = following(asked(), sent(), failing('failed', START, { reason: 'serverError', status: 503 }));
    expect(following(failed, read(OLD, START + 24 * HOUR)).life).toMatchObject({
      state: 'refused',
      failure: { reason: 'gaveUp', status: 503 },
      seen: false,
    });
  });

  test('a read before that has no meaning', () => {
    expect(following(lost, read(OLD, START + 24 * HOUR - 1))).toBe(lost);
    expect(following(lost, failing('readFailed', START + 24 * HOUR - 1, NO_ANSWER))).toBe(lost);
  });

  test('when the read fails the outcome is unknown, and it is read hourly until it is known', () => {
    let change = lost;
    for (let hour = 24; hour < 24 + 30 * 24; hour += 1) {
      expect(nextStep(change, START + hour * HOUR)).toEqual({ do: 'read' });
      change = following(change, failing('readFailed', START + hour * HOUR, NO_ANSWER));
      expect(phaseOf(change.life, START).phase).toBe('outcomeUnknown');
      expect(wantsAttention(change)).toBe(true);
      expect(nextStep(change, START + hour * HOUR)).toEqual({ do: 'wait', until: START + (hour + 1) * HOUR });
    }
    expect(following(change, read(WANTED, START + 1000 * HOUR)).life.state).toBe('done');
    expect(following(change, read(OLD, START + 1000 * HOUR)).life).toMatchObject({ failure: { reason: 'gaveUp' } });
  });

  test('a longer Retry-After of the read is honoured, and “Try again” reads at once', () => {
    const unknown = following(lost, failing('readFailed', START + 24 * HOUR, BUSY, 3 * HOUR));
    expect(nextStep(unknown, START + 24 * HOUR)).toEqual({ do: 'wait', until: START + 27 * HOUR });
    const asking = following(unknown, at('tryNow', START + 25 * HOUR));
    expect(nextStep(asking, START + 25 * HOUR)).toEqual({ do: 'read' });
  });

  test('a browser that was closed for a week gives up by reading, not by sending', () => {
    const sending = following(asked(), sent());
    const found = following(sending, at('interrupted', START + 7 * 24 * HOUR));
    expect(nextStep(found, START + 7 * 24 * HOUR)).toEqual({ do: 'read' });
  });
});

describe('Stopping', () => {
  test('before anything was sent it is cancelled at once', () => {
    expect(following(asked(), at('stopAsked', START + 3)).life).toEqual({
      state: 'cancelled',
      attempts: 0,
      endedAt: START + 3,
    });
  });

  test('after an attempt the state is read first, at once, and tells how it ended', () => {
    const stopped = following(lost, at('stopAsked', START + 1));
    expect(nextStep(stopped, START + 1)).toEqual({ do: 'read' });
    expect(following(stopped, read(OLD)).life.state).toBe('cancelled');
    expect(following(stopped, read(FOREIGN)).life.state).toBe('cancelled');
    expect(following(stopped, read(WANTED)).life.state).toBe('done');
  });

  test('after that it is never sent again', () => {
    const stopped = following(lost, at('stopAsked', START + 1));
    expect(following(stopped, sent(START + 2))).toBe(stopped);
    const retried = following(stopped, failing('readFailed', START + 2, NO_ANSWER), at('tryNow', START + 3));
    expect(nextStep(retried, START + 3)).toEqual({ do: 'read' });
  });

  test('while the attempt is on the wire its answer still counts', () => {
    const stopping = following(asked(), sent(), at('stopAsked'));
    expect(stopping.life.state).toBe('sending');
    expect(following(stopping, applied()).life.state).toBe('done');
    expect(following(stopping, met(WANTED)).life.state).toBe('done');
    expect(following(stopping, met(FOREIGN)).life.state).toBe('cancelled');
    expect(following(stopping, failing('failed', START, REFUSED)).life).toMatchObject({
      state: 'refused',
      failure: REFUSED,
    });
  });

  test.each<ChangeEvent>([
    failing('failed', START + 5, NO_ANSWER),
    failing('failed', START + 5, BUSY, HOUR),
    at('interrupted', START + 5),
  ])('while it is on the wire and comes to nothing, the state is read at once: %#', (event) => {
    const stopped = following(asked(), sent(), at('stopAsked'), event);
    expect(nextStep(stopped, START + 5)).toEqual({ do: 'read' });
  });

  test('a stopped change whose read fails is read again with growing pauses, its outcome unknown until then', () => {
    const once = following(lost, at('stopAsked', START), failing('readFailed', START, NO_ANSWER));
    expect(nextStep(once, START)).toEqual({ do: 'wait', until: START + SECOND });
    expect(phaseOf(once.life, START).phase).toBe('outcomeUnknown');
    const twice = following(once, failing('readFailed', START + SECOND, NO_ANSWER));
    expect(nextStep(twice, START + SECOND)).toEqual({ do: 'wait', until: START + 3 * SECOND });
  });

  test('stopping one that waits for sign-in reads as well', () => {
    const signedOut = following(asked(), sent(), failing('failed', START, SIGNED_OUT));
    expect(nextStep(following(signedOut, at('stopAsked', START + 1)), START + 1)).toEqual({ do: 'read' });
  });
});

describe('Ends', () => {
  const anything: readonly ChangeEvent[] = [
    sent(),
    applied(),
    met(FOREIGN),
    met(WANTED),
    failing('failed', START, NO_ANSWER),
    failing('failed', START, REFUSED),
    failing('readFailed', START, NO_ANSWER),
    read(WANTED),
    read(OLD),
    at('interrupted'),
    at('stopAsked'),
    at('tryNow'),
    signedIn(),
    at('abandoned'),
  ];

  test.each(ENDS.map((end) => [end.life.state, end] as const))('%s is final', (_state, end) => {
    for (const event of anything) expect(following(end, event)).toBe(end);
    expect(isOpen(end)).toBe(false);
    expect(nextStep(end, START + 1000 * HOUR)).toEqual({ do: 'nothing' });
  });

  const conflict = following(asked(), sent(), met(FOREIGN));
  const kept: ChangeEvent = { type: 'kept' };
  const overwritten: ChangeEvent = { type: 'overwritten', by: uuid(2) };

  test('a conflict is answered once, by keeping or by another change, and leaves the badge only then', () => {
    expect(wantsAttention(conflict)).toBe(true);
    expect(following(conflict, kept).life).toMatchObject({ state: 'conflict', answer: { kind: 'kept' } });
    expect(following(conflict, overwritten).life).toMatchObject({ answer: { kind: 'resolvedBy', changeId: uuid(2) } });
    for (const [first, second] of [
      [kept, overwritten],
      [overwritten, kept],
      [overwritten, { type: 'overwritten', by: uuid(3) } as const],
    ] as const) {
      const answered = following(conflict, first);
      expect(following(answered, second)).toBe(answered);
      expect(wantsAttention(answered)).toBe(false);
    }
  });

  test('having seen a conflict does not answer it', () => {
    expect(following(conflict, { type: 'seen' })).toBe(conflict);
  });

  test('a refusal leaves the badge when it was seen', () => {
    const refused = following(asked(), sent(), failing('failed', START, REFUSED));
    expect(wantsAttention(refused)).toBe(true);
    const seen = following(refused, { type: 'seen' });
    expect(wantsAttention(seen)).toBe(false);
    expect(following(seen, { type: 'seen' })).toBe(seen);
  });

  test('open, done or cancelled, a change can be neither kept, overwritten nor seen', () => {
    const others = [asked(), following(asked(), sent()), ENDS[0], ENDS[3]].filter((change) => change !== undefined);
    for (const change of others) {
      for (const event of [kept, overwritten, { type: 'seen' } as const]) expect(following(change, event)).toBe(change);
    }
  });
});

describe('A connection that was changed', () => {
  test('ends a change that never left as cancelled', () => {
    expect(following(asked(), at('abandoned', START + 1)).life).toEqual({
      state: 'cancelled',
      attempts: 0,
      endedAt: START + 1,
    });
  });

  test.each([
    ['waiting', lost],
    ['on the wire', following(asked(), sent())],
    ['being stopped', following(lost, at('stopAsked'))],
  ])('ends one that is %s as unknown: it may have taken effect, and is never told as refused', (_what, change) => {
    expect(following(change, at('abandoned', START + 1)).life).toMatchObject({
      state: 'unknown',
      failure: { reason: 'connectionChanged' },
    });
  });

  test('the late answer of an abandoned attempt alters nothing', () => {
    const gone = following(asked(), sent(), at('abandoned'));
    expect(following(gone, applied())).toBe(gone);
  });
});

describe('The badge', () => {
  test('counts what is in the way of an open change, and nothing that is on its way', () => {
    expect(wantsAttention(asked())).toBe(false);
    expect(wantsAttention(following(asked(), sent()))).toBe(false);
    expect(wantsAttention(lost)).toBe(true);
    expect(wantsAttention(following(lost, sent(START + SECOND)))).toBe(true);
  });

  test('does not count what ended well', () => {
    expect(ENDS.map((end) => [end.life.state, wantsAttention(end)])).toEqual([
      ['done', false],
      ['refused', true],
      ['conflict', true],
      ['cancelled', false],
    ]);
  });
});

describe('Whose a change is', () => {
  const kept = following(asked(), sent(), failing('failed', START, { reason: 'otherPerson' }));
  const adopted: ChangeEvent = { type: 'adopted', at: START + 5, person: BEN };

  test('another person signed in: nothing is sent until somebody decides, however long', () => {
    expect(kept.life).toMatchObject({ state: 'waiting', for: 'person', effectPossible: false });
    expect(nextStep(kept, START + 1000 * HOUR)).toEqual({ do: 'wait', until: null });
    expect(following(kept, sent(START + HOUR))).toBe(kept);
  });

  test('who asked is back: it goes on', () => {
    expect(nextStep(following(kept, signedIn(START + 5, ADA)), START + 5)).toEqual({ do: 'send' });
  });

  test('a third person signs in: it waits on', () => {
    const third: Person = {
      kind: 'principal',
      serviceUrl: 'https://partners.example/v1',
      principalId: 'p',
      name: 'Cem',
    };
    expect(following(kept, signedIn(START + 5, third))).toBe(kept);
  });

  test('the person who is here sends it as their own, and who asked stays on the row', () => {
    const sentAsBen = following(kept, adopted);
    expect(sentAsBen).toMatchObject({ person: ADA, sentAs: BEN });
    expect(nextStep(sentAsBen, START + 5)).toEqual({ do: 'send' });
    expect([mayBeSentBy(sentAsBen, ADA), mayBeSentBy(sentAsBen, BEN)]).toEqual([false, true]);
  });

  test('only what waits for a person can be adopted', () => {
    for (const change of [asked(), lost, following(asked(), sent()), following(asked(), sent(), applied())]) {
      expect(following(change, adopted)).toBe(change);
    }
  });

  test('what may have taken effect is read before anybody is asked', () => {
    const look = following(lost, at('tryNow'), sent(), failing('failed', START, { reason: 'otherPerson' }));
    expect(nextStep(look, START)).toEqual({ do: 'read' });
    expect(following(look, adopted)).toBe(look);
    expect(following(look, read(WANTED)).life.state).toBe('done');
    const notThere = following(look, read(OLD));
    expect(notThere.life).toMatchObject({ state: 'waiting', for: 'person' });
    expect(following(notThere, adopted).sentAs).toEqual(BEN);
  });

  test('another person signs in while it waits for its next attempt: it stays here', () => {
    expect(following(lost, signedIn(START + 1, BEN)).life).toMatchObject({ for: 'look' });
    expect(following(asked(), signedIn(START + 1, BEN)).life).toMatchObject({ for: 'person' });
  });

  test('of a row from before nobody knows whose it is, so nobody sends it without asking', () => {
    const old = asked({ person: null });
    expect([mayBeSentBy(old, ADA), mayBeSentBy(old, BEN)]).toEqual([false, false]);
    expect(following(old, signedIn(START, ADA)).life).toMatchObject({ for: 'person' });
  });

  test('two ways of knowing somebody are never one person, and names decide nothing', () => {
    const serviceUrl = 'https://partners.example/v1';
    const people: readonly Person[] = [
      ADA,
      { ...ADA, sub: 'ADA' },
      { ...ADA, issuer: 'https://login.example/' },
      { kind: 'principal', serviceUrl, principalId: 'ada', name: 'Ada' },
      { kind: 'principal', serviceUrl: `${serviceUrl}/`, principalId: 'ada', name: 'Ada' },
      { kind: 'token', serviceUrl, fingerprint: 'ada' },
      { kind: 'connection', connectionId: 'ada' },
    ];
    for (const [i, one] of people.entries()) {
      for (const [j, other] of people.entries()) expect(isSamePerson(one, other)).toBe(i === j);
    }
    expect(isSamePerson(ADA, { ...ADA, name: 'Ada Lovelace' })).toBe(true);
  });

  test('the owner of a pasted token takes its place on the rows of that token alone', () => {
    const token = { kind: 'token', serviceUrl: 'https://partners.example/v1', fingerprint: 'f1' } as const;
    const owner: Person = { kind: 'principal', serviceUrl: token.serviceUrl, principalId: 'p1', name: 'Ada' };
    const known: ChangeEvent = { type: 'ownerKnown', token, person: owner };
    expect(following(asked({ person: token }), known).person).toEqual(owner);
    for (const person of [null, BEN, { ...token, fingerprint: 'f2' }]) {
      const other = asked({ person });
      expect(following(other, known)).toBe(other);
    }
  });

  test('stopped on the wire, and then met by another person: nobody is asked about it, it ends by what is read', () => {
    const met = following(asked(), sent(), at('stopAsked'), failing('failed', START, { reason: 'otherPerson' }));
    expect(nextStep(met, START)).toEqual({ do: 'read' });
    expect(following(met, adopted)).toBe(met);
    expect(following(met, read(OLD)).life.state).toBe('cancelled');
  });

  test('discarding what never left ends it, and what may have left is read first', () => {
    const never = following(asked(), signedIn(START, BEN), at('stopAsked'));
    expect(never.life.state).toBe('cancelled');
    expect(nextStep(following(kept, at('stopAsked')), START)).toEqual({ do: 'read' });
  });
});

describe('A connection that is missing', () => {
  const missing: ChangeEvent = { type: 'connectionMissing', at: START + 1 };
  const found: ChangeEvent = { type: 'connectionFound', at: START + 2 };

  test.each([
    ['never sent', asked()],
    ['with a lost answer', lost],
    ['being stopped', following(lost, at('stopAsked'))],
  ])('one %s waits for it, and goes on when it is back', (_what, change) => {
    const waiting = following(change, missing);
    expect(nextStep(waiting, START + 1000 * HOUR)).toEqual({ do: 'wait', until: null });
    expect(isOpen(waiting)).toBe(true);
    const { do: before } = nextStep(following(change, at('tryNow')), START + 2);
    expect(nextStep(following(waiting, found), START + 2)).toEqual({ do: before });
  });

  test('signing in elsewhere does not stand for it', () => {
    const waiting = following(asked(), missing);
    expect(following(waiting, signedIn(START + 5))).toBe(waiting);
  });
});

describe('Names', () => {
  test('the partner wanted has the name of the record in the end', () => {
    const ended = following(asked(), sent(), {
      type: 'applied',
      at: START,
      state: state({ ...WANTED, name: 'As the record has it' }),
    });
    expect(ended.after).toEqual({ ...WANTED, name: 'As the record has it' });
  });
});
