import type { Failure, FailureReason } from './failure';
import type { CheckOutcome } from './history';
import type { PartnerId } from './partner';
import { type PastedIds, type PastedItem, readPastedIds } from './pasted-ids';

/**
 * Where a run of checks stands.
 *
 * - `paused`: it cannot go on by itself; its `failure` says why
 * - `noRoom`: the browser kept no more of what it found, so it asks for no more
 *
 * None is longer than `running`: the end of a run can be written where there is no room for another character.
 */
export const CHECK_RUN_STATES = ['running', 'done', 'stopped', 'paused', 'noRoom'] as const;
export type CheckRunState = (typeof CHECK_RUN_STATES)[number];

/** The Partner IDs of one text, checked one after the other. Times are milliseconds since the epoch. */
export interface CheckRun {
  /** A UUID that the page made which asked. */
  readonly id: string;
  readonly connectionId: string;
  /** The text, and the IDs that {@link readPastedIds} finds in it. */
  readonly typed: string;
  readonly partnerIds: readonly PartnerId[];
  readonly state: CheckRunState;
  /** The last answer of each ID that was asked, in no order. */
  readonly results: readonly CheckResult[];
  /** How many requests may be on the wire at once: fewer after the service was too busy, or away. */
  readonly width: number;
  /** How often in a row nothing but a reason to wait was answered. */
  readonly misses: number;
  /** Until when nothing is asked, as its beginning and length: a clock may be put back. */
  readonly hold: { readonly since: number; readonly forMs: number } | null;
  /** Why it waits or has paused. */
  readonly failure: Failure | null;
}

export interface CheckResult {
  readonly partnerId: PartnerId;
  /** The id of its row in the history, a UUID. */
  readonly rowId: string;
  readonly at: number;
  readonly outcome: CheckOutcome;
  /** Its row was written. */
  readonly recorded: boolean;
}

/** What happens to a run. `answered`: an ID's request came to its end; `retryAfterMs`: what the service asked to wait. */
export type CheckRunEvent =
  | {
      readonly type: 'answered';
      readonly partnerId: PartnerId;
      readonly rowId: string;
      readonly at: number;
      readonly outcome: CheckOutcome;
      readonly retryAfterMs: number | null;
    }
  | { readonly type: 'recorded'; readonly rowIds: ReadonlySet<string> }
  | { readonly type: 'stopped' | 'resumed' | 'noRoom' | 'allAnswered' };

/** What to do now: ask for these, wait until then, or nothing any more. */
export type CheckRunStep =
  | { readonly do: 'ask'; readonly partnerIds: readonly PartnerId[] }
  | { readonly do: 'wait'; readonly until: number }
  | { readonly do: 'end' };

/** A browser has six connections for a host; this leaves one for other requests. */
export const CHECKS_AT_ONCE = 5;
const MOST_MISSES = 5;
const FIRST_BACKOFF_MS = 500;
/** A longer wait needs the person. */
const LONGEST_HOLD_MS = 10 * 60_000;
/** A name is shown up to 200 characters, and history rows hold all of it. */
const LONGEST_KEPT = 500;

export function newCheckRun(id: string, connectionId: string, typed: string): CheckRun {
  const partnerIds = readPastedIds(typed).items.flatMap((item) => ('partnerId' in item ? [item.partnerId] : []));
  return {
    id,
    connectionId,
    typed,
    partnerIds,
    state: partnerIds.length === 0 ? 'done' : 'running',
    results: [],
    width: CHECKS_AT_ONCE,
    misses: 0,
    hold: null,
    failure: null,
  };
}

/** The run after something happened to it; itself when that means nothing to it any more. */
export function afterCheckRunEvent(run: CheckRun, event: CheckRunEvent): CheckRun {
  switch (event.type) {
    case 'answered':
      return run.state === 'noRoom' ? run : afterAnswer(run, event);
    case 'recorded': {
      const { rowIds } = event;
      if (!run.results.some(({ rowId, recorded }) => !recorded && rowIds.has(rowId))) return run;
      const results = run.results.map((one) => (rowIds.has(one.rowId) ? { ...one, recorded: true } : one));
      return { ...run, results };
    }
    case 'stopped':
      return run.state === 'running' ? { ...run, state: 'stopped', hold: null, failure: null } : run;
    case 'resumed':
      return run.state === 'paused' || run.state === 'stopped'
        ? { ...run, state: 'running', width: 1, misses: 0, hold: null, failure: null }
        : run;
    case 'noRoom':
      return { ...run, state: 'noRoom' };
    case 'allAnswered':
      return run.state === 'running' ? { ...run, state: 'done' } : run;
  }
}

type Answered = Extract<CheckRunEvent, { type: 'answered' }>;

function afterAnswer(run: CheckRun, { partnerId, rowId, at, outcome, retryAfterMs }: Answered): CheckRun {
  const others = run.results.filter((one) => one.partnerId !== partnerId);
  const kept: CheckResult = { partnerId, rowId, at, outcome: shortened(outcome), recorded: false };
  const results = [...others, kept];
  // It was on the wire when the run ended.
  if (run.state !== 'running') return { ...run, results };
  if (outcome.kind !== 'failed' || !mayBeAskedAgain(outcome)) {
    const width = Math.min(run.width + 1, CHECKS_AT_ONCE);
    // A hold that another answer has set meanwhile stays.
    const isHeld = run.hold !== null && !isOver(run.hold, at);
    return isHeld ? { ...run, results } : { ...run, results, width, misses: 0, hold: null, failure: null };
  }
  const { failure } = outcome;
  if (!GOES_ON_BY_ITSELF.includes(failure.reason)) return { ...run, results, state: 'paused', hold: null, failure };
  const forMs = retryAfterMs ?? FIRST_BACKOFF_MS * 2 ** run.misses;
  if (run.hold !== null && !isOver(run.hold, at)) {
    // On the wire when the hold began: the same round, and the longer wait counts.
    const isLonger = at + forMs > run.hold.since + run.hold.forMs;
    return { ...run, results, hold: isLonger && forMs <= LONGEST_HOLD_MS ? { since: at, forMs } : run.hold };
  }
  const misses = run.misses + 1;
  if (misses > MOST_MISSES || forMs > LONGEST_HOLD_MS) {
    return { ...run, results, state: 'paused', hold: { since: at, forMs }, failure };
  }
  return { ...run, results, width: 1, misses, hold: { since: at, forMs }, failure };
}

/** @param onTheWire the IDs whose requests have not ended */
export function nextCheckRunStep(run: CheckRun, onTheWire: ReadonlySet<PartnerId>, now: number): CheckRunStep {
  if (run.state !== 'running') return { do: 'end' };
  const left = leftToAsk(run);
  if (left.length === 0) return { do: 'end' };
  if (run.hold !== null && !isOver(run.hold, now)) return { do: 'wait', until: run.hold.since + run.hold.forMs };
  const free = Math.max(run.width - onTheWire.size, 0);
  return { do: 'ask', partnerIds: left.filter((partnerId) => !onTheWire.has(partnerId)).slice(0, free) };
}

/** The IDs without an answer that stands: those never asked first, then those whose answer was lost, the earliest asked first. */
export function leftToAsk(run: CheckRun): readonly PartnerId[] {
  const asked = new Set(run.results.map(({ partnerId }) => partnerId));
  const lost = run.results
    .filter(({ outcome }) => mayBeAskedAgain(outcome))
    .toSorted((one, other) => one.at - other.at)
    .map(({ partnerId }) => partnerId);
  return [...run.partnerIds.filter((partnerId) => !asked.has(partnerId)), ...lost];
}

/** The answers whose rows are to be written now: one that is asked for again has none while its run goes on. */
export function unrecorded(run: CheckRun): readonly CheckResult[] {
  return run.results.filter(
    ({ recorded, outcome }) => !recorded && (run.state !== 'running' || !mayBeAskedAgain(outcome)),
  );
}

/** One line of what a run has found. `result` null: there is no answer yet. */
export type CheckedItem =
  | { readonly kind: 'notAnId'; readonly item: Extract<PastedItem, { problem: unknown }> }
  | {
      readonly kind: 'id';
      readonly partnerId: PartnerId;
      readonly unusualLength: boolean;
      readonly result: CheckResult | null;
    };

/** What a run has found, as it is shown. */
export interface CheckRunView {
  /** What needs a look first, then what was found, then what is still to be answered; each in the order of the text. */
  readonly items: readonly CheckedItem[];
  /** `failed` is what was asked without an answer that says anything; `left` what has none and none that failed. */
  readonly counts: Readonly<
    Record<'found' | 'unknown' | 'notIds' | 'failed' | 'left' | 'repeated' | 'leftOut', number>
  >;
}

/** @param pasted what the run's text holds */
export function viewOfCheckRun(run: CheckRun, { items, repeated, leftOut }: PastedIds): CheckRunView {
  const results = new Map(run.results.map((result) => [result.partnerId, result]));
  const checked = items.map(
    (item): CheckedItem =>
      'partnerId' in item
        ? {
            kind: 'id',
            partnerId: item.partnerId,
            unusualLength: item.unusualLength,
            result: results.get(item.partnerId) ?? null,
          }
        : { kind: 'notAnId', item },
  );
  const counts = { found: 0, unknown: 0, notIds: 0, failed: 0, left: 0, repeated, leftOut };
  for (const item of checked) counts[countedAs(item)] += 1;
  const inOrder = READING_ORDER.flatMap((group) => checked.filter((item) => group.includes(countedAs(item))));
  return { items: inOrder, counts };
}

const READING_ORDER: readonly (readonly CountedAs[])[] = [['notIds', 'unknown', 'failed'], ['found'], ['left']];
type CountedAs = 'found' | 'unknown' | 'notIds' | 'failed' | 'left';

export function countedAs(item: CheckedItem): CountedAs {
  if (item.kind === 'notAnId') return 'notIds';
  switch (item.result?.outcome.kind) {
    case undefined:
      return 'left';
    case 'found':
      return 'found';
    case 'unknownPartner':
      return 'unknown';
    case 'failed':
      return 'failed';
  }
}

/** Failures that pass with time; any other needs a person. */
const GOES_ON_BY_ITSELF: readonly FailureReason[] = ['noAnswer', 'timedOut', 'busy', 'serverError', 'interrupted'];
/** Failures that are about this one ID: the same answer would come again. */
const STANDS: readonly FailureReason[] = ['refused', 'unreadable', 'tooLarge'];

function mayBeAskedAgain(outcome: CheckOutcome): boolean {
  return outcome.kind === 'failed' && !STANDS.includes(outcome.failure.reason);
}

function isOver({ since, forMs }: Exclude<CheckRun['hold'], null>, now: number): boolean {
  return since > now || now >= since + forMs;
}

/** The part of an answer that a run keeps: a browser has little room for it. */
function shortened(outcome: CheckOutcome): CheckOutcome {
  if (outcome.kind !== 'found') return outcome;
  const { partner, location } = outcome;
  return {
    kind: 'found',
    partner: { ...partner, name: partner.name.slice(0, LONGEST_KEPT) },
    ...(location === undefined ? {} : { location: location.slice(0, LONGEST_KEPT) }),
  };
}
