import 'urlpattern-polyfill';
import { expect, test, vi } from 'vitest';
import { BackendError } from '../../../src/backends/backend';
import type { Tenant } from '../../../src/backends/azure-directory';
import { createLinks, type LinksParts } from '../../../src/background/links';
import type { SubscriptionFacts } from '../../../src/background/azure-reader';
import type { AzureAccount } from '../../../src/domain/azure-account';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings';
import type { SubscriptionPage } from '../../../src/portals';
import { anEntraConnection } from '../../support/connections';
import { SUBSCRIPTION_ID, uuid } from '../../support/targets';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

const [HOME, CUSTOMER, GUEST] = [uuid(1), uuid(2), uuid(3)];
const connection = anEntraConnection();
const ada: AzureAccount = { user: `${uuid(9)}.${HOME}`, homeTenant: HOME, username: 'ada@home.example', name: null };

/** @param shows the subscription as each tenant's tokens see it */
function linksWith(
  shows: Readonly<Record<string, Partial<SubscriptionFacts>>>,
  reached: readonly string[],
  page: string | BackendError,
) {
  const facts = vi.fn(async (_connection: unknown, _id: unknown, { tenant }: { readonly tenant: string }) => {
    const seen = shows[tenant];
    if (seen === undefined)
      throw new BackendError({ reason: 'signInNeeded', detail: { code: 'entra', number: 50020 } });
    return {
      tenant: CUSTOMER,
      name: null,
      managedBy: [],
      quotaId: null,
      attribution: { verdict: 'yesLikely', reason: 'eligibleRole' } as const,
      ...seen,
    };
  });
  const reader: LinksParts['reader'] = {
    tenantOf: async () => {
      if (page instanceof BackendError) throw page;
      return page;
    },
    facts,
    tenants: async () => reached.map((id): Tenant => ({ id, name: null, domain: null })),
    shown: async (_connection, { tenant }) => new Set(shows[tenant] === undefined ? [] : [SUBSCRIPTION_ID]),
  };
  const links = createLinks({
    settings: async () => ({ ...DEFAULT_SETTINGS, connections: [connection] }),
    // Nothing is read there.
    connections: { byId: async () => ({ connection, backend: {} as never }) },
    subscriptions: { viewOf: vi.fn(), readAnewOf: vi.fn() },
    entra: { accounts: async () => [ada] },
    reader,
    places: { read: async () => [], write: async () => undefined },
    log: { info: () => undefined, error: () => undefined },
  });
  const shown: SubscriptionPage = { portal: 'azure', subscriptionId: SUBSCRIPTION_ID, cloud: 'public', tenant: null };
  return { facts, place: async () => (await links.placeFor(shown, null))?.link };
}

test('A subscription whose customer’s tenant the account does not reach is looked at from the account’s own, and so known to be delegated', async () => {
  const { place, facts } = linksWith({ [HOME]: { managedBy: [HOME] } }, [HOME, GUEST], CUSTOMER);
  expect(await place()).toMatchObject({ target: { tenant: HOME }, isDelegated: true });
  // Nobody asks for a token of a tenant in which the account is nobody.
  expect(facts.mock.calls.map(([, , { tenant }]) => tenant)).toEqual([HOME]);
});

test('A subscription of a tenant that the account reaches as a guest is looked at from there', async () => {
  const { place, facts } = linksWith({ [GUEST]: { tenant: GUEST } }, [HOME, GUEST], GUEST);
  expect(await place()).toMatchObject({ target: { tenant: GUEST }, isDelegated: false });
  expect(facts.mock.calls.map(([, , { tenant }]) => tenant)).toEqual([GUEST]);
});

test('A subscription that no tenant of the account shows is of the tenant that its page is in, and no token is sent for it', async () => {
  const { place, facts } = linksWith({}, [HOME], CUSTOMER);
  expect(await place()).toMatchObject({ target: { tenant: CUSTOMER }, isDelegated: false, attribution: null });
  expect(facts).not.toHaveBeenCalled();
});

test('Where nobody can say which tenant a page is in, it is still known who is signed in', async () => {
  const { place } = linksWith({}, [HOME], new BackendError({ reason: 'noAnswer' }));
  expect(await place()).toMatchObject({ target: null, tenant: null, account: { user: ada.user } });
});
