import { isOfLinks } from '../domain/connection';
import { placeOf } from '../domain/place';
import type { Settings } from '../domain/settings';
import type { Target } from '../domain/target';
import { browser } from '../platform/browser';
import { pageOf } from '../portals';
import type { History } from '../storage/history';
import { readPlaces } from '../storage/places';
import type { Connections } from './connections';
import type { Subscriptions } from './subscriptions';

export interface OpenNotifiedParts {
  readonly history: Pick<History, 'readBatch' | 'readChange' | 'readForeign' | 'markMet'>;
  readonly connections: Pick<Connections, 'byId'>;
  readonly subscriptions: Pick<Subscriptions, 'view'>;
  readonly settings: () => Promise<Settings>;
  /** The person has met changes made elsewhere. */
  readonly onMet: () => void;
}

/**
 * Opens what a notification was about, by its ID: the subscription's page, where one is known; a batch in the list of subscriptions;
 * else, and where it was about many changes, that list. A link is of no subscription: its list is that of tenants.
 */
export function createOpenNotified(parts: OpenNotifiedParts): (notificationId: string) => Promise<void> {
  const { history } = parts;

  async function pageFor(id: string): Promise<string | null> {
    const change = await history.readChange(id);
    if (change !== null) return change.page ?? pageOfTarget(change.target);
    const batch = await history.readBatch(id);
    if (batch !== null) return `${(await isOfTenants(batch.connectionId)) ? tenantsPage() : listPage()}?batch=${id}`;
    const foreign = await history.readForeign(id);
    if (foreign === null) return null;
    if (await history.markMet([id])) parts.onMet();
    return pageOfTarget(foreign.target);
  }

  async function isOfTenants(connectionId: string): Promise<boolean> {
    const current = await parts.connections.byId(connectionId);
    return current !== null && isOfLinks(current.connection);
  }

  async function pageOfTarget(target: Target): Promise<string | null> {
    if (target.kind === 'signIn') return tenantsPage();
    const current = await parts.connections.byId(target.connectionId);
    if (current === null) return null;
    const { state } = await parts.subscriptions.view(current, target.id);
    const service = state?.subscription?.service;
    if (service === undefined) return null;
    const subscription = { subscriptionId: target.id, service };
    return pageOf(subscription, placeOf(target.id, await readPlaces()), (await parts.settings()).portals);
  }

  return async (id) => {
    const page = await pageFor(id);
    await browser.tabs.create({ url: page ?? listPage() });
    await browser.notifications.clear(id);
  };
}

function listPage(): string {
  return browser.runtime.getURL('src/subscriptions/index.html');
}

function tenantsPage(): string {
  return browser.runtime.getURL('src/tenants/index.html');
}
