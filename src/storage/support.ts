import * as v from 'valibot';
import { supportSchema } from '../domain/schemas';
import { browser } from '../platform/browser';

/** Whom a connection's service says to ask, and when it said so or was silent (milliseconds since the epoch). */
export interface KnownSupport {
  /** Null: it names nobody. */
  readonly support: string | null;
  readonly askedAt: number;
}

const keyOf = (connectionId: string): string => `support ${connectionId}`;

const storedSchema = v.object({
  support: v.nullable(supportSchema),
  askedAt: v.number(),
}) satisfies v.GenericSchema<unknown, KnownSupport>;

/** Null when the service was never asked, or what was kept cannot be read: the next answer replaces it. */
export async function readSupport(connectionId: string): Promise<KnownSupport | null> {
  const key = keyOf(connectionId);
  const stored = v.safeParse(storedSchema, (await browser.storage.local.get(key))[key]);
  return stored.success ? stored.output : null;
}

/** Only the worker calls it. */
export async function writeSupport(connectionId: string, known: KnownSupport): Promise<void> {
  await browser.storage.local.set({ [keyOf(connectionId)]: known });
}

/** Only the worker calls it. */
export async function forgetSupport(connectionId: string): Promise<void> {
  await browser.storage.local.remove(keyOf(connectionId));
}
