import * as v from 'valibot';
import type { ConfirmWindow } from '../domain/confirm-window';
import { linkTargetSchema, subscriptionIdSchema, uuidSchema } from '../domain/schemas';
import { browser, type Storage } from '../platform/browser';

/**
 * What the extension's own window is about. In `storage.session`: it outlives a worker that is killed, ends with the browser as
 * the window does, and no content script reaches it.
 */
const KEY = 'confirmWindow';

const confirmWindowSchema = v.object({
  subject: v.object({
    id: v.string(),
    subscriptionId: subscriptionIdSchema,
    connectionId: v.exactOptional(uuidSchema),
    link: v.exactOptional(v.object({ target: linkTargetSchema, account: v.string(), tenant: v.string() })),
    typed: v.string(),
  }),
  windowId: v.nullable(v.number()),
  underWay: v.boolean(),
}) satisfies v.GenericSchema<unknown, ConfirmWindow>;

/** Null when there is no such window. */
export async function readConfirmWindow(): Promise<ConfirmWindow | null> {
  const parsed = v.safeParse(confirmWindowSchema, (await browser.storage.session.get(KEY))[KEY]);
  return parsed.success ? parsed.output : null;
}

/** Only the worker calls it. */
export async function writeConfirmWindow(confirmWindow: ConfirmWindow | null): Promise<void> {
  if (confirmWindow === null) await browser.storage.session.remove(KEY);
  else await browser.storage.session.set({ [KEY]: confirmWindow });
}

/** Calls back after the window became another or ended, until the signal aborts. */
export function onConfirmWindow(callback: () => void, signal: AbortSignal): void {
  const listener = (changes: Record<string, Storage.StorageChange>, area: string): void => {
    if (area === 'session' && KEY in changes) callback();
  };
  browser.storage.onChanged.addListener(listener);
  signal.addEventListener('abort', () => browser.storage.onChanged.removeListener(listener), { once: true });
}
