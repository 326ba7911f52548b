import 'urlpattern-polyfill';
import { expect, test } from 'vitest';
import { ownPatternFrom, recognise } from '../../../src/portals';

const ID = '1b0e3a52-7c1e-4a7b-9d6f-0c5d8e2f4a61';
const NEXT = '22222222-7c1e-4a7b-9d6f-0c5d8e2f4a61';
const TENANT = '9c7d1f00-1111-4222-8333-444455556666';

/** Addresses of a subscription's page, the pattern made of each, and addresses of the next subscription that it must know too. */
const MADE: readonly (readonly [what: string, address: string, pattern: string, next?: string])[] = [
  ['in the path', `https://b.example/subscriptions/${ID}`, 'https://b.example/subscriptions/:subscriptionId'],
  [
    'with a page behind it, a query and a hash that tell nothing',
    `https://b.example/s/${ID}/overview?tab=usage&lang=en#top`,
    'https://b.example/s/:subscriptionId/overview',
    `https://b.example/s/${NEXT}/overview`,
  ],
  ['with a slash at its end', `https://b.example/s/${ID}/`, 'https://b.example/s/:subscriptionId/'],
  ['in upper case', `https://B.Example/s/${ID.toUpperCase()}`, 'https://b.example/s/:subscriptionId'],
  ['at a port', `https://b.example:8443/s/${ID}`, 'https://b.example:8443/s/:subscriptionId'],
  ['on this computer', `http://localhost:5173/s/${ID}`, 'http://localhost:5173/s/:subscriptionId'],
  [
    'in the query, alone',
    `https://b.example/s?id=${ID}`,
    'https://b.example/s\\?id=:subscriptionId',
    `https://b.example/s?id=${NEXT}&tab=usage`,
  ],
  [
    'in the query, among others',
    `https://b.example/s?lang=en&id=${ID}&tab=usage`,
    'https://b.example/s\\?*&id=:subscriptionId',
    `https://b.example/s?lang=de&x=1&id=${NEXT}`,
  ],
  [
    'in a route of the hash',
    `https://b.example/app/#/subscriptions/${ID}`,
    'https://b.example/app/#/subscriptions/:subscriptionId',
    `https://b.example/app/#/subscriptions/${NEXT}?tab=usage`,
  ],
  [
    'in a route with a page behind it and a query',
    `https://b.example/#/s/${ID}/overview?tab=usage`,
    'https://b.example/#/s/:subscriptionId/overview*',
    `https://b.example/#/s/${NEXT}/overview`,
  ],
  [
    'in a route, of a page that has a query',
    `https://b.example/?lang=en#/s/${ID}`,
    'https://b.example/\\?*#/s/:subscriptionId',
    `https://b.example/?lang=de#/s/${NEXT}`,
  ],
  [
    'twice: in the path and in the query',
    `https://b.example/s/${ID}?selected=${ID}`,
    'https://b.example/s/:subscriptionId',
    `https://b.example/s/${NEXT}?selected=${NEXT}`,
  ],
  [
    'twice in the path',
    `https://b.example/s/${ID}/item/${ID}`,
    'https://b.example/s/*/item/:subscriptionId',
    `https://b.example/s/${NEXT}/item/${NEXT}`,
  ],
  [
    'after a tenant’s',
    `https://b.example/${TENANT}/subscriptions/${ID}`,
    'https://b.example/*/subscriptions/:subscriptionId',
    `https://b.example/${NEXT}/subscriptions/${NEXT}`,
  ],
  [
    'before a customer’s, told by the word before it',
    `https://b.example/subscriptions/${ID}/customers/${TENANT}`,
    'https://b.example/subscriptions/:subscriptionId/customers/*',
  ],
  [
    'in the query, told by its name, with a tenant’s in the path',
    `https://b.example/${TENANT}/detail?subscriptionId=${ID}`,
    'https://b.example/*/detail\\?subscriptionId=:subscriptionId',
  ],
  [
    'percent-encoded around',
    `https://b.example/open?to=%2Fsubscriptions%2F${ID}`,
    'https://b.example/open\\?to=%2Fsubscriptions%2F:subscriptionId',
  ],
  ['in braces', `https://b.example/s?id={${ID}}`, 'https://b.example/s\\?id=\\{:subscriptionId\\}'],
  [
    'beside what means something in a pattern',
    `https://b.example/a+b(c)*/s:${ID}`,
    'https://b.example/a\\+b\\(c\\)\\*/s\\::subscriptionId',
  ],
];

const ROWS = MADE.map(([what, address, pattern, next = address.replaceAll(new RegExp(ID, 'gi'), NEXT)]) => ({
  what,
  address,
  pattern,
  next,
}));

test.each(ROWS)(
  'a GUID $what becomes the group, and the pattern knows this page and the next subscription’s',
  ({ address, pattern, next }) => {
    expect(ownPatternFrom(` ${address} `)).toMatchObject({ ok: true, pattern });
    const shown = (where: string) => recognise(where, { off: [], own: [pattern] })?.subscriptionId;
    expect(shown(address)).toBe(ID);
    expect(shown(next)).toBe(NEXT);
  },
);

test.each([
  ['no GUID', 'https://b.example/subscriptions/42', 'noSubscriptionIdGroup'],
  ['a longer word than a GUID', `https://b.example/${ID}0`, 'noSubscriptionIdGroup'],
  ['http elsewhere', `http://b.example/s/${ID}`, 'notHttps'],
  ['this machine as [::1]', `http://[::1]:5173/s/${ID}`, 'loopbackInBrackets'],
  ['a line end within', `https://b.example/s/\n${ID}`, 'hasSpaces'],
  ['characters that turn it around', `https://b.example/s/\u202e${ID}`, 'reordered'],
  ['no address', 'billing', 'notAPattern'],
  ['nothing', '', 'notAPattern'],
])('of an address with %s nothing is made', (_what, typed, problem) => {
  expect(ownPatternFrom(typed)).toEqual({ ok: false, problem });
});

test('an address that was pasted with what cannot be seen makes the pattern that is seen', () => {
  expect(ownPatternFrom(`\u202a<https://b.example/s/\u200b${ID.slice(0, 9)}\u00ad${ID.slice(9)}>\u202c`)).toMatchObject(
    {
      ok: true,
      pattern: 'https://b.example/s/:subscriptionId',
    },
  );
});

test('what is a pattern stays as it was typed', () => {
  const pattern = 'https://b.example/*/s/:subscriptionId';
  expect(ownPatternFrom(` ${pattern}`)).toEqual({ ok: true, pattern, origin: 'https://b.example' });
});
