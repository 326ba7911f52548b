import type { LinkTarget } from '../domain/target';
import { browser } from '../platform/browser';

/** In `storage.local`, a key for each link: no two of them are in each other's way. All there is to know stands in the key. */
const ofConnection = (connectionId: string) => `ignoredLink ${connectionId} `;
const keyOf = ({ connectionId, tenant, user }: LinkTarget) => `${ofConnection(connectionId)}${tenant} ${user}`;

/** Whether a person has said of a link at that connection that it is no concern of theirs. */
export async function readIgnored(connectionId: string): Promise<(target: LinkTarget) => boolean> {
  const kept = await keysOf(connectionId);
  return (target) => kept.has(keyOf(target));
}

/** Only the worker calls it. */
export async function writeIgnored(target: LinkTarget, ignored: boolean): Promise<void> {
  const key = keyOf(target);
  if (ignored) await browser.storage.local.set({ [key]: true });
  else await browser.storage.local.remove(key);
}

/** Forgets all of a connection. Only the worker calls it. */
export async function forgetIgnored(connectionId: string): Promise<void> {
  const kept = await keysOf(connectionId);
  if (kept.size > 0) await browser.storage.local.remove([...kept]);
}

async function keysOf(connectionId: string): Promise<ReadonlySet<string>> {
  const keys = Object.keys(await browser.storage.local.get(null));
  return new Set(keys.filter((key) => key.startsWith(ofConnection(connectionId))));
}
