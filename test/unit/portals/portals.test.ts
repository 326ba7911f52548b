import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import 'urlpattern-polyfill';
import { describe, expect, test } from 'vitest';
import { CLOUDS } from '../../../src/domain/place';
import { CLOUD_SERVICES } from '../../../src/domain/cloud-service';
import { BUILT_IN_PORTALS, type BuiltInPortalId } from '../../../src/domain/portal';
import type { PortalSettings } from '../../../src/domain/settings';
import { parseSubscriptionId, type SubscriptionId } from '../../../src/domain/subscription';
import { anchorsFor, builtInPortals, isPortalOrigin, matchPatterns, pageOf, recognise } from '../../../src/portals';
import { DETECTOR_WORDS, mayShowSubscription } from '../../../src/portals/detector-words';
import { GUID, OTHERS, PAGES } from './addresses';
import names from '../../../src/words/en/portals.json' with { type: 'json' };
import { COMBINED, SPELLINGS } from './spellings';

const ALL_ON: PortalSettings = { off: [], own: [] };

function subscriptionId(text: string): SubscriptionId {
  const id = parseSubscriptionId(text);
  if (id === null) throw new Error(`${text} is no subscription ID`);
  return id;
}

describe.each(BUILT_IN_PORTALS)('a subscription page of %s', (portal) => {
  test.each(PAGES[portal])('is %s', (address) => {
    expect(recognise(address, ALL_ON)).toMatchObject({ portal, subscriptionId: GUID });
  });

  test.each(PAGES[portal])('is none while the portal is switched off: %s', (address) => {
    expect(recognise(address, { off: [portal], own: [] })).toBeNull();
    const others = BUILT_IN_PORTALS.filter((id) => id !== portal);
    expect(recognise(address, { off: others, own: [] })).toMatchObject({ portal, subscriptionId: GUID });
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

describe.each(SPELLINGS)('an address of $portal: $kind', ({ portal, shown, refused }) => {
  test.each(shown)('%s shows the subscription in %s', (address, tenant) => {
    expect(recognise(address, ALL_ON)).toMatchObject({ portal, subscriptionId: GUID, tenant });
  });

  test.each(refused)('%s stays untouched', (address) => {
    expect(recognise(address, ALL_ON)).toBeNull();
  });
});

test.each(BUILT_IN_PORTALS)('every way to spell an address of %s goes with every other', (portal) => {
  const others = COMBINED[portal].filter((address) => {
    const page = recognise(address, ALL_ON);
    return page?.portal !== portal || page.subscriptionId !== GUID;
  });
  expect(others).toEqual([]);
  expect(COMBINED[portal].length).toBeGreaterThan(500);
});

describe('the detect script', () => {
  test('looks for the words that portals declare, and for no other', () => {
    expect(new Set(builtInPortals.map(({ detectorWord }) => detectorWord))).toEqual(new Set(DETECTOR_WORDS));
  });

  test.each(builtInPortals)('lets every page of $id through, in every spelling', ({ id }) => {
    const spelled = SPELLINGS.filter(({ portal }) => portal === id).flatMap(({ shown }) => shown.map(([page]) => page));
    const kept = [...PAGES[id], ...spelled, ...COMBINED[id]].filter((address) => !mayShowSubscription(address));
    expect(kept).toEqual([]);
  });

  test.each([
    'https://portal.azure.com/#home',
    'https://portal.azure.com/?x=%zz#@contoso.com/dashboard/%u0073%E0%A4%A',
    'https://admin.microsoft.com/Adminportal/Home#/homepage',
    'https://account.azure.com/Profile',
    '',
  ])('is silent at %j', (address) => {
    expect(mayShowSubscription(address)).toBe(false);
  });
});

test('at least half of the addresses tried are pages that must stay untouched', () => {
  const pages = Object.values(PAGES).flat().length;
  const others = Object.values(OTHERS).flat().length;
  expect(pages + others).toBeGreaterThanOrEqual(80);
  expect(others).toBeGreaterThanOrEqual(pages);
});

describe('the page made for a subscription', () => {
  /** That portal and no other: one that is added later does not stand in its place. */
  const alone = (id: BuiltInPortalId): PortalSettings => ({
    off: BUILT_IN_PORTALS.filter((one) => one !== id),
    own: [],
  });
  const TENANTS = [null, 'contoso.com', GUID, 'xn--bcher-kva.example'] as const;
  const own = [
    'https://b.example/*/:subscriptionId',
    'https://billing.example.com/s/:subscriptionId',
    'https://second.example/:subscriptionId',
  ];
  const guid = subscriptionId(GUID);

  test.each(CLOUD_SERVICES.flatMap((service) => CLOUDS.map((cloud) => [service, cloud] as const)))(
    'leads back to it, its cloud and its tenant: %s in %s',
    (service, cloud) => {
      for (const tenant of TENANTS) {
        const page = pageOf({ subscriptionId: guid, service }, { cloud, tenant }, ALL_ON) ?? '';
        // The addresses of the Azure portal alone hold a tenant, and it serves both government clouds as one.
        const place =
          service === 'azure'
            ? { cloud: cloud === 'usDefence' ? 'usGovernment' : cloud, tenant }
            : { cloud, tenant: null };
        const portal = service === 'azure' ? 'azure' : 'microsoft365Admin';
        expect(recognise(page, ALL_ON)).toEqual({ portal, subscriptionId: GUID, ...place });
      }
    },
  );

  test.each(builtInPortals)('of $id is recognised by that portal alone', (portal) => {
    const place = { cloud: 'public', tenant: null } as const;
    const page = portal.pageOf(guid, place) ?? '';
    expect(recognise(page, ALL_ON)).toEqual({ portal: portal.id, subscriptionId: GUID, ...place });
  });

  test('is in the portal of its kind, and elsewhere only where that is switched off', () => {
    const place = { cloud: 'public', tenant: 'contoso.com' } as const;
    const of = (service: 'azure' | 'office365', portals: PortalSettings) =>
      pageOf({ subscriptionId: guid, service }, place, portals);
    expect(of('azure', { off: [], own })).toBe(
      `https://portal.azure.com/#@contoso.com/resource/subscriptions/${GUID}/overview`,
    );
    expect(of('office365', { off: [], own })).toBe(
      `https://admin.microsoft.com/Adminportal/Home#/subscriptions/assets/${GUID}`,
    );
    expect(of('azure', { ...alone('accountCentre'), own })).toBe(
      `https://account.azure.com/Subscriptions/Statement?subscriptionId=${GUID}`,
    );
    expect(of('azure', { off: BUILT_IN_PORTALS, own })).toBe(`https://billing.example.com/s/${GUID}`);
    expect(of('office365', alone('azure'))).toBeNull();
  });

  test('is in a portal of one’s own when its ID is no GUID', () => {
    const place = { cloud: 'public', tenant: null } as const;
    const subscription = { subscriptionId: subscriptionId('Sub 001/ü'), service: 'azure' } as const;
    expect(pageOf(subscription, place, { off: [], own })).toBe('https://billing.example.com/s/sub%20001%2F%C3%BC');
    expect(pageOf(subscription, place, ALL_ON)).toBeNull();
  });

  test('is not in the account centre outside of the public cloud, where there is none', () => {
    const place = { cloud: 'china', tenant: null } as const;
    expect(pageOf({ subscriptionId: guid, service: 'azure' }, place, alone('accountCentre'))).toBeNull();
  });
});

test('the README lists exactly the built-in portals with their hosts, and then one’s own', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
  const [, table = ''] = /^\| portal \|.*\n\| --- .*\n((?:\|.*\n)+)/m.exec(readme) ?? [];
  const rows = table
    .trim()
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()));
  const listed = rows.map(([, name, hosts]) => [name, hosts]);
  expect(listed.slice(0, -1)).toEqual(builtInPortals.map(({ id, hosts }) => [names[id], hosts.join(', ')]));
  expect(listed.at(-1)?.[0]).toBe('your own');
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
