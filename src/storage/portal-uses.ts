import * as v from 'valibot';
import { NO_USES, type PortalUses } from '../domain/portal-limits';
import { subscriptionIdSchema } from '../domain/schemas';
import { browser, type Storage } from '../platform/browser';

/**
 * What portals got so far. In `storage.session`: it outlives a worker that is killed, ends with the browser as the tabs' numbers
 * do, and no content script reaches it.
 */
const KEY = 'portalUses';

const uses = v.array(v.object({ tabId: v.number(), at: v.number() }));
const portalUsesSchema = v.object({
  uses: v.object({ shown: uses, pressed: uses, changes: uses, checks: uses, windows: uses }),
  present: v.array(
    v.object({ tabId: v.number(), subscriptionId: subscriptionIdSchema, link: v.exactOptional(v.string()) }),
  ),
  manyChanges: v.nullable(v.object({ seen: v.boolean() })),
}) satisfies v.GenericSchema<unknown, PortalUses>;

/** Nothing that can be read counts as nothing used yet: only the worker of this version writes it. */
export async function readPortalUses(): Promise<PortalUses> {
  const parsed = v.safeParse(portalUsesSchema, (await browser.storage.session.get(KEY))[KEY]);
  return parsed.success ? parsed.output : NO_USES;
}

/** Only the worker calls it. */
export async function writePortalUses(portalUses: PortalUses): Promise<void> {
  await browser.storage.session.set({ [KEY]: portalUses });
}

/** Calls back after portals got something, until the signal aborts. */
export function onPortalUses(callback: () => void, signal: AbortSignal): void {
  const listener = (changes: Record<string, Storage.StorageChange>, area: string): void => {
    if (area === 'session' && KEY in changes) callback();
  };
  browser.storage.onChanged.addListener(listener);
  signal.addEventListener('abort', () => browser.storage.onChanged.removeListener(listener), { once: true });
}
