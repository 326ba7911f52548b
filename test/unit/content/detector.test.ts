// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { detect } from '../../../src/content/detector';
import { left } from '../../../src/content/markers';

let told: string[];

/** A worker at the other end of `chrome.runtime` that answers as `answer` says. */
function worker(answer: () => Promise<unknown> = async () => ({ ok: true, answer: null })): void {
  vi.stubGlobal('chrome', {
    runtime: {
      id: 'abc',
      sendMessage({ name, input }: { name: string; input: unknown }) {
        expect(input).toEqual({});
        told.push(`${name} ${location.hash}`);
        return answer();
      },
    },
  });
}

async function go(hash: string): Promise<void> {
  history.replaceState(null, '', `/${hash}`);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
  await vi.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  history.replaceState(null, '', '/#home');
  told = [];
  worker();
});

afterEach(async () => {
  // The next test stands for a new page: a script whose extension is gone ends itself.
  left.panel = AbortSignal.abort();
  vi.stubGlobal('chrome', {});
  await go('#subscriptions/end');
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('only addresses that can be a subscription’s are told, in any spelling', async () => {
  detect();
  await go('#resource/Subscriptions/1');
  await go('#allresources/%73%zz');
  await go('#SUBSCRIPTIONS');
  await go('#resource/%53ub%73criptions/1?x=%zz');
  expect(told).toEqual([
    'page.seen #resource/Subscriptions/1',
    'page.seen #SUBSCRIPTIONS',
    'page.seen #resource/%53ub%73criptions/1?x=%zz',
  ]);
});

test('the browser’s API is not touched before that', async () => {
  let touches = 0;
  vi.stubGlobal('chrome', {
    get runtime() {
      touches += 1;
      return undefined;
    },
  });
  detect();
  await go('#allresources');
  expect(touches).toBe(0);
  await go('#subscriptions');
  expect(touches).toBeGreaterThan(0);
});

test('the script for own portals has the one before it look at every address, the first one at once', async () => {
  detect();
  left.everywhere?.();
  await go('#customers/7');
  expect(told).toEqual(['page.seen #home', 'page.seen #customers/7']);
});

test('an address is told once when the script runs twice', async () => {
  detect();
  detect();
  await go('#subscriptions');
  expect(told).toEqual(['page.seen #subscriptions']);
});

test('every address is told, and once, where both scripts run twice', async () => {
  detect();
  left.everywhere?.();
  detect();
  await go('#subscriptions');
  await go('#customers/7');
  expect(told).toEqual(['page.seen #home', 'page.seen #subscriptions', 'page.seen #customers/7']);
});

test('nothing is told while a panel is here', async () => {
  const panel = new AbortController();
  detect();
  left.panel = panel.signal;
  await go('#subscriptions/1');
  panel.abort();
  await go('#subscriptions/2');
  expect(told).toEqual(['page.seen #subscriptions/2']);
});

test('a script of a replaced version falls silent, and the new one works beside it', async () => {
  detect();
  vi.stubGlobal('chrome', { runtime: { id: undefined } });
  await go('#subscriptions/1');
  expect(vi.getTimerCount()).toBe(0);
  worker();
  await go('#subscriptions/2');
  expect(told).toEqual([]);
  detect();
  expect(told).toEqual(['page.seen #subscriptions/2']);
});

test('it falls silent too where touching the API throws', async () => {
  detect();
  vi.stubGlobal('chrome', {
    get runtime() {
      throw new Error("can't access dead object");
    },
  });
  await go('#subscriptions/1');
  expect(vi.getTimerCount()).toBe(0);
});

test('an address that nobody heard is told once more after a second, if the page still shows it', async () => {
  let deaf = true;
  worker(async () => {
    if (deaf) throw new Error('Could not establish connection. Receiving end does not exist.');
    return { ok: true, answer: null };
  });
  detect();
  await go('#subscriptions/1');
  await go('#subscriptions/2');
  deaf = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['page.seen #subscriptions/1', 'page.seen #subscriptions/2', 'page.seen #subscriptions/2']);
});

const REFUSALS = [
  { problem: 'storage', detail: 'unreadable' },
  { problem: 'failed', detail: 'Boom' },
];

test.each(REFUSALS)('an address that the worker could not take is told once more: $problem', async (refusal) => {
  let ok = false;
  worker(async () => (ok ? { ok: true, answer: null } : { ok: false, ...refusal }));
  detect();
  await go('#subscriptions/1');
  ok = true;
  await vi.advanceTimersByTimeAsync(5000);
  expect(told).toEqual(['page.seen #subscriptions/1', 'page.seen #subscriptions/1']);
});

test('an address that nobody answered is told once more', async () => {
  let answered = false;
  worker(async () => (answered ? { ok: true, answer: null } : undefined));
  detect();
  await go('#subscriptions/1');
  answered = true;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['page.seen #subscriptions/1', 'page.seen #subscriptions/1']);
});

test('an address that may not be told is told once', async () => {
  worker(async () => ({ ok: false, problem: 'notAllowed', detail: 'Not a sender of page.seen' }));
  detect();
  await go('#subscriptions/1');
  await vi.advanceTimersByTimeAsync(5000);
  expect(told).toEqual(['page.seen #subscriptions/1']);
});

test('an update that ends within that second ends the script without a word', async () => {
  worker(async () => {
    throw new Error('Extension context invalidated.');
  });
  detect();
  await go('#subscriptions/1');
  vi.stubGlobal('chrome', {});
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['page.seen #subscriptions/1']);
  expect(vi.getTimerCount()).toBe(0);
});

test('an address that can be no subscription’s has the page pay for no listener of the document or window', async () => {
  const navigation = new EventTarget();
  vi.stubGlobal('navigation', navigation);
  const listens = vi.spyOn(EventTarget.prototype, 'addEventListener');
  detect();
  expect(listens.mock.contexts).toEqual([navigation, navigation]);
  listens.mockRestore();
  vi.stubGlobal('chrome', {});
  await go('#subscriptions');
  navigation.dispatchEvent(new Event('navigatesuccess'));
});

describe('a page that is drawn before it is shown', () => {
  let prerendering: boolean;

  beforeEach(() => {
    prerendering = true;
    Object.defineProperty(document, 'prerendering', { configurable: true, get: () => prerendering });
  });

  afterEach(() => Reflect.deleteProperty(document, 'prerendering'));

  function show(): void {
    prerendering = false;
    document.dispatchEvent(new Event('prerenderingchange'));
  }

  test('tells nothing, then the address that it is shown with, once', async () => {
    detect();
    await go('#subscriptions/1');
    await go('#subscriptions/2');
    expect(told).toEqual([]);
    show();
    expect(told).toEqual(['page.seen #subscriptions/2']);
    await go('#subscriptions/3');
    expect(told).toEqual(['page.seen #subscriptions/2', 'page.seen #subscriptions/3']);
  });

  test('tells nothing when it is elsewhere by then', async () => {
    detect();
    await go('#subscriptions/1');
    await go('#home');
    show();
    expect(told).toEqual([]);
  });
});

describe('a page that is shown again', () => {
  const show = (persisted: boolean) => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted }));

  test('from the back/forward cache tells a subscription’s address anew, once', async () => {
    detect();
    await go('#subscriptions/1');
    await go('#subscriptions/2');
    told = [];
    show(true);
    expect(told).toEqual(['page.seen #subscriptions/2']);
  });

  test('tells no other address', async () => {
    detect();
    await go('#subscriptions/1');
    await go('#home');
    told = [];
    show(true);
    expect(told).toEqual([]);
  });

  test('for the first time, as every page is, tells it once', async () => {
    detect();
    await go('#subscriptions/1');
    show(false);
    expect(told).toEqual(['page.seen #subscriptions/1']);
  });
});
