import * as v from 'valibot';
import { CHECK_RUN_STATES, type CheckRun } from '../domain/check-run';
import { checkOutcomeSchema, failureSchema, partnerIdSchema } from '../domain/schemas';
import { browser, type Storage } from '../platform/browser';

/**
 * The run of checks. In `storage.session`: it outlives the popup and a worker that is killed, ends with the browser, and no
 * content script reaches it. Every write is told to every page and the worker with all that it holds, so what was pasted, how far
 * the run has come, and the answers are apart, the answers a few at a time.
 */
const RUN = 'checkRun';
const PROGRESS = 'checkProgress';
const RESULTS = 'checkResults';
const RESULTS_TOGETHER = 20;

const runEntries = v.object({
  id: v.string(),
  connectionId: v.string(),
  typed: v.string(),
  partnerIds: v.array(partnerIdSchema),
  state: v.picklist(CHECK_RUN_STATES),
});
const progressEntries = v.object({
  id: v.string(),
  width: v.number(),
  misses: v.number(),
  hold: v.nullable(v.object({ since: v.number(), forMs: v.number() })),
  failure: v.nullable(failureSchema),
});
const resultsSchema = v.object({
  /** Of which run. */
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
});

/** Null when there is none. Nothing that can be read counts as none: only the worker of this version writes it. */
export async function readCheckRun(): Promise<CheckRun | null> {
  const stored = await browser.storage.session.get([RUN, PROGRESS]);
  const run = v.safeParse(runEntries, stored[RUN]);
  const progress = v.safeParse(progressEntries, stored[PROGRESS]);
  if (!run.success || !progress.success || run.output.id !== progress.output.id) return null;
  const keys = resultKeys(run.output.partnerIds.length);
  const storedResults = keys.length === 0 ? {} : await browser.storage.session.get(keys);
  const results = keys.flatMap((key) => {
    const parsed = v.safeParse(resultsSchema, storedResults[key]);
    // What an earlier run left where this one has not come to yet.
    return parsed.success && parsed.output.id === run.output.id ? parsed.output.results : [];
  });
  return { ...run.output, ...progress.output, results };
}

/** Keeps a run in place of the one before. Only the worker calls it and those below, and each rejects when there is no room. */
export async function writeCheckRun(run: CheckRun): Promise<void> {
  await browser.storage.session.set({ [RUN]: entriesOf(run), [PROGRESS]: progressOf(run), ...resultsOf(run, null) });
}

/** Keeps how far the run has come since `before`, which is kept. */
export async function writeCheckProgress(run: CheckRun, before: CheckRun): Promise<void> {
  await browser.storage.session.set({ [PROGRESS]: progressOf(run), ...resultsOf(run, before) });
}

/** Keeps where the run that is kept stands, and nothing else of it. */
export async function writeCheckRunState(run: CheckRun): Promise<void> {
  await browser.storage.session.set({ [RUN]: entriesOf(run) });
}

export async function removeCheckRun(run: CheckRun): Promise<void> {
  await browser.storage.session.remove([RUN, PROGRESS]);
  await removeCheckResults(run);
}

/** Makes room of what an earlier run has found. */
export async function removeCheckResults({ partnerIds }: CheckRun): Promise<void> {
  await browser.storage.session.remove(resultKeys(partnerIds.length));
}

/** Calls back after the run went on, until the signal aborts. */
export function onCheckRun(callback: () => void, signal: AbortSignal): void {
  const listener = (changes: Record<string, Storage.StorageChange>, area: string): void => {
    if (area === 'session' && (RUN in changes || PROGRESS in changes)) callback();
  };
  browser.storage.onChanged.addListener(listener);
  signal.addEventListener('abort', () => browser.storage.onChanged.removeListener(listener), { once: true });
}

function entriesOf({ id, connectionId, typed, partnerIds, state }: CheckRun): object {
  return { id, connectionId, typed, partnerIds, state };
}

function progressOf({ id, width, misses, hold, failure }: CheckRun): object {
  return { id, width, misses, hold, failure };
}

/** The answers by their keys: those that are others than before. */
function resultsOf(run: CheckRun, before: CheckRun | null): Record<string, object> {
  const known = new Set(before?.results);
  const results = new Map(run.results.map((result) => [result.partnerId, result]));
  const all = resultKeys(run.partnerIds.length).map((key, place) => {
    const ids = run.partnerIds.slice(place * RESULTS_TOGETHER, (place + 1) * RESULTS_TOGETHER);
    return [key, ids.flatMap((id) => results.get(id) ?? [])] as const;
  });
  return Object.fromEntries(
    all
      .filter(([, some]) => some.some((result) => !known.has(result)))
      .map(([key, some]) => [key, { id: run.id, results: some }]),
  );
}

function resultKeys(count: number): string[] {
  return Array.from({ length: Math.ceil(count / RESULTS_TOGETHER) }, (_, place) => `${RESULTS} ${place}`);
}
