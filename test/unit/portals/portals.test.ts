import 'urlpattern-polyfill';
import { describe, expect, test } from 'vitest';
import manifest from '../../../manifest.json' with { type: 'json' };
import { BUILT_IN_PORTALS, type PortalSettings } from '../../../src/domain/settings';
import { parseSubscriptionId, type SubscriptionId } from '../../../src/domain/subscription';
import {
  anchorsFor,
  builtInPortals,
  isPortalOrigin,
  matchPatterns,
  recognise,
  subscriptionAddress,
} from '../../../src/portals';
import { GUID, OTHERS, PAGES } from './addresses';

const ALL_ON: PortalSettings = { off: [], own: [] };

function subscriptionId(text: string): SubscriptionId {
  const id = parseSubscriptionId(text);
  if (id === null) throw new Error(`${text} is no subscription ID`);
  return id;
}

describe.each(BUILT_IN_PORTALS)('a subscription page of %s', (portal) => {
  test.each(PAGES[portal])('is %s', (address) => {
    expect(recognise(address, ALL_ON)).toEqual({ portal, subscriptionId: GUID });
  });

  test.each(PAGES[portal])('is none while the portal is switched off: %s', (address) => {
    expect(recognise(address, { off: [portal], own: [] })).toBeNull();
    const others = BUILT_IN_PORTALS.filter((id) => id !== portal);
    expect(recognise(address, { off: others, own: [] })).toEqual({ portal, subscriptionId: GUID });
  });

  test('has an address of its own that leads back to it', () => {
    const page = { portal, subscriptionId: subscriptionId(GUID) };
    expect(recognise(subscriptionAddress(page) ?? '', ALL_ON)).toEqual(page);
  });

  test('has anchors', () => {
    expect(anchorsFor(portal).length).toBeGreaterThan(0);
  });
});

describe.each(Object.entries(OTHERS))('%s stay untouched', (_kind, addresses) => {
  test.each(addresses)('%s', (address) => {
    expect(recognise(address, ALL_ON)).toBeNull();
  });
});

test('at least half of the addresses tried are pages that must stay untouched', () => {
  const pages = Object.values(PAGES).flat().length;
  const others = Object.values(OTHERS).flat().length;
  expect(pages + others).toBeGreaterThanOrEqual(80);
  expect(others).toBeGreaterThanOrEqual(pages);
});

test('a subscription of an own portal has no address to be guessed', () => {
  expect(subscriptionAddress({ portal: 'own', subscriptionId: subscriptionId('sub-001') })).toBeNull();
});

test('the manifest asks for exactly the hosts of the built-in portals, and this machine', () => {
  const hosts = matchPatterns(ALL_ON);
  expect(manifest.content_scripts.flatMap(({ matches }) => matches)).toEqual(hosts);
  expect(manifest.host_permissions).toEqual([...hosts, 'http://localhost/*', 'http://127.0.0.1/*']);
});

describe('the origins that are served', () => {
  const portals: PortalSettings = {
    off: ['microsoft365Admin'],
    own: [
      'http://localhost:5173/#/subscriptions/:subscriptionId',
      'http://localhost:5174/:subscriptionId',
      'https://billing.example.com:8443/s/:subscriptionId',
      'http://insecure.example/:subscriptionId',
      'nonsense(',
    ],
  };

  test.each([
    'https://portal.azure.com',
    'https://ms.portal.azure.com',
    'https://account.windowsazure.com',
    'http://localhost:5173',
    'http://localhost:5174',
    'https://billing.example.com:8443',
  ])('include %s', (origin) => {
    expect(isPortalOrigin(origin, portals)).toBe(true);
  });

  test.each([
    'https://admin.microsoft.com',
    'http://portal.azure.com',
    'https://portal.azure.com:8443',
    'https://portal.azure.com/',
    'https://x.portal.azure.com',
    'https://portal.azure.com.example.net',
    'http://localhost',
    'http://localhost:5175',
    'https://localhost:5173',
    'https://billing.example.com',
    'http://insecure.example',
    'null',
    '',
  ])('do not include %s', (origin) => {
    expect(isPortalOrigin(origin, portals)).toBe(false);
  });

  test('become match patterns without ports and repeats', () => {
    const patterns = matchPatterns(portals);
    expect(patterns).toContain('https://portal.azure.us/*');
    expect(patterns).not.toContain('https://admin.microsoft.com/*');
    expect(patterns.slice(-2)).toEqual(['http://localhost/*', 'https://billing.example.com/*']);
    expect(matchPatterns({ off: BUILT_IN_PORTALS, own: [] })).toEqual([]);
  });
});

test('every built-in portal that can be switched off is known, once', () => {
  expect(builtInPortals.map(({ id }) => id)).toEqual(BUILT_IN_PORTALS);
});
