// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { detect } from '../../../src/content/detector';
import { detectEverywhere, leaveDetect, markPanel } from '../../../src/content/markers';

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
  markPanel(AbortSignal.abort());
  vi.stubGlobal('chrome', {});
  await go('#subscriptions/end');
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('only addresses that can be a subscription’s are told, in any spelling', async () => {
  detect(false);
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
  detect(false);
  await go('#allresources');
  expect(touches).toBe(0);
  await go('#subscriptions');
  expect(touches).toBeGreaterThan(0);
});

test('on an own portal every address is told, the first one at once', async () => {
  detect(true);
  await go('#customers/7');
  expect(told).toEqual(['page.seen #home', 'page.seen #customers/7']);
});

test('the script for own portals has the one before it look at every address', async () => {
  leaveDetect(detect);
  detect(false);
  detectEverywhere();
  await go('#customers/7');
  expect(told).toEqual(['page.seen #home', 'page.seen #customers/7']);
});

test('an address is told once when the script runs twice', async () => {
  detect(false);
  detect(false);
  await go('#subscriptions');
  expect(told).toEqual(['page.seen #subscriptions']);
});

test.each([
  [true, false],
  [false, true],
])('where both scripts run, every address is told, and once', async (first, second) => {
  detect(first);
  detect(second);
  await go('#subscriptions');
  await go('#customers/7');
  expect(told).toEqual(['page.seen #home', 'page.seen #subscriptions', 'page.seen #customers/7']);
});

test('nothing is told while a panel is here', async () => {
  const panel = new AbortController();
  detect(false);
  markPanel(panel.signal);
  await go('#subscriptions/1');
  panel.abort();
  await go('#subscriptions/2');
  expect(told).toEqual(['page.seen #subscriptions/2']);
});

test('a script of a replaced version falls silent, and the new one works beside it', async () => {
  detect(false);
  vi.stubGlobal('chrome', { runtime: { id: undefined } });
  await go('#subscriptions/1');
  expect(vi.getTimerCount()).toBe(0);
  worker();
  await go('#subscriptions/2');
  expect(told).toEqual([]);
  detect(false);
  expect(told).toEqual(['page.seen #subscriptions/2']);
});

test('it falls silent too where touching the API throws', async () => {
  detect(false);
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
  detect(false);
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
  detect(false);
  await go('#subscriptions/1');
  ok = true;
  await vi.advanceTimersByTimeAsync(5000);
  expect(told).toEqual(['page.seen #subscriptions/1', 'page.seen #subscriptions/1']);
});

test('an address that nobody answered is told once more', async () => {
  let answered = false;
  worker(async () => (answered ? { ok: true, answer: null } : undefined));
  detect(false);
  await go('#subscriptions/1');
  answered = true;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['page.seen #subscriptions/1', 'page.seen #subscriptions/1']);
});

test('an address that may not be told is told once', async () => {
  worker(async () => ({ ok: false, problem: 'notAllowed', detail: 'Not a sender of page.seen' }));
  detect(false);
  await go('#subscriptions/1');
  await vi.advanceTimersByTimeAsync(5000);
  expect(told).toEqual(['page.seen #subscriptions/1']);
});

test('an update that ends within that second ends the script without a word', async () => {
  worker(async () => {
    throw new Error('Extension context invalidated.');
  });
  detect(false);
  await go('#subscriptions/1');
  vi.stubGlobal('chrome', {});
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['page.seen #subscriptions/1']);
  expect(vi.getTimerCount()).toBe(0);
});
