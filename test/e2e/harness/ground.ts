import { type DemoPortal, startDemoPortal } from '../../../scripts/demo-portal/server';
import type { CallerRole } from '../../../src/domain/rights';
import type { CloudService } from '../../../src/domain/cloud-service';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { type FaultProxy, startFaultProxy } from './fault-proxy';
import { type Portals, startPortals } from './portals';
import { type Effect, type Service, type ServiceOptions, startService } from './service';

interface Wanted {
  readonly service?: CloudService;
  readonly role?: CallerRole;
  /** The partner it is to have at the start; without one it has none. */
  readonly partnerId?: string;
}

/** What a browser stands on, whichever it is: the real service behind the fault proxy, and the portals. */
export interface Ground {
  readonly service: Service;
  readonly proxy: FaultProxy;
  readonly portals: Portals;
  readonly ownPortal: DemoPortal;
  /** A subscription that no test has had before: by default one that the caller may change. */
  newSubscription(wanted?: Wanted): Promise<SubscriptionRecord>;
  /** What took effect on it since a test got it, newest first. */
  effects(subscriptionId: string): Promise<Effect[]>;
  close(): Promise<void>;
}

/**
 * Starts it; `close` ends all of it.
 * @param started portals that a browser was started for meanwhile
 */
export async function startGround(options: ServiceOptions = {}, started?: Portals): Promise<Ground> {
  const [service, portals] = await Promise.all([startService(options), started ?? startPortals()]);
  const unused = await service.subscriptions();
  const effectsBefore = new Map<string, number>();
  const [proxy, ownPortal] = await Promise.all([startFaultProxy(service.url), startDemoPortal(unused)]);
  return {
    service,
    proxy,
    portals,
    ownPortal,
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
      await Promise.all([proxy.close(), ownPortal.close(), portals.close(), service.stop()]);
    },
  };
}
