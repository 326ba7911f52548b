import * as v from 'valibot';
import { DEFAULT_DOCK, type Dock } from '../domain/dock';
import { dockSchema } from '../domain/schemas';
import { browser } from '../platform/browser';

/** In `storage.local`, a key for each portal's host: no two of them are in each other's way. */
const PREFIX = 'dock ';
const keyOf = (host: string) => PREFIX + host;

/** How the person left the docked panel on that host's pages; what cannot be read is as if they had not been there. */
export async function readDock(host: string): Promise<Dock> {
  const key = keyOf(host);
  const parsed = v.safeParse(dockSchema, (await browser.storage.local.get(key))[key]);
  return parsed.success ? parsed.output : DEFAULT_DOCK;
}

/** Only the worker calls it. */
export async function writeDock(host: string, dock: Dock): Promise<void> {
  await browser.storage.local.set({ [keyOf(host)]: dock });
}

/** Forgets all but how the person left it on those hosts. Only the worker calls it. */
export async function keepDocksOf(hosts: readonly string[]): Promise<void> {
  const kept = new Set(hosts.map(keyOf));
  const keys = Object.keys(await browser.storage.local.get(null));
  const left = keys.filter((key) => key.startsWith(PREFIX) && !kept.has(key));
  if (left.length > 0) await browser.storage.local.remove(left);
}
