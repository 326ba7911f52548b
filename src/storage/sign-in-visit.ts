import * as v from 'valibot';
import { type SignInVisit, visitLeftMs } from '../domain/sign-in-visit';
import { browser, type Storage } from '../platform/browser';

/** In `storage.session`: it ends with the browser, as the tabs' numbers do, and no content script reaches it. */
const KEY = 'signInVisit';

const visitSchema = v.object({
  why: v.picklist(['notSignedIn', 'refused', 'notAllowed']),
  tabId: v.nullable(v.number()),
  popup: v.boolean(),
  at: v.number(),
}) satisfies v.GenericSchema<unknown, SignInVisit>;

/** Only the worker calls it, before it opens the options. */
export async function writeSignInVisit(visit: SignInVisit): Promise<void> {
  await browser.storage.session.set({ [KEY]: visit });
}

/** Null when nobody was led there since it was last taken, or too long ago. Only the worker calls it. */
export async function takeSignInVisit(now: number): Promise<SignInVisit | null> {
  const parsed = v.safeParse(visitSchema, (await browser.storage.session.get(KEY))[KEY]);
  if (!parsed.success) return null;
  await browser.storage.session.remove(KEY);
  return visitLeftMs(parsed.output, now) > 0 ? parsed.output : null;
}

/** Calls back when somebody is led to the options to sign in, until the signal aborts. */
export function onSignInVisit(callback: () => void, signal: AbortSignal): void {
  const listener = (changes: Record<string, Storage.StorageChange>, area: string): void => {
    if (area === 'session' && changes[KEY]?.newValue !== undefined) callback();
  };
  browser.storage.onChanged.addListener(listener);
  signal.addEventListener('abort', () => browser.storage.onChanged.removeListener(listener), { once: true });
}
