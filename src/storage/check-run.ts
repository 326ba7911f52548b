import * as v from 'valibot';
import { CHECK_RUN_STATES, type CheckRun } from '../domain/check-run';
import { checkOutcomeSchema, failureSchema, partnerIdSchema } from '../domain/schemas';
import { browser, type Storage } from '../platform/browser';

/**
 * The run of checks. In `storage.session`: it outlives the popup and a worker that is killed, ends with the browser, and no
 * content script reaches it. What grows is apart from what was pasted, which can be long.
 */
const RUN = 'checkRun';
const PROGRESS = 'checkProgress';

const runEntries = v.object({
  id: v.string(),
  connectionId: v.string(),
  typed: v.string(),
  partnerIds: v.array(partnerIdSchema),
  state: v.picklist(CHECK_RUN_STATES),
});
const progressEntries = v.object({
  id: v.string(),
  results: v.array(
    v.object({
      partnerId: partnerIdSchema,
      rowId: v.string(),
      at: v.number(),
      outcome: checkOutcomeSchema,
      recorded: v.boolean(),
    }),
  ),
  width: v.number(),
  misses: v.number(),
  hold: v.nullable(v.object({ since: v.number(), forMs: v.number() })),
  failure: v.nullable(failureSchema),
});

/** Null when there is none. Nothing that can be read counts as none: only the worker of this version writes it. */
export async function readCheckRun(): Promise<CheckRun | null> {
  const stored = await browser.storage.session.get([RUN, PROGRESS]);
  const run = v.safeParse(runEntries, stored[RUN]);
  const progress = v.safeParse(progressEntries, stored[PROGRESS]);
  if (!run.success || !progress.success || run.output.id !== progress.output.id) return null;
  return { ...run.output, ...progress.output };
}

/**
 * Keeps a run in place of the one before. Only the worker calls it and those below, and each rejects when there is no room.
 */
export async function writeCheckRun(run: CheckRun): Promise<void> {
  await browser.storage.session.set({ [RUN]: entriesOf(run), [PROGRESS]: progressOf(run) });
}

/** Keeps how far the run that is kept has come. */
export async function writeCheckProgress(run: CheckRun): Promise<void> {
  await browser.storage.session.set({ [PROGRESS]: progressOf(run) });
}

/** Keeps where the run that is kept stands, and nothing else of it. */
export async function writeCheckRunState(run: CheckRun): Promise<void> {
  await browser.storage.session.set({ [RUN]: entriesOf(run) });
}

export async function removeCheckRun(): Promise<void> {
  await browser.storage.session.remove([RUN, PROGRESS]);
}

/** Calls back after the run went on, until the signal aborts. */
export function onCheckRun(callback: () => void, signal: AbortSignal): void {
  const listener = (changes: Record<string, Storage.StorageChange>, area: string): void => {
    if (area === 'session' && (RUN in changes || PROGRESS in changes)) callback();
  };
  browser.storage.onChanged.addListener(listener);
  signal.addEventListener('abort', () => browser.storage.onChanged.removeListener(listener), { once: true });
}

function entriesOf({ id, connectionId, typed, partnerIds, state }: CheckRun): v.InferInput<typeof runEntries> {
  return { id, connectionId, typed, partnerIds: [...partnerIds], state };
}

function progressOf({ id, results, width, misses, hold, failure }: CheckRun): object {
  return { id, results, width, misses, hold, failure };
}
