import { type DemoPortal, startDemoPortal } from '../../../scripts/demo-portal/server';
import type { CallerRole } from '../../../src/domain/rights';
import type { CloudService } from '../../../src/domain/cloud-service';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { type BrowserOptions, type ExtensionBrowser, launchBrowser } from './browser';
import { type FaultProxy, startFaultProxy } from './fault-proxy';
import { addPortal, fillConnection, saveConnection, testConnection } from './options';
import { startPortals } from './portals';
import { type Effect, type Service, startService } from './service';
import { type Backstage, openBackstage } from './worker';

interface Wanted {
  readonly service?: CloudService;
  readonly role?: CallerRole;
  /** The partner it is to have at the start; without one it has none. */
  readonly partnerId?: string;
}

/** All there is around one spec: the real service behind the fault proxy, the portals, and a browser with the extension. */
export interface World {
  readonly service: Service;
  readonly proxy: FaultProxy;
  readonly ownPortal: DemoPortal;
  readonly browser: ExtensionBrowser;
  readonly backstage: Backstage;
  /** A subscription that no test has had before: by default one that the caller may change. */
  newSubscription(wanted?: Wanted): Promise<SubscriptionRecord>;
  /** What took effect on it since a test got it, newest first. */
  effects(subscriptionId: string): Promise<Effect[]>;
  close(): Promise<void>;
}

export const OPTIONS_PAGE = 'src/options/index.html';
export const POPUP_PAGE = 'src/popup/index.html';
export const SUBSCRIPTIONS_PAGE = 'src/subscriptions/index.html';

/** A subscription's page in the Azure portal, as its own links have it. */
export function azurePage(subscriptionId: string): string {
  return `https://portal.azure.com/#@contoso.com/resource/subscriptions/${subscriptionId}/overview`;
}

/** Starts a world in which the extension is connected to the service and knows the own portal; `close` ends all of it. */
export async function startWorld(wanted: Pick<BrowserOptions, 'extension' | 'backForwardCache'> = {}): Promise<World> {
  const [service, portals] = await Promise.all([startService(), startPortals()]);
  const unused = await service.subscriptions();
  const effectsBefore = new Map<string, number>();
  const [proxy, ownPortal, browser] = await Promise.all([
    startFaultProxy(service.url),
    startDemoPortal(unused),
    launchBrowser({ hostResolverRules: portals.hostResolverRules, ...wanted }),
  ]);
  const backstage = await openBackstage(browser);
  const options = await browser.welcomePage();
  await fillConnection(options, proxy.url, service.token);
  await testConnection(options);
  await saveConnection(options);
  await addPortal(options, ownPortal.pattern);
  await options.close();
  proxy.reset();
  return {
    service,
    proxy,
    ownPortal,
    browser,
    backstage,
    async newSubscription({ service: kind, role, partnerId } = {}) {
      const fits = ({ service: itsKind, caller }: SubscriptionRecord) =>
        (kind === undefined || itsKind === kind) &&
        (role === undefined ? caller.canChangePartner : caller.role === role);
      const isAsWanted = ({ partnerOfRecord }: SubscriptionRecord) =>
        (partnerOfRecord !== null) === (partnerId !== undefined);
      const record = unused.find((one) => fits(one) && isAsWanted(one)) ?? unused.find(fits);
      if (record === undefined)
        throw new Error(
          `The demo has no other subscription of kind ${kind ?? 'any'} as ${role ?? 'one who may change it'}`,
        );
      unused.splice(unused.indexOf(record), 1);
      const { subscriptionId } = record;
      if (record.caller.canChangePartner) await service.setPartner(subscriptionId, partnerId ?? null);
      effectsBefore.set(subscriptionId, (await service.effects(subscriptionId)).length);
      return service.read(subscriptionId);
    },
    async effects(subscriptionId) {
      const effects = await service.effects(subscriptionId);
      return effects.slice(0, effects.length - (effectsBefore.get(subscriptionId) ?? 0));
    },
    async close() {
      try {
        await browser.close();
      } finally {
        await Promise.all([proxy.close(), ownPortal.close(), portals.close(), service.stop()]);
      }
    },
  };
}
