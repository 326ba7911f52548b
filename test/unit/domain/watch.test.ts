import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/domain/failure';
import type { Watched } from '../../../src/domain/settings';
import type { SubscriptionId } from '../../../src/domain/subscription';
import {
  afterWatchEvent,
  isPassDue,
  isQuiet,
  madeByLog,
  nextWatchStep,
  spent,
  WATCH_BUDGET,
  type Watching,
  watchingOf,
  withPass,
} from '../../../src/domain/watch';
import { HOUR, MINUTE, SECOND, START } from '../../support/clock';
import { attached, FOREIGN, OLD } from '../../support/partners';
import { ADA, BEN } from '../../support/persons';
import { subscriptionId } from '../../support/targets';

const by = { person: ADA, address: 'https://por.example.com/v1' };
const fresh = watchingOf(null, by, START);
const [a, b, c] = ['a', 'b', 'c'].map(subscriptionId);
const ids = [a, b, c].filter((id) => id !== undefined);

function begun(watched: Watched, more: Partial<Watching> = {}, starred = ids, list = true): Watching {
  const watching = withPass({ ...fresh, ...more }, { watched, starred, can: { list } }, START);
  if (watching === null) throw new Error('Nothing can be read');
  return watching;
}
const failing = (reason: Failure['reason'], more: Partial<Failure> = {}, retryAfterMs: number | null = null) =>
  ({ type: 'failed', failure: { reason, ...more }, retryAfterMs }) as const;

describe('the next pass', () => {
  test.each([
    ['the first is due at once', null, 'hour', 0, true],
    ['before its time it is not due', START, 'hour', 57 * MINUTE, false],
    ['an alarm that comes a moment early begins it', START, 'hour', 58 * MINUTE, true],
    ['after six hours', START, 'sixHours', 6 * HOUR, true],
    ['not after six hours, once a day', START, 'day', 6 * HOUR, false],
    ['one that began in the future, by a clock that was set since, counts as long ago', START + HOUR, 'day', 0, true],
  ] as const)('%s', (_what, begunAt, every, after, due) => {
    expect(isPassDue({ ...fresh, begunAt }, every, START + after)).toBe(due);
  });

  test('is not due while one is under way', () => {
    expect(isPassDue(begun('all'), 'hour', START + 48 * HOUR)).toBe(false);
  });
});

describe('a pass reads', () => {
  test.each([
    ['all by list', 'all', 3, null, true, 'list'],
    ['a few starred ones one by one', 'starred', 3, 25, true, 'single'],
    ['many starred ones by a list of fewer pages', 'starred', 3, 2, true, 'list'],
    ['as many as the list has pages one by one: the list may have grown', 'starred', 3, 3, true, 'single'],
    ['one by one where nobody has counted the pages and there are few', 'starred', 3, null, true, 'single'],
    ['by list where nobody has counted the pages and there are many', 'starred', 11, null, true, 'list'],
    ['one by one where there is no list', 'starred', 300, 2, false, 'single'],
  ] as const)('%s', (_what, watched, count, pages, list, how) => {
    const starred = Array.from({ length: count }, (_, at) => subscriptionId(`s${at}`));
    expect(begun(watched, { pages }, starred, list).pass?.plan.by).toBe(how);
  });

  test('nothing where all are watched of a backend that lists none', () => {
    expect(withPass(fresh, { watched: 'all', starred: [], can: { list: false } }, START)).toBeNull();
  });

  test('nothing where none is starred, and has ended', () => {
    expect(begun('starred', {}, [])).toMatchObject({ pass: null, last: { read: 0, whole: true }, hasBase: true });
  });

  test('quietly the first time, and not after that', () => {
    expect(begun('all').pass?.quiet).toBe(true);
    expect(begun('all', { hasBase: true }).pass?.quiet).toBe(false);
  });
});

describe('the watching', () => {
  test('of another person, and of another address, begins anew; a token whose owner became known goes on', () => {
    const known = { ...fresh, hasBase: true };
    expect(watchingOf(known, by, START).hasBase).toBe(true);
    expect(watchingOf(known, { ...by, person: BEN }, START).hasBase).toBe(false);
    expect(watchingOf(known, { ...by, address: 'https://other.example.com' }, START).hasBase).toBe(false);
    const token = { kind: 'token', issuer: by.address, fingerprint: 'f' } as const;
    const owner = { kind: 'principal', issuer: by.address, principalId: 'p', name: 'Ada' } as const;
    expect(watchingOf({ ...known, person: token }, { ...by, person: owner }, START)).toMatchObject({
      hasBase: true,
      person: owner,
    });
  });
});

describe('the budget', () => {
  const used = { ...begun('all'), budget: { from: START, used: WATCH_BUDGET.requests } };

  test('holds a pass once it is used up, until its hour is over', () => {
    expect(nextWatchStep(used, START + MINUTE)).toEqual({ do: 'wait', until: START + HOUR });
    expect(nextWatchStep(used, START + HOUR)).toEqual({ do: 'page', next: null });
    expect(spent(used, START + HOUR).budget).toEqual({ from: START + HOUR, used: 1 });
  });

  test('that began in the future is a new one', () => {
    expect(nextWatchStep({ ...used, budget: { ...used.budget, from: START + HOUR } }, START).do).toBe('page');
  });

  test('counts each request, and is shared by persons at one address', () => {
    const twice = spent(spent(fresh, START), START);
    expect(twice.budget.used).toBe(2);
    expect(watchingOf(twice, { ...by, person: BEN }, START).budget.used).toBe(2);
  });
});

describe('after an answer', () => {
  test('a pass goes on at the next page, and ends with the last one', () => {
    const first = afterWatchEvent(begun('all'), { type: 'page', met: ids, next: 'two' }, START);
    expect(nextWatchStep(first, START)).toEqual({ do: 'page', next: 'two' });
    const last = afterWatchEvent(first, { type: 'page', met: ids, next: null }, START + SECOND);
    expect(last).toMatchObject({ pass: null, pages: 2, hasBase: true });
    expect(last.last).toEqual({ endedAt: START + SECOND, read: 6, unknown: 0, missing: 0, whole: true });
  });

  test.each([1, 2, 3, 7, 20])(
    'pages that lead in a circle of %i end the pass, and nothing is called missing',
    (length) => {
      let watching = begun('all');
      let page = 0;
      for (; watching.pass !== null && page < 200; page++) {
        watching = afterWatchEvent(watching, { type: 'page', met: [], next: `page ${page % length}` }, START);
      }
      expect(watching).toMatchObject({ pass: null, last: { whole: false, missing: 0 } });
      expect(page).toBeLessThan(4 * length + 3);
    },
  );

  test('what the last list had and this one has not is told once; the first list, and another person’s, tell of nothing', () => {
    const pass = (watching: Watching, met: readonly SubscriptionId[]) =>
      afterWatchEvent(begun('all', watching), { type: 'page', met, next: null }, START);
    const [gone, ...rest] = ids;
    const first = pass(fresh, ids);
    const second = pass(first, rest);
    expect([first, second, pass(second, rest)].map(({ last }) => last?.missing)).toEqual([0, 1, 0]);
    expect(gone).toBeDefined();
    const bens = watchingOf(first, { ...by, person: BEN }, START);
    expect(pass(bens, rest).last?.missing).toBe(0);
    const broken = afterWatchEvent(begun('all', first), { type: 'page', met: [], next: 'two' }, START);
    expect(broken.listed).toEqual(ids);
  });

  test('what is starred and not in the list counts as missing', () => {
    const listing = begun('starred', { pages: 1 });
    const ended = afterWatchEvent(listing, { type: 'page', met: [ids[0] ?? subscriptionId('a')], next: null }, START);
    expect(ended.last).toMatchObject({ read: 1, missing: 2, unknown: 0 });
  });

  test('one that is refused is unknown, one that is not found missing, and the others go on', () => {
    let watching = begun('starred');
    watching = afterWatchEvent(watching, failing('refused', { code: 'NotPermitted' }), START);
    watching = afterWatchEvent(watching, failing('refused', { code: 'SubscriptionNotFound' }), START);
    expect(nextWatchStep(watching, START)).toEqual({ do: 'single', id: 'c' });
    watching = afterWatchEvent(watching, { type: 'read', id: subscriptionId('c') }, START);
    expect(watching.last).toMatchObject({ read: 1, unknown: 1, missing: 1, whole: false });
  });

  test('a request that came to nothing is sent again later, and later; then the rest of a list is not known', () => {
    let watching = begun('all');
    const waits: number[] = [];
    for (let now = START; watching.pass !== null; ) {
      watching = afterWatchEvent(watching, failing('noAnswer'), now);
      const step = nextWatchStep(watching, now);
      if (step.do !== 'wait' || step.until === null) break;
      waits.push(step.until - now);
      now = step.until;
    }
    expect(waits).toEqual([2 * MINUTE, 4 * MINUTE]);
    expect(watching).toMatchObject({ pass: null, hasBase: false, last: { read: 0, missing: 0, whole: false } });
  });

  test('a backend that asks to wait is not asked before, and for a day at most', () => {
    const held = afterWatchEvent(begun('all'), failing('busy', {}, 10 * MINUTE), START);
    expect(nextWatchStep(held, START + MINUTE)).toEqual({ do: 'wait', until: START + 10 * MINUTE });
    // The clock is put back: the wait counts as served.
    expect(nextWatchStep(held, START - HOUR).do).toBe('page');
    const long = afterWatchEvent(begun('all'), failing('busy', {}, 1000 * HOUR), START);
    expect(nextWatchStep(long, START)).toEqual({ do: 'wait', until: START + 24 * HOUR });
  });

  test.each(['signInNeeded', 'otherPerson', 'permissionMissing'] as const)(
    'a pass that met %s asks nothing more until somebody signed in',
    (reason) => {
      const held = afterWatchEvent(begun('all'), failing(reason), START);
      expect(nextWatchStep(held, START + 100 * HOUR)).toEqual({ do: 'wait', until: null });
      expect(nextWatchStep(afterWatchEvent(held, { type: 'signedIn' }, START), START).do).toBe('page');
    },
  );
});

describe('a pass over links', () => {
  const [ada, ben] = ['ada', 'ben'];
  const start = (accounts: readonly string[], more: Partial<Watching> = {}): Watching => {
    const watching = withPass({ ...fresh, ...more }, { accounts }, START);
    if (watching === null) throw new Error('Links can be read');
    return watching;
  };
  const listed = (watching: Watching, user: string, tenants: readonly string[]) =>
    afterWatchEvent(watching, { type: 'tenants', user, tenants }, START);
  const read = (watching: Watching) => afterWatchEvent(watching, { type: 'link' }, START);

  test('reads the tenants of one account and the links in them, then those of the next', () => {
    const first = listed(start([ada, ben]), ada, ['one', 'two']);
    const steps = [start([ada, ben]), first, read(first), read(read(first))].map((one) => nextWatchStep(one, START));
    expect(steps).toEqual([
      { do: 'tenants', user: ada },
      { do: 'link', of: { user: ada, tenant: 'one' } },
      { do: 'link', of: { user: ada, tenant: 'two' } },
      { do: 'tenants', user: ben },
    ]);
    const end = read(listed(read(read(first)), ben, ['one']));
    expect(end).toMatchObject({ pass: null, accounts: [ada, ben], last: { read: 3, unknown: 0, whole: true } });
  });

  test('is quiet of accounts that none has gone through, and of those that signed out in between', () => {
    const quiet = (watching: Watching, user: string) => {
      const now = listed(watching, user, ['one']);
      return isQuiet(now, nextWatchStep(now, START));
    };
    const known = { accounts: [ada], hasBase: true };
    expect([quiet(start([ada], known), ada), quiet(start([ada, ben], known), ben)]).toEqual([false, true]);
    expect(quiet(start([ada], { ...known, accounts: start([ben], known).accounts }), ada)).toBe(true);
  });

  test('of which the tenants could not be read has gone through nothing of that account', () => {
    const end = read(listed(afterWatchEvent(start([ada, ben]), failing('signInNeeded'), START), ben, ['one']));
    expect(end).toMatchObject({ pass: null, accounts: [ben], last: { read: 1, unknown: 1, whole: false } });
  });

  test.each([
    ['needs the person', failing('signInNeeded')],
    ['is refused', failing('refused', { code: 'Forbidden' })],
    ['asks to wait for long', failing('busy', {}, HOUR)],
  ])('goes on without what %s', (_what, event) => {
    const after = afterWatchEvent(listed(start([ada]), ada, ['one', 'two']), event, START);
    expect(nextWatchStep(after, START)).toEqual({ do: 'link', of: { user: ada, tenant: 'two' } });
  });

  test.each([
    ['nobody answers', failing('noAnswer'), [2 * MINUTE, 4 * MINUTE]],
    ['Azure asks to wait for a moment', failing('busy', {}, 10 * SECOND), [10 * SECOND, 10 * SECOND]],
  ])('tries again where %s, and then goes on without it', (_what, event, waited) => {
    let watching = listed(start([ada]), ada, ['one', 'two']);
    const waits: number[] = [];
    for (let now = START; ; ) {
      watching = afterWatchEvent(watching, event, now);
      const step = nextWatchStep(watching, now);
      if (step.do !== 'wait' || step.until === null) break;
      waits.push(step.until - now);
      now = step.until;
    }
    expect(waits).toEqual(waited);
    expect(watching.pass).toMatchObject({ unknown: 1, tries: 0, plan: { left: [{ tenant: 'two' }] } });
  });

  test('asks nothing more while the browser keeps it away', () => {
    const held = afterWatchEvent(start([ada]), failing('permissionMissing'), START);
    expect(nextWatchStep(held, START + 100 * HOUR)).toEqual({ do: 'wait', until: null });
    expect(nextWatchStep(afterWatchEvent(held, { type: 'signedIn' }, START), START).do).toBe('tenants');
  });

  test('spends the connection’s budget like any other', () => {
    const used = { ...start([ada]), budget: { from: START, used: WATCH_BUDGET.requests } };
    expect(nextWatchStep(used, START + MINUTE)).toEqual({ do: 'wait', until: START + HOUR });
  });
});

describe('who made a change', () => {
  const made = (after: typeof OLD | null, at: number, name: string | null) =>
    ({ kind: 'change', before: null, after, at: new Date(at).toISOString(), by: name }) as const;
  const found = (after: typeof OLD | null) => ({ after: after && attached(after), foundAt: START });

  test.each([
    ['the newest that led to what was found', null, [made(null, START - 1, 'Ben'), made(null, START - 9, 'Cy')], 'Ben'],
    ['none that was made after it was found', null, [made(null, START + HOUR, 'Ben'), made(null, START, 'Cy')], 'Cy'],
    ['nobody where the log leads elsewhere', null, [made(OLD, START - 1, 'Ben')], null],
    ['the only one, whatever the clocks say', FOREIGN, [made(FOREIGN, START + HOUR, 'Ben'), made(OLD, 1, 'Cy')], 'Ben'],
    ['nobody where the log names nobody', null, [made(null, START, null)], null],
    ['nobody where the log is empty', null, [], null],
  ])('%s', (_what, after, log, name) => {
    expect(madeByLog(found(after), log)).toBe(name);
  });
});
