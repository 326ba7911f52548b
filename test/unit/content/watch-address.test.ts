// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AddressWatch, watchAddress } from '../../../src/content/watch-address';

let seen: string[];
let watch: AddressWatch;

beforeEach(() => {
  vi.useFakeTimers();
  history.replaceState(null, '', '/#start');
  seen = [];
});

afterEach(() => {
  watch.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function begin(): void {
  watch = watchAddress((address) => seen.push(new URL(address).hash));
  watch.look();
}

describe('without the Navigation API', () => {
  test('the first address is told at the first look', () => {
    begin();
    expect(seen).toEqual(['#start']);
  });

  test('a change that fires an event is told by it, once', () => {
    begin();
    history.replaceState(null, '', '/#one');
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    window.dispatchEvent(new PopStateEvent('popstate'));
    expect(seen).toEqual(['#start', '#one']);
  });

  test('a change that fires nothing is told within a second', () => {
    begin();
    history.pushState(null, '', '/#silent');
    expect(seen).toEqual(['#start']);
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual(['#start', '#silent']);
    vi.advanceTimersByTime(5000);
    expect(seen).toEqual(['#start', '#silent']);
  });

  test('nothing is told and no timer is left after the end', () => {
    begin();
    watch.stop();
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
    begin();
    expect(vi.getTimerCount()).toBe(0);
    history.replaceState(null, '', '/#one');
    navigation.dispatchEvent(new Event(event));
    navigation.dispatchEvent(new Event(event));
    expect(seen).toEqual(['#start', '#one']);
  });

  test('a navigation that has not been committed is not told', () => {
    begin();
    history.replaceState(null, '', '/#one');
    navigation.dispatchEvent(new Event('navigate'));
    expect(seen).toEqual(['#start']);
  });

  test('nothing is told after the end', () => {
    begin();
    watch.stop();
    history.replaceState(null, '', '/#late');
    navigation.dispatchEvent(new Event('currententrychange'));
    expect(seen).toEqual(['#start']);
  });

  test('the address is that of the entry that the page shows', () => {
    Object.defineProperty(navigation, 'currentEntry', { value: { url: 'https://portal.azure.com/#entry' } });
    begin();
    expect(seen).toEqual(['#entry']);
  });
});
