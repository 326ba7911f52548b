import 'urlpattern-polyfill';
import { describe, expect, test } from 'vitest';
import { parseSubscriptionId, type SubscriptionId } from '../../../src/domain/subscription';
import { recognise } from '../../../src/portals';
import { ownPageOf } from '../../../src/portals/own-page';
import { BAD_PATTERNS, OWN_PATTERNS } from './own-patterns';

function subscriptionId(text: string): SubscriptionId {
  const id = parseSubscriptionId(text);
  if (id === null) throw new Error(`${text} is no subscription ID`);
  return id;
}

describe('the page made from an own pattern', () => {
  test.each([
    ['https://b.example/subscriptions/:subscriptionId', 'https://b.example/subscriptions/123'],
    ['https://b.example:8443/s/:subscriptionId', 'https://b.example:8443/s/123'],
    ['http://localhost:5173/#/subscriptions/:subscriptionId', 'http://localhost:5173/#/subscriptions/123'],
    ['http://127.0.0.1:8080/*\\?*#/s/:subscriptionId', 'http://127.0.0.1:8080/#/s/123'],
    ['https://b.example/x?id=:subscriptionId', 'https://b.example/x?id=123'],
    ['https://b.example/x?id=:subscriptionId&tab=usage', 'https://b.example/x?id=123&tab=usage'],
    ['https://b.example/s/{:subscriptionId}?', 'https://b.example/s/123'],
    ['https://b.example/s/:subscriptionId(\\d+)/view', 'https://b.example/s/123/view'],
    ['https://b.example/a\\+b/:subscriptionId', 'https://b.example/a+b/123'],
    // Nobody knows what stands in the place of these.
    ['https://b.example/kunden/*/:subscriptionId(\\d+)', null],
    ['https://b.example/:customer/:subscriptionId', null],
    ['https://b.example/s/:subscriptionId([a-z]+)', null],
  ])('of %s is %s', (pattern, page) => {
    expect(ownPageOf(pattern, subscriptionId('123'))).toBe(page);
  });

  const ids = OWN_PATTERNS.flatMap(({ shows }) => shows.flatMap(([, id]) => id ?? []));
  test.each(OWN_PATTERNS)('shows the subscription it was made for, or there is none: $pattern', ({ pattern }) => {
    for (const id of new Set(ids)) {
      const page = ownPageOf(pattern, subscriptionId(id));
      if (page !== null) expect(recognise(page, { off: [], own: [pattern] })?.subscriptionId).toBe(id);
    }
  });

  test.each(BAD_PATTERNS)('is none for a bad pattern: %j', (pattern) => {
    expect(ownPageOf(pattern, subscriptionId('123'))).toBeNull();
  });
});
