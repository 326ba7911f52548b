import type { Batch, BatchProgress, LaneHold } from './batch';
import type { Change } from './change';
import type { Failure } from './failure';
import { createFold, fold } from './fold';
import type { AttachedPartner, Partner, PartnerId, PartnerRef } from './partner';
import { nameOfPerson } from './person';
import { type Standing, standingOf, type Viewer } from './standing';
import { type Target, targetTexts } from './target';

/** What a look at a Partner ID told. `unknownPartner`: the backend answered that there is no such partner. */
export type CheckOutcome =
  | { readonly kind: 'found'; readonly partner: Partner; readonly location?: string }
  | { readonly kind: 'unknownPartner' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A check of one Partner ID. */
export interface Check {
  readonly id: string;
  readonly connectionId: string;
  readonly partnerId: PartnerId;
  readonly checkedAt: number;
  readonly outcome: CheckOutcome;
}

/** A change that was made elsewhere, noticed when the subscription was read again. */
export interface ForeignChange {
  readonly id: string;
  readonly target: Target;
  readonly targetName: string;
  readonly before: PartnerRef | null;
  readonly after: AttachedPartner | null;
  readonly foundAt: number;
  /** The name of who made it; null while that is not known. */
  readonly by: string | null;
  /** The version of the state that showed it; null where there is none, or an earlier version did not note it. */
  readonly version: string | null;
  /** Whether the person has met it. */
  readonly seen: boolean;
}

/** Who made a change elsewhere, as far as is known: where a partner was attached, the record says it too. */
export function madeBy({ by, after }: Pick<ForeignChange, 'by' | 'after'>): string | null {
  return by ?? after?.assignedBy ?? null;
}

/** A row of the history. `at` (milliseconds since the epoch) is when it was asked, checked or found. */
export type HistoryRow =
  /** What was asked for together: the one entry of all of its changes, whose rows come right behind it. */
  | { readonly type: 'batch'; readonly id: string; readonly at: number; readonly batch: Batch }
  | { readonly type: 'change'; readonly id: string; readonly at: number; readonly change: Change }
  | { readonly type: 'check'; readonly id: string; readonly at: number; readonly check: Check }
  | { readonly type: 'foreign'; readonly id: string; readonly at: number; readonly foreign: ForeignChange };

/** A row as people meet it: a change by where it stands, a batch by how far it is. */
export type HistoryEntry =
  | BatchEntry
  | ({ readonly kind: RowKind; readonly outcome: RowOutcome } & (
      | { readonly type: 'change'; readonly id: string; readonly at: number; readonly standing: Standing }
      | Exclude<HistoryRow, { readonly type: 'change' | 'batch' }>
    ));

/** An entry that stands for itself. */
export type SingleEntry = Exclude<HistoryEntry, BatchEntry>;

/** `askedBy`: the name of who asked; null when it is not known. */
export interface BatchEntry {
  readonly type: 'batch';
  readonly id: string;
  readonly at: number;
  readonly batch: Batch;
  readonly progress: BatchProgress;
  readonly askedBy: string | null;
}

export const ROW_KINDS = ['check', 'assign', 'change', 'remove', 'foreign'] as const;
export type RowKind = (typeof ROW_KINDS)[number];

export const ROW_OUTCOMES = [
  'open',
  'done',
  'refused',
  'conflict',
  'cancelled',
  'unknown',
  'found',
  'notFound',
  'failed',
] as const;
export type RowOutcome = (typeof ROW_OUTCOMES)[number];

export const ROW_GROUPS = ['changes', 'checks'] as const;
/** Two groups of rows: checks of Partner IDs, and changes of records, made by this extension or elsewhere. */
export type RowGroup = (typeof ROW_GROUPS)[number];

/** What the history is filtered by; an absent part lets everything through. Times are milliseconds since the epoch. */
export interface HistoryFilter {
  readonly group?: RowGroup;
  /** Rows of that moment and later. */
  readonly from?: number;
  /** Rows before that moment. */
  readonly until?: number;
  /** Found in IDs and names by their fold. */
  readonly text?: string;
  readonly kind?: RowKind;
  readonly outcome?: RowOutcome;
  readonly connectionId?: string;
}

/**
 * A row for whoever looks at it at `now` (milliseconds since the epoch).
 * @param hold what holds up its connection, where whoever looks is told; null where nothing does
 */
export function entryOf(row: SingleRow, viewer: Viewer, now: number, hold: LaneHold | null = null): SingleEntry {
  const common = { kind: rowKind(row), outcome: rowOutcome(row) };
  if (row.type !== 'change') return { ...row, ...common };
  return { ...common, type: 'change', id: row.id, at: row.at, standing: standingOf(row.change, viewer, now, hold) };
}

/** The entry of a batch, by how far it is. */
export function batchEntryOf({ id, at, batch }: BatchRow, progress: BatchProgress): BatchEntry {
  return { type: 'batch', id, at, batch, progress, askedBy: batch.person && nameOfPerson(batch.person) };
}

/** A row that stands for a batch, and one that stands for itself. */
export type BatchRow = Extract<HistoryRow, { readonly type: 'batch' }>;
export type SingleRow = Exclude<HistoryRow, BatchRow>;

export function rowKind(row: SingleRow): RowKind {
  return row.type === 'change' ? row.change.kind : row.type;
}

export function connectionOf(row: HistoryRow): string {
  switch (row.type) {
    case 'batch':
      return row.batch.connectionId;
    case 'change':
      return row.change.target.connectionId;
    case 'check':
      return row.check.connectionId;
    case 'foreign':
      return row.foreign.target.connectionId;
  }
}

export function rowOutcome(row: SingleRow): RowOutcome {
  switch (row.type) {
    case 'change': {
      const { state } = row.change.life;
      return state === 'waiting' || state === 'sending' ? 'open' : state;
    }
    case 'check':
      return CHECK_OUTCOMES[row.check.outcome.kind];
    case 'foreign':
      return 'done';
  }
}

const CHECK_OUTCOMES = { found: 'found', unknownPartner: 'notFound', failed: 'failed' } as const;

/** A test for rows: the filter's text is looked for in subscription and partner IDs and names. */
export function matcher(filter: HistoryFilter): (row: HistoryRow) => boolean {
  const foldText = createFold();
  const text = wantedText(filter);
  const sortPasses = sortMatcher(filter);
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = filter;
  return (row) =>
    // Written so that a damaged row without a time passes: its reader finds the damage.
    !(row.at < from) &&
    !(row.at >= until) &&
    sortPasses(sortOf(row)) &&
    (row.type === 'batch' || text === '' || textOfRow(row, foldText).includes(text));
}

/** What a row is of: all that a filter chooses by but time and text. */
export interface RowSort {
  readonly connectionId: string;
  readonly kind: RowKind | 'batch';
  /** A batch has none of its own. */
  readonly outcome: RowOutcome | null;
}

export function sortOf(row: HistoryRow): RowSort {
  const connectionId = connectionOf(row);
  return row.type === 'batch'
    ? { connectionId, kind: row.type, outcome: null }
    : { connectionId, kind: rowKind(row), outcome: rowOutcome(row) };
}

/** A test for what rows are of. */
export function sortMatcher(filter: HistoryFilter): (sort: RowSort) => boolean {
  const { group, connectionId, kind, outcome } = filter;
  const showsBatch = showsBatches(filter);
  return (sort) =>
    (group === undefined || (sort.kind === 'check') === (group === 'checks')) &&
    (connectionId === undefined || sort.connectionId === connectionId) &&
    (sort.kind === 'batch'
      ? showsBatch
      : (kind === undefined || sort.kind === kind) && (outcome === undefined || sort.outcome === outcome));
}

/** What a filter looks for in the text of rows, as {@link textOfRow} has it; empty where it lets every text through. */
export function wantedText({ text = '' }: HistoryFilter): string {
  return fold(text.trim());
}

/** What a row is found by: the fold of each of its texts, and between two of them what no fold has. */
export function textOfRow(row: SingleRow, foldText: typeof fold): string {
  return searchable(row).map(foldText).join('\t');
}

/** Whether a batch is shown as one entry. What looks for single changes finds them in batches too, as rows of their own. */
export function showsBatches({ kind, outcome, ...filter }: HistoryFilter): boolean {
  return wantedText(filter) === '' && kind === undefined && outcome === undefined;
}

function searchable(row: SingleRow): string[] {
  switch (row.type) {
    case 'change': {
      const { target, targetName, before, after, person, sentAs } = row.change;
      const people = [person, sentAs].flatMap((one) => (one && nameOfPerson(one)) ?? []);
      return [...targetTexts(target), targetName, ...partnerTexts(before), ...partnerTexts(after), ...people];
    }
    case 'check': {
      const { outcome, partnerId } = row.check;
      return outcome.kind === 'found' ? [partnerId, outcome.partner.name] : [partnerId];
    }
    case 'foreign': {
      const { target, targetName, before, after } = row.foreign;
      const by = madeBy(row.foreign) ?? [];
      return [...targetTexts(target), targetName, ...partnerTexts(before), ...partnerTexts(after)].concat(by);
    }
  }
}

function partnerTexts(partner: PartnerRef | null): string[] {
  return partner === null ? [] : [partner.partnerId, partner.name ?? ''];
}
