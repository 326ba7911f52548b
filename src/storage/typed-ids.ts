import * as v from 'valibot';
import { LONGEST_PASTED } from '../domain/pasted-ids';
import { browser } from '../platform/browser';

/**
 * What somebody typed to be checked and has not asked about yet. In `storage.session`: it outlives the popup, ends with the
 * browser, and no content script reaches it.
 */
const KEY = 'typedIds';

const typedSchema = v.pipe(v.string(), v.maxLength(LONGEST_PASTED));

/** Null when there is nothing. */
export async function readTypedIds(): Promise<string | null> {
  const parsed = v.safeParse(typedSchema, (await browser.storage.session.get(KEY))[KEY]);
  return parsed.success ? parsed.output : null;
}

/**
 * Keeps it in place of what was kept. The page that it is typed on calls it at each key: by the time a worker has woken up, a popup
 * may be gone. What is too long to be checked is not kept.
 */
export async function keepTypedIds(typed: string): Promise<void> {
  const parsed = v.safeParse(typedSchema, typed);
  if (parsed.success) await browser.storage.session.set({ [KEY]: parsed.output });
  else await browser.storage.session.remove(KEY);
}

/** Keeps it no more, once it is asked about or cleared; what another page has kept meanwhile stays. */
export async function forgetTypedIds(typed: string): Promise<void> {
  if ((await readTypedIds()) === typed) await browser.storage.session.remove(KEY);
}
