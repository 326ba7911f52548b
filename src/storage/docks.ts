import * as v from 'valibot';
import { DEFAULT_DOCK, type Dock } from '../domain/dock';
import { dockSchema } from '../domain/schemas';
import { browser } from '../platform/browser';

/** In `storage.local`, a key for each portal's host: no two of them are in each other's way. */
const keyOf = (host: string) => `dock ${host}`;

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
