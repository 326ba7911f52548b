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
import type { Failure } from '../../../src/domain/failure';
import { phaseOf, wantsAttention } from '../../../src/domain/standing';
import { isSamePerson, type Person } from '../../../src/domain/person';
import { targetKey } from '../../../src/domain/target';
import { aChange, aRequest } from '../../support/changes';
import { HOUR, MINUTE, SECOND, START } from '../../support/clock';
import { CONNECTION_ID } from '../../support/connections';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { ADA, BEN } from '../../support/persons';
import { outcome, state } from '../../support/records';
import { subscriptionId, TARGET, uuid } from '../../support/targets';
import { failing, type Happening, happening } from './happenings';

const NO_ANSWER: Failure = { reason: 'noAnswer' };
const SIGNED_OUT: Failure = { reason: 'signInNeeded', status: 401 };
const BUSY: Failure = { reason: 'busy', status: 429 };
const REFUSED: Failure = { reason: 'refused', status: 403, code: 'NotPermitted' };

/** The change after these events, one after the other. */
function following(change: Change, ...events: readonly Happening[]): Change {
  return events.reduce((before, event) => afterEvent(before, happening(before, event)), change);
}

const sent = (at = START): ChangeEvent => ({ type: 'sent', at });
const applied = (at = START): ChangeEvent => ({ type: 'applied', at, state: state(WANTED, '"2"') });
const met = (holder: typeof OLD | null, at = START): ChangeEvent => ({
  type: 'preconditionFailed',
  at,
  state: state(holder, '"9"'),
});
/** What was read: what it was based on, unless another version is told. */
const read = (holder: typeof OLD | null, at = START, version = holder === OLD ? '"1"' : '"9"'): Happening => ({
  type: 'stateRead',
  at,
  state: state(holder, version),
});
const signedIn = (time = START, person: Person | null = ADA): ChangeEvent => ({ type: 'signedIn', at: time, person });
const at = (type: 'interrupted' | 'stopAsked' | 'tryNow' | 'abandoned', time = START): ChangeEvent => ({
  type,
  at: time,
});

const lost = following(aChange(), sent(), failing('failed', START, NO_ANSWER));
/** The same that was told to wait for 24 hours, and has. */
const tried = following(aChange(), sent(), failing('failed', START, NO_ANSWER, 24 * HOUR));
/** So long after it left may a request still take effect. */
const UNDER_WAY = 56 * SECOND;

/** One change in each of its ends. */
const ENDS: readonly Change[] = [
  following(aChange(), sent(), applied()),
  following(aChange(), sent(), failing('failed', START, REFUSED)),
  following(aChange(), sent(), met(FOREIGN)),
  following(aChange(), at('stopAsked')),
];

describe('Identity', () => {
  test('a change is written as waiting, with nothing sent, and due at once', () => {
    expect(aChange().life).toMatchObject({ state: 'waiting', attempts: 0, firstSentAt: null, effectPossible: false });
    expect(nextStep(aChange(), START)).toEqual({ do: 'send' });
  });

  test('what was asked never alters, whatever happens', () => {
    for (const end of ENDS) expect({ ...end, life: null }).toEqual({ ...aRequest(), sentAs: null, life: null });
  });

  test.each([
    ['another id', { id: uuid(2) }],
    ['another connection', { target: { ...TARGET, connectionId: uuid(3) } }],
    ['another subscription', { target: { ...TARGET, id: subscriptionId('other') } }],
    ['another kind of target', { target: { kind: 'signIn', connectionId: CONNECTION_ID, tenant: 't', user: 'u' } }],
    ['another partner', { after: FOREIGN }],
    ['a removal', { kind: 'remove', after: null }],
    ['another record it was based on', { basedOn: '"2"' }],
  ] as const)('the same id with %s is not the same request', (_what, other) => {
    expect(asksTheSame(aRequest(), aRequest(other))).toBe(false);
  });

  test('asked again later, from elsewhere, with a name that has changed since, it is the same request', () => {
    const again = aRequest({
      askedAt: START + HOUR,
      askedFrom: 'popup',
      page: 'https://portal.azure.com',
      targetName: 'Renamed',
      after: { ...WANTED, name: 'Renamed' },
    });
    expect(asksTheSame(aRequest(), again)).toBe(true);
  });

  test('targets of different kinds never share a key', () => {
    const keys = [
      targetKey({ kind: 'subscription', connectionId: 'c', id: subscriptionId('a') }),
      targetKey({ kind: 'subscription', connectionId: 'd', id: subscriptionId('a') }),
      targetKey({ kind: 'subscription', connectionId: 'c', id: subscriptionId('a","b') }),
      targetKey({ kind: 'subscription', connectionId: 'c","a', id: subscriptionId('b') }),
      targetKey({ kind: 'signIn', connectionId: 'c', tenant: 'a', user: 'b' }),
      targetKey({ kind: 'signIn', connectionId: 'd', tenant: 'a', user: 'b' }),
      targetKey({ kind: 'signIn', connectionId: 'c', tenant: 'a","b', user: '' }),
      targetKey({ kind: 'signIn', connectionId: 'c', tenant: '', user: 'a' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('Death', () => {
  test('an attempt that died with the worker is made again at once, under the same id', () => {
    const again = following(aChange(), sent(), at('interrupted', START + MINUTE));
    expect(nextStep(again, START + MINUTE)).toEqual({ do: 'send' });
    expect(again.id).toBe(aChange().id);
    expect(again.life).toMatchObject({ effectPossible: true, lastFailure: { reason: 'interrupted' } });
  });

  test('a change on the wire needs nothing but its answer', () => {
    expect(nextStep(following(aChange(), sent()), START + 48 * HOUR)).toEqual({ do: 'nothing' });
  });
});

describe('Answers', () => {
  test('an answer that shows the change ends it as done, on the record that came', () => {
    expect(following(aChange(), sent(), applied(START + 7)).life).toEqual({
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
    const waiting = following(aChange(), sent(), failing('failed', START, failure));
    expect(waiting.life).toMatchObject({ state: 'waiting', lastFailure: failure });
    expect(nextStep(waiting, START)).toEqual({ do: 'wait', until: START + SECOND });
    expect(nextStep(waiting, START + SECOND)).toEqual({ do: 'send' });
  });

  test('the pauses double from one second to 15 minutes', () => {
    const pauses: number[] = [];
    let change = aChange();
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
      const { life } = following(aChange(), sent(), { ...failing('failed', START, BUSY), chance });
      return life.state === 'waiting' ? life.wait.ms : null;
    });
    expect(pauses).toEqual([1000, 750, expect.closeTo(500.5)]);
  });

  test.each([
    ['longer than the pause', 5 * MINUTE, 5 * MINUTE],
    ['shorter than the pause', 1, SECOND],
    ['24 hours', 24 * HOUR, 24 * HOUR],
    ['a year: capped at 24 hours', 365 * 24 * HOUR, 24 * HOUR],
    ['beyond all numbers: capped at 24 hours', Number.POSITIVE_INFINITY, 24 * HOUR],
  ])('Retry-After of %s is honoured', (_what, retryAfterMs, pause) => {
    const { life } = following(aChange(), sent(), failing('failed', START, BUSY, retryAfterMs));
    expect(life).toMatchObject({ wait: { from: START, ms: pause } });
  });

  test('another 4xx is final', () => {
    expect(following(aChange(), sent(), failing('failed', START + 1, REFUSED)).life).toEqual({
      state: 'refused',
      failure: REFUSED,
      seen: false,
      attempts: 1,
      endedAt: START + 1,
    });
  });

  test('a refusal after a lost answer is not believed: the state is read, and says how it ended', () => {
    const doubtful = following(lost, sent(START + 9), failing('failed', START + 9, REFUSED));
    const quiet = START + 9 + UNDER_WAY;
    expect(nextStep(doubtful, START + 9)).toEqual({ do: 'wait', until: quiet });
    expect(nextStep(doubtful, quiet)).toMatchObject({ do: 'read' });
    expect(following(doubtful, read(WANTED, quiet)).life.state).toBe('done');
    expect(following(doubtful, read(OLD, quiet)).life).toMatchObject({ state: 'refused', failure: REFUSED });
  });

  test('412 is a conflict with the record found, and waits for the person', () => {
    expect(following(aChange(), sent(), met(FOREIGN)).life).toEqual({
      state: 'conflict',
      found: outcome(FOREIGN, '"9"'),
      answer: null,
      attempts: 1,
      endedAt: START,
    });
  });

  test('412 with what was wanted is done: the change has met its own effect', () => {
    expect(following(lost, sent(START + 9), met(WANTED)).life).toMatchObject({ state: 'done', attempts: 2 });
    const removal = aChange({ kind: 'remove', after: null });
    expect(following(removal, sent(), met(null)).life.state).toBe('done');
    expect(following(removal, sent(), met(OLD)).life.state).toBe('conflict');
  });
});

describe('Sign-in', () => {
  const signedOut = following(aChange(), sent(), failing('failed', START, SIGNED_OUT));

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
    const again = [sent(START + 72 * HOUR), failing('failed', START + 72 * HOUR, NO_ANSWER, 24 * HOUR)];
    expect(nextStep(following(back, ...again), START + 96 * HOUR)).toMatchObject({ do: 'read' });
    const early = following(back, ...again, at('tryNow', START + 95 * HOUR));
    expect(nextStep(early, START + 95 * HOUR)).toEqual({ do: 'send' });
  });

  test('signing in alters nothing for a change that was not waiting for it', () => {
    expect(following(lost, signedIn(START + 1))).toBe(lost);
  });

  test('a read that needs sign-in waits for it, and reads again after it', () => {
    const stopped = following(lost, at('stopAsked', START + 5), failing('readFailed', START + 6, SIGNED_OUT));
    expect(nextStep(stopped, START + 100 * HOUR)).toEqual({ do: 'wait', until: null });
    const back = following(stopped, signedIn(START + 100 * HOUR));
    expect(nextStep(back, START + 100 * HOUR)).toMatchObject({ do: 'read' });
    expect(following(back, read(OLD, START + 101 * HOUR)).life.state).toBe('cancelled');
  });
});

describe('Giving up', () => {
  const end = START + 24 * HOUR;

  test('after 24 hours of waits between attempts the state is read, and nothing is sent any more', () => {
    const almost = following(tried, at('tryNow', end - 1));
    expect(nextStep(almost, end - 1)).toEqual({ do: 'send' });
    expect(nextStep(tried, end)).toMatchObject({ do: 'read' });
    expect(following(tried, sent(end))).toBe(tried);
    const asking = following(tried, at('tryNow', end));
    expect(nextStep(asking, end)).toMatchObject({ do: 'read' });
    expect(following(asking, sent(end))).toBe(asking);
  });

  test('only waits that were served count, each at most at its own length', () => {
    let change = aChange();
    let now = START;
    let sentAt = START;
    for (; nextStep(change, now).do === 'send'; now += 7 * 24 * HOUR) {
      sentAt = now;
      change = following(change, sent(now), failing('failed', now, NO_ANSWER, HOUR));
    }
    expect(change.life).toMatchObject({ attempts: 24, triedMs: 23 * HOUR });
    expect(nextStep(change, now)).toMatchObject({ do: 'read' });
    expect(sentAt).toBe(START + 23 * 7 * 24 * HOUR);
  });

  test.each([
    ['a day ahead', 24 * HOUR],
    ['a year ahead', 365 * 24 * HOUR],
    ['a day back', -24 * HOUR],
    ['two hours back', -2 * HOUR],
  ])('a clock that is set %s ends nothing, and at most one wait is cut short', (_what, by) => {
    const set = START + SECOND + by;
    expect(nextStep(lost, set)).toEqual({ do: 'send' });
    const again = following(lost, sent(set), failing('failed', set, NO_ANSWER));
    expect(nextStep(again, set)).toEqual({ do: 'wait', until: set + 2 * SECOND });
    expect(again.life).toMatchObject({ triedMs: SECOND });
  });

  test('a change that took effect is done', () => {
    expect(following(tried, read(WANTED, end)).life).toMatchObject({ state: 'done', outcome: outcome(WANTED, '"9"') });
  });

  test('one that did not is refused with the code gaveUp, and what was last in its way', () => {
    const failed = following(
      aChange(),
      sent(),
      failing('failed', START, { reason: 'serverError', status: 503 }, 24 * HOUR),
    );
    expect(following(failed, read(OLD, end)).life).toMatchObject({
      state: 'refused',
      failure: { reason: 'gaveUp', status: 503 },
      seen: false,
    });
  });

  test('a read before that has no meaning', () => {
    const early = following(tried, at('tryNow', end - 1));
    expect(following(early, read(OLD, end - 1))).toBe(early);
    expect(following(early, failing('readFailed', end - 1, NO_ANSWER))).toBe(early);
  });

  test('what was sent right before the 24 hours were over is read only once it can take effect no more', () => {
    const almost = following(
      aChange(),
      sent(),
      failing('failed', START, BUSY, 24 * HOUR),
      at('tryNow', end - 1),
      sent(end - 1),
    );
    const last = following(almost, failing('failed', end - 1, NO_ANSWER));
    expect(nextStep(last, end - 1)).toEqual({ do: 'wait', until: end - 1 + UNDER_WAY });
    expect(nextStep(last, end - 1 + UNDER_WAY)).toMatchObject({ do: 'read' });
    expect(following(last, read(OLD, end - 1 + UNDER_WAY)).life).toMatchObject({
      state: 'refused',
      failure: { reason: 'gaveUp' },
    });
  });

  test('when the read fails the outcome is unknown, and it is read hourly until it is known', () => {
    let change = tried;
    for (let hour = 24; hour < 24 + 30 * 24; hour += 1) {
      expect(nextStep(change, START + hour * HOUR)).toMatchObject({ do: 'read' });
      change = following(change, failing('readFailed', START + hour * HOUR, NO_ANSWER));
      expect(phaseOf(change.life, START).phase).toBe('outcomeUnknown');
      expect(wantsAttention(change)).toBe(true);
      expect(nextStep(change, START + hour * HOUR)).toEqual({ do: 'wait', until: START + (hour + 1) * HOUR });
    }
    expect(following(change, read(WANTED, START + 1000 * HOUR)).life.state).toBe('done');
    expect(following(change, read(OLD, START + 1000 * HOUR)).life).toMatchObject({ failure: { reason: 'gaveUp' } });
  });

  test('a longer Retry-After of the read is honoured, and “Try again” reads at once', () => {
    const unknown = following(tried, failing('readFailed', end, BUSY, 3 * HOUR));
    expect(nextStep(unknown, end)).toEqual({ do: 'wait', until: START + 27 * HOUR });
    const asking = following(unknown, at('tryNow', START + 25 * HOUR));
    expect(nextStep(asking, START + 25 * HOUR)).toMatchObject({ do: 'read' });
  });

  test('somebody else has changed it meanwhile, and no key holds any more: nobody can know, and who holds it is told', () => {
    for (const holder of [FOREIGN, null]) {
      expect(following(tried, read(holder, end)).life).toMatchObject({
        state: 'unknown',
        failure: { reason: 'keyExpired' },
        found: outcome(holder, '"9"'),
        seen: false,
      });
    }
  });
});

describe('Stopping', () => {
  const stopped = following(lost, at('stopAsked', START + SECOND));
  const quiet = START + UNDER_WAY;

  test('before anything was sent it is cancelled at once', () => {
    expect(following(aChange(), at('stopAsked', START + 3)).life).toEqual({
      state: 'cancelled',
      attempts: 0,
      endedAt: START + 3,
    });
  });

  test('after an attempt the state is read, once none can take effect any more, and tells how it ended', () => {
    expect(nextStep(stopped, START + SECOND)).toEqual({ do: 'wait', until: quiet });
    expect(nextStep(stopped, quiet)).toMatchObject({ do: 'read' });
    expect(following(stopped, read(OLD, quiet)).life.state).toBe('cancelled');
    expect(following(stopped, read(WANTED, quiet)).life.state).toBe('done');
  });

  test('a clock that was put back does not cut that wait short', () => {
    const back = following(lost, at('stopAsked', START - HOUR));
    expect(nextStep(back, START - HOUR)).toEqual({ do: 'wait', until: START - HOUR + UNDER_WAY });
  });

  test('a request that left later than it was written as sent is waited for from then', () => {
    const leftLate = following(
      aChange(),
      sent(),
      sent(START + 40 * SECOND),
      failing('failed', START + MINUTE, NO_ANSWER),
    );
    const late = following(leftLate, at('stopAsked', START + MINUTE));
    expect(nextStep(late, START + MINUTE)).toEqual({ do: 'wait', until: START + 40 * SECOND + UNDER_WAY });
    expect(late.life.attempts).toBe(1);
  });

  test('a read that was begun before it was stopped tells nothing, and one that failed does not cut the wait short', () => {
    const looking = following(lost, signedIn(START, BEN));
    const since = looking.life.state === 'waiting' ? looking.life.wait : undefined;
    expect(nextStep(looking, START)).toEqual({ do: 'read', since });
    const stopping = following(looking, at('stopAsked', START + 1));
    for (const begun of [read(OLD, START + 2), failing('readFailed', START + 2, NO_ANSWER)]) {
      expect(following(stopping, { ...begun, since } as Happening)).toBe(stopping);
    }
    // Also when its answer comes after the wait that it knew nothing of.
    expect(following(stopping, { ...read(OLD, quiet), since } as Happening)).toBe(stopping);
    expect(following(stopping, read(OLD, quiet)).life.state).toBe('cancelled');
  });

  test('trying again while it is being read lets that read tell', () => {
    const due = following(stopped, at('tryNow', quiet));
    expect(due).toBe(stopped);
  });

  test('an attempt that certainly had no effect is not waited for', () => {
    const busy = following(aChange(), sent(), failing('failed', START, BUSY), at('stopAsked', START));
    expect(nextStep(busy, START)).toMatchObject({ do: 'read' });
    expect(following(busy, read(FOREIGN)).life.state).toBe('cancelled');
  });

  test('after that it is never sent to take effect', () => {
    expect(following(stopped, sent(quiet))).toBe(stopped);
    const retried = following(stopped, failing('readFailed', quiet, NO_ANSWER), at('tryNow', quiet + 1));
    expect(nextStep(retried, quiet + 1)).toMatchObject({ do: 'read' });
  });

  describe('somebody else has changed it meanwhile', () => {
    const moved = following(stopped, read(FOREIGN, quiet));

    test('the backend is asked by the key, which can take no effect any more', () => {
      expect(nextStep(moved, quiet)).toEqual({ do: 'send' });
      expect(phaseOf(moved.life, quiet)).toMatchObject({ phase: 'settling', stopping: true });
    });

    test('its first answer comes again: it was made, and replaced since', () => {
      expect(following(moved, sent(quiet), applied(quiet)).life).toMatchObject({
        state: 'done',
        outcome: outcome(WANTED, '"2"'),
      });
    });

    test('412: it was never made', () => {
      expect(following(moved, sent(quiet), met(FOREIGN, quiet)).life.state).toBe('cancelled');
    });

    test('no answer: it is read and asked again, with growing pauses', () => {
      const again = following(moved, sent(quiet), failing('failed', quiet, NO_ANSWER));
      const next = nextStep(again, quiet);
      expect(next).toEqual({ do: 'wait', until: quiet + UNDER_WAY });
      expect(nextStep(again, quiet + UNDER_WAY)).toMatchObject({ do: 'read' });
    });

    test.each([
      ['23 hours after its first request', lost, START + 23 * HOUR],
      ['by a clock that was put back since', lost, START - HOUR],
      [
        'at a backend without keys',
        following(aChange({ replay: 'readFirst' }), sent(), failing('failed', START, NO_ANSWER)),
        quiet,
      ],
    ])('%s nobody can know any more', (_what, change, time) => {
      const late = following(change, at('stopAsked', time));
      expect(following(late, read(FOREIGN, time + UNDER_WAY)).life).toMatchObject({
        state: 'unknown',
        found: outcome(FOREIGN, '"9"'),
      });
    });
  });

  test('while the attempt is on the wire its answer still counts', () => {
    const stopping = following(aChange(), sent(), at('stopAsked'));
    expect(stopping.life.state).toBe('sending');
    expect(following(stopping, applied()).life.state).toBe('done');
    expect(following(stopping, met(WANTED)).life.state).toBe('done');
    expect(following(stopping, met(FOREIGN)).life.state).toBe('cancelled');
    expect(following(stopping, failing('failed', START, REFUSED)).life).toMatchObject({
      state: 'refused',
      failure: REFUSED,
    });
  });

  test.each<[ChangeEvent, number]>([
    [failing('failed', START + 5, NO_ANSWER), quiet],
    [failing('failed', START + 5, BUSY, HOUR), START + 5 + HOUR],
    [at('interrupted', START + 5), quiet],
  ])('while it is on the wire and comes to nothing, the state is read next: %#', (event, when) => {
    const stopping = following(aChange(), sent(), at('stopAsked'), event);
    expect(nextStep(stopping, START + 5)).toEqual({ do: 'wait', until: when });
    expect(nextStep(stopping, when)).toMatchObject({ do: 'read' });
  });

  test('a stopped change whose read fails is read again with growing pauses, its outcome unknown until then', () => {
    const once = following(stopped, failing('readFailed', quiet, NO_ANSWER));
    expect(nextStep(once, quiet)).toEqual({ do: 'wait', until: quiet + SECOND });
    expect(phaseOf(once.life, quiet).phase).toBe('outcomeUnknown');
    const twice = following(once, failing('readFailed', quiet + SECOND, NO_ANSWER));
    expect(nextStep(twice, quiet + SECOND)).toEqual({ do: 'wait', until: quiet + 3 * SECOND });
  });

  test('stopping one whose every attempt never left ends it at once: a read would want the sign-in that nobody can make', () => {
    const noToken: Failure = { ...SIGNED_OUT, unsent: true };
    const once = following(aChange(), sent(), failing('failed', START, noToken));
    const twice = following(once, signedIn(START + 1), sent(START + 1), failing('failed', START + 2, noToken));
    for (const one of [once, twice])
      expect(following(one, at('stopAsked', START + 3)).life).toMatchObject({ state: 'cancelled', endedAt: START + 3 });
    const maybeMade = following(aChange(), sent(), failing('failed', START, NO_ANSWER), sent(START + UNDER_WAY));
    const since = following(maybeMade, failing('failed', START + UNDER_WAY, noToken));
    expect(following(since, at('stopAsked', START + 2 * UNDER_WAY)).life).toMatchObject({ state: 'waiting' });
  });

  test('stopping one that waits for sign-in reads as well', () => {
    const signedOut = following(aChange(), sent(), failing('failed', START, SIGNED_OUT));
    expect(nextStep(following(signedOut, at('stopAsked', START + 1)), START + 1)).toMatchObject({ do: 'read' });
  });
});

describe('A backend without keys', () => {
  const keyless = following(aChange({ replay: 'readFirst' }), sent(), failing('failed', START, NO_ANSWER));
  const quiet = START + UNDER_WAY;

  test('is asked for the present state before the change is sent again, once none can take effect any more', () => {
    expect(nextStep(aChange({ replay: 'readFirst' }), START)).toEqual({ do: 'send' });
    expect(nextStep(keyless, START)).toEqual({ do: 'wait', until: quiet });
    expect(nextStep(keyless, quiet)).toMatchObject({ do: 'read' });
    expect(following(keyless, sent(quiet))).toBe(keyless);
  });

  test('shows the change: it is done, not sent again', () => {
    expect(following(keyless, read(WANTED, quiet)).life.state).toBe('done');
  });

  test('shows what it was based on: it is sent again', () => {
    const again = following(keyless, read(OLD, quiet));
    expect(nextStep(again, quiet)).toEqual({ do: 'send' });
    expect(following(again, sent(quiet), met(FOREIGN, quiet)).life.state).toBe('conflict');
  });

  test('shows something else: nobody can know', () => {
    expect(following(keyless, read(FOREIGN, quiet)).life).toMatchObject({ state: 'unknown' });
  });

  test('without versions, what it was based on is told by the partner', () => {
    const versionless = (holder: typeof OLD): Happening => ({
      type: 'stateRead',
      at: quiet,
      state: { ...state(holder), version: null },
    });
    const change = following(
      aChange({ replay: 'readFirst', basedOn: null }),
      sent(),
      failing('failed', START, NO_ANSWER),
    );
    expect(nextStep(following(change, versionless(OLD)), quiet)).toEqual({ do: 'send' });
    expect(following(change, versionless(WANTED)).life.state).toBe('done');
    expect(following(change, versionless(FOREIGN)).life.state).toBe('unknown');
  });
});

describe('A key that does not hold any more', () => {
  test('412 after a lost answer, long after: it may have been made, so it is no conflict', () => {
    const long = START + 30 * HOUR;
    const again = following(lost, sent(long), met(FOREIGN, long));
    expect(again.life).toMatchObject({ state: 'unknown', found: outcome(FOREIGN, '"9"') });
  });

  test('412 while it holds is a conflict: the key would have answered', () => {
    expect(following(lost, sent(START + HOUR), met(FOREIGN, START + HOUR)).life.state).toBe('conflict');
  });

  test('of another caller it never held: who sent it as their own cannot ask what it came to before', () => {
    const look = following(lost, at('tryNow'), sent(), failing('failed', START, { reason: 'otherPerson' }));
    const adopted = following(look, read(OLD), { type: 'adopted', at: START, person: BEN });
    expect(following(adopted, sent(), met(FOREIGN)).life.state).toBe('unknown');
  });

  test('asked by it and refused otherwise than by a conflict, it is asked less and less often, until it is not kept', () => {
    let change = following(lost, at('stopAsked', START));
    let now = START + UNDER_WAY;
    let asks = 0;
    while (isOpen(change)) {
      change = following(change, read(FOREIGN, now));
      if (!isOpen(change)) break;
      change = following(change, sent(now), failing('failed', now, REFUSED));
      asks += 1;
      const step = nextStep(change, now);
      now = step.do === 'wait' && step.until !== null ? step.until : now;
    }
    expect(change.life).toMatchObject({ state: 'unknown', failure: { reason: 'keyExpired' } });
    expect(asks).toBeLessThan(120);
  });

  test('where the clock was put back meanwhile, nobody can tell for how long it was kept', () => {
    const back = START - 3 * HOUR;
    const again = following(lost, sent(back), failing('failed', back, NO_ANSWER), at('stopAsked', back));
    expect(following(again, read(FOREIGN, START + 20 * HOUR)).life).toMatchObject({ state: 'unknown' });
    const corrected = START - SECOND;
    const asked = following(lost, sent(corrected), failing('failed', corrected, NO_ANSWER), at('stopAsked', corrected));
    expect(following(asked, read(FOREIGN, START + HOUR)).life).toMatchObject({ state: 'waiting', for: 'key' });
  });
});

describe('Ends', () => {
  const anything: readonly Happening[] = [
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

  const conflict = following(aChange(), sent(), met(FOREIGN));
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
    const refused = following(aChange(), sent(), failing('failed', START, REFUSED));
    expect(wantsAttention(refused)).toBe(true);
    const seen = following(refused, { type: 'seen' });
    expect(wantsAttention(seen)).toBe(false);
    expect(following(seen, { type: 'seen' })).toBe(seen);
  });

  test('open, done or cancelled, a change can be neither kept, overwritten nor seen', () => {
    const others = [aChange(), following(aChange(), sent()), ENDS[0], ENDS[3]].filter((change) => change !== undefined);
    for (const change of others) {
      for (const event of [kept, overwritten, { type: 'seen' } as const]) expect(following(change, event)).toBe(change);
    }
  });
});

describe('A connection that was changed', () => {
  test('ends a change that never left as cancelled', () => {
    expect(following(aChange(), at('abandoned', START + 1)).life).toEqual({
      state: 'cancelled',
      attempts: 0,
      endedAt: START + 1,
    });
  });

  test.each([
    ['waiting', lost],
    ['on the wire', following(aChange(), sent())],
    ['being stopped', following(lost, at('stopAsked'))],
  ])('ends one that is %s as unknown: it may have taken effect, and is never told as refused', (_what, change) => {
    expect(following(change, at('abandoned', START + 1)).life).toMatchObject({
      state: 'unknown',
      failure: { reason: 'connectionChanged' },
    });
  });

  test('the late answer of an abandoned attempt alters nothing', () => {
    const gone = following(aChange(), sent(), at('abandoned'));
    expect(following(gone, applied())).toBe(gone);
  });
});

describe('The badge', () => {
  test('counts what is in the way of an open change, and nothing that is on its way', () => {
    expect(wantsAttention(aChange())).toBe(false);
    expect(wantsAttention(following(aChange(), sent()))).toBe(false);
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
  const kept = following(aChange(), sent(), failing('failed', START, { reason: 'otherPerson' }));
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
      issuer: 'https://partners.example/v1',
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
    for (const change of [aChange(), lost, following(aChange(), sent()), following(aChange(), sent(), applied())]) {
      expect(following(change, adopted)).toBe(change);
    }
  });

  test('what may have taken effect is read before anybody is asked', () => {
    const look = following(lost, at('tryNow'), sent(), failing('failed', START, { reason: 'otherPerson' }));
    expect(nextStep(look, START)).toMatchObject({ do: 'read' });
    expect(following(look, adopted)).toBe(look);
    expect(following(look, read(WANTED)).life.state).toBe('done');
    const notThere = following(look, read(OLD));
    expect(notThere.life).toMatchObject({ state: 'waiting', for: 'person' });
    expect(following(notThere, adopted).sentAs).toEqual(BEN);
  });

  test('another person signs in while it waits for its next attempt: it stays here', () => {
    expect(following(lost, signedIn(START + 1, BEN)).life).toMatchObject({ for: 'look' });
    expect(following(aChange(), signedIn(START + 1, BEN)).life).toMatchObject({ for: 'person' });
  });

  test('of a row from before nobody knows whose it is, so nobody sends it without asking', () => {
    const old = aChange({ person: null });
    expect([mayBeSentBy(old, ADA), mayBeSentBy(old, BEN)]).toEqual([false, false]);
    expect(following(old, signedIn(START, ADA)).life).toMatchObject({ for: 'person' });
  });

  test('two ways of knowing somebody are never one person, and names decide nothing', () => {
    const issuer = 'https://partners.example/v1';
    const people: readonly Person[] = [
      ADA,
      { ...ADA, sub: 'ADA' },
      { ...ADA, issuer: 'https://login.example/' },
      { kind: 'principal', issuer, principalId: 'ada', name: 'Ada' },
      { kind: 'principal', issuer: `${issuer}/`, principalId: 'ada', name: 'Ada' },
      { kind: 'token', issuer, fingerprint: 'ada' },
      { kind: 'connection', connectionId: 'ada' },
    ];
    for (const [i, one] of people.entries()) {
      for (const [j, other] of people.entries()) expect(isSamePerson(one, other)).toBe(i === j);
    }
    expect(isSamePerson(ADA, { ...ADA, name: 'Ada Lovelace' })).toBe(true);
  });

  test('the owner of a pasted token takes its place on the rows of that token alone', () => {
    const token = { kind: 'token', issuer: 'https://partners.example/v1', fingerprint: 'f1' } as const;
    const owner: Person = { kind: 'principal', issuer: token.issuer, principalId: 'p1', name: 'Ada' };
    const known: ChangeEvent = { type: 'ownerKnown', token, person: owner };
    expect(following(aChange({ person: token }), known).person).toEqual(owner);
    for (const person of [null, BEN, { ...token, fingerprint: 'f2' }]) {
      const other = aChange({ person });
      expect(following(other, known)).toBe(other);
    }
  });

  test('stopped on the wire, and then met by another person: nobody is asked about it, it ends by what is read', () => {
    const met = following(aChange(), sent(), at('stopAsked'), failing('failed', START, { reason: 'otherPerson' }));
    expect(nextStep(met, START + SECOND)).toMatchObject({ do: 'read' });
    expect(following(met, adopted)).toBe(met);
    expect(following(met, read(OLD)).life.state).toBe('cancelled');
  });

  test('discarding what never left ends it, and what may have left is read first', () => {
    const never = following(aChange(), signedIn(START, BEN), at('stopAsked'));
    expect(never.life.state).toBe('cancelled');
    expect(nextStep(following(kept, at('stopAsked')), START)).toMatchObject({ do: 'read' });
  });
});

describe('A connection that is missing', () => {
  const missing: ChangeEvent = { type: 'connectionMissing', at: START + 1 };
  const found: ChangeEvent = { type: 'connectionFound', at: START + 2 };

  test.each([
    ['never sent', aChange()],
    ['with a lost answer', lost],
    ['being stopped', following(lost, at('stopAsked'))],
  ])('one %s waits for it, and goes on when it is back', (_what, change) => {
    const waiting = following(change, missing);
    expect(nextStep(waiting, START + 1000 * HOUR)).toEqual({ do: 'wait', until: null });
    expect(isOpen(waiting)).toBe(true);
    const { do: before } = nextStep(following(change, at('tryNow')), START + 2);
    expect(nextStep(following(waiting, found), START + 2)).toMatchObject({ do: before });
  });

  test('signing in elsewhere does not stand for it', () => {
    const waiting = following(aChange(), missing);
    expect(following(waiting, signedIn(START + 5))).toBe(waiting);
  });
});

describe('Names', () => {
  test('the partner wanted has the name of the record in the end', () => {
    const ended = following(aChange(), sent(), {
      type: 'applied',
      at: START,
      state: state({ ...WANTED, name: 'As the record has it' }),
    });
    expect(ended.after).toEqual({ ...WANTED, name: 'As the record has it' });
  });
});
