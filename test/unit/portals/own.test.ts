import 'urlpattern-polyfill';
import { describe, expect, test } from 'vitest';
import { BUILT_IN_PORTALS } from '../../../src/domain/portal';
import { checkOwnPattern, recognise } from '../../../src/portals';
import { GUID } from './addresses';
import { BAD_PATTERNS, OWN_PATTERNS } from './own-patterns';

describe.each(OWN_PATTERNS)('$pattern', ({ pattern, origin, shows }) => {
  test('is accepted, with spaces around it too', () => {
    expect(checkOwnPattern(` ${pattern}\n`)).toEqual({ ok: true, pattern, origin });
  });

  test.each(shows)('%s shows %s', (address, subscriptionId) => {
    const page = subscriptionId === null ? null : { portal: 'own', subscriptionId, tenant: null };
    expect(recognise(address, { off: [], own: [pattern] })).toEqual(page);
  });
});

describe.each(BAD_PATTERNS)('%j', (text, problem) => {
  test(`is refused: ${problem}`, () => {
    expect(checkOwnPattern(text)).toEqual({ ok: false, problem });
  });

  test('recognises nothing where it came into the settings by another way', () => {
    const address = 'https://b.example/abc';
    expect(recognise(address, { off: [], own: [text] })).toBeNull();
    const good = 'https://b.example/:subscriptionId';
    expect(recognise(address, { off: [], own: [text, good] })).toMatchObject({ portal: 'own', subscriptionId: 'abc' });
  });
});

test('what came along with a paste is no part of a pattern, wherever it came into the settings', () => {
  const pasted = ' \u200bhttps://b.\u00adexample/s/\u2060:subscriptionId\ufeff';
  expect(checkOwnPattern(pasted)).toMatchObject({ ok: true, pattern: 'https://b.example/s/:subscriptionId' });
  expect(recognise('https://b.example/s/one', { off: [], own: [pasted] })?.subscriptionId).toBe('one');
});

test('the first pattern that shows a subscription decides', () => {
  const own = ['https://b.example/s/:subscriptionId', 'https://b.example/*\\?id=:subscriptionId'];
  expect(recognise('https://b.example/s/one?id=two', { off: [], own })?.subscriptionId).toBe('one');
  expect(recognise('https://b.example/t/one?id=two', { off: [], own })?.subscriptionId).toBe('two');
});

test('an own pattern on the host of a built-in portal comes after that portal, and stays when it is switched off', () => {
  const own = ['https://portal.azure.com/#resource/subscriptions/:subscriptionId/overview'];
  const address = `https://portal.azure.com/#resource/subscriptions/${GUID}/overview`;
  expect(recognise(address, { off: [], own })?.portal).toBe('azure');
  expect(recognise(address, { off: BUILT_IN_PORTALS, own })?.portal).toBe('own');
});
