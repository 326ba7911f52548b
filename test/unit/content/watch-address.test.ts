// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchAddress } from '../../../src/content/watch-address';

let seen: string[];
let controller: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  history.replaceState(null, '', '/#start');
  seen = [];
  controller = new AbortController();
});

afterEach(() => {
  controller.abort();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function watch(): void {
  watchAddress((address) => seen.push(new URL(address).hash), controller.signal);
}

describe('without the Navigation API', () => {
  test('the first address is told at once', () => {
    watch();
    expect(seen).toEqual(['#start']);
  });

  test('a change that fires an event is told by it, once', () => {
    watch();
    history.replaceState(null, '', '/#one');
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    window.dispatchEvent(new PopStateEvent('popstate'));
    expect(seen).toEqual(['#start', '#one']);
  });

  test('a change that fires nothing is told within a second', () => {
    watch();
    history.pushState(null, '', '/#silent');
    expect(seen).toEqual(['#start']);
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual(['#start', '#silent']);
    vi.advanceTimersByTime(5000);
    expect(seen).toEqual(['#start', '#silent']);
  });

  test('nothing is told and no timer is left after the end', () => {
    watch();
    controller.abort();
    history.replaceState(null, '', '/#late');
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    expect(vi.getTimerCount()).toBe(0);
    expect(seen).toEqual(['#start']);
  });
});

describe('with the Navigation API', () => {
  let navigation: EventTarget;

  beforeEach(() => {
    navigation = new EventTarget();
    vi.stubGlobal('navigation', navigation);
  });

  test.each(['currententrychange', 'navigatesuccess'])('a change is told by %s, and no timer runs', (event) => {
    watch();
    expect(vi.getTimerCount()).toBe(0);
    history.replaceState(null, '', '/#one');
    navigation.dispatchEvent(new Event(event));
    navigation.dispatchEvent(new Event(event));
    expect(seen).toEqual(['#start', '#one']);
  });

  test('a navigation that has not been committed is not told', () => {
    watch();
    history.replaceState(null, '', '/#one');
    navigation.dispatchEvent(new Event('navigate'));
    expect(seen).toEqual(['#start']);
  });

  test('nothing is told after the end', () => {
    watch();
    controller.abort();
    history.replaceState(null, '', '/#late');
    navigation.dispatchEvent(new Event('currententrychange'));
    expect(seen).toEqual(['#start']);
  });
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

  test('tells nothing, then the address that it is shown with', () => {
    watch();
    history.replaceState(null, '', '/#meanwhile');
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    expect(seen).toEqual([]);
    show();
    expect(seen).toEqual(['#meanwhile']);
    history.replaceState(null, '', '/#later');
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    expect(seen).toEqual(['#meanwhile', '#later']);
  });

  test('tells nothing when it ended before it was shown', () => {
    watch();
    controller.abort();
    show();
    expect(seen).toEqual([]);
  });
});

describe('a page that is shown again', () => {
  const show = (persisted: boolean) => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted }));

  test('from the back/forward cache tells its address anew', () => {
    watch();
    show(true);
    expect(seen).toEqual(['#start', '#start']);
  });

  test('for the first time, as every page is, tells it once', () => {
    watch();
    show(false);
    expect(seen).toEqual(['#start']);
  });
});

test('nothing is told when it had ended before it began', () => {
  controller.abort();
  watch();
  expect(seen).toEqual([]);
});
