import { planChange, type Plan } from '../domain/change-request';
import type { Failure } from '../domain/failure';
import type { PartnerRef } from '../domain/partner';
import { markOf, partnerOf, type PartnerState, subscriptionName } from '../domain/partner-state';
import { type NotPermitted, notPermitted } from '../domain/rights';
import { MOST_ITEMS } from '../domain/schemas';
import { subscriptionTarget } from '../domain/target';
import type { MessageInput } from '../messaging/protocol';
import { type RowId, rowKey } from './row-id';

/** What is known of a row of which something is wanted. Times are milliseconds since the epoch. */
export interface KnownRow extends RowId {
  /** As it was read last; null where it never was. */
  readonly state: PartnerState | null;
  readonly readAt: number | null;
  /** Why the newest read failed, so that what is there may be of long ago; null where it did not. */
  readonly failure: Failure | null;
  /** A change of it has not ended yet. */
  readonly isBusy: boolean;
  /** The address of its page; null where none is known. */
  readonly page: string | null;
}

/** What of a row comes of what is wanted. */
export interface PlannedRow extends RowId {
  readonly key: string;
  readonly name: string;
  readonly page: string | null;
  /** The partner that is wanted; null: none. */
  readonly after: PartnerRef | null;
  readonly fate: Fate;
}

export const FATES = ['changes', 'already', 'notPermitted', 'busy', 'unknown'] as const;
/**
 * - `changes`: it is asked for
 * - `already`: it is as it is wanted
 * - `notPermitted`: the person may not change it
 * - `busy`: another change of it has not ended yet
 * - `unknown`: what it is now is not known, so nothing is asked for; `failure` null: it was never read
 */
export type Fate =
  | { readonly kind: 'changes'; readonly plan: Extract<Plan, { ok: true }> }
  | { readonly kind: 'already' }
  | { readonly kind: 'notPermitted'; readonly before: PartnerRef | null; readonly why: NotPermitted }
  | { readonly kind: 'busy'; readonly before: PartnerRef | null }
  | { readonly kind: 'unknown'; readonly failure: Failure | null };

/** What comes of one row when that partner is wanted for it, or none. */
export function planRow(row: KnownRow, after: PartnerRef | null): PlannedRow {
  const { connectionId, subscriptionId, state } = row;
  const name = subscriptionName(subscriptionId, state);
  return {
    key: rowKey(row),
    connectionId,
    subscriptionId,
    name,
    get page() {
      return row.page;
    },
    after,
    fate: fateOf(row, after),
  };
}

function fateOf({ connectionId, subscriptionId, state, failure, isBusy }: KnownRow, after: PartnerRef | null): Fate {
  if (state === null || failure !== null) return { kind: 'unknown', failure };
  const before = partnerOf(state.partnerOfRecord);
  // What it is now is not what it will be once that has ended.
  if (isBusy) return { kind: 'busy', before };
  const target = subscriptionTarget(connectionId, subscriptionId);
  const plan = planChange(state, { target, after: after?.partnerId ?? null, seen: markOf(state) });
  // Over what was read nothing but that there is nothing to change can be in the way of a plan.
  if (!plan.ok) return { kind: 'already' };
  const why = notPermitted(state);
  return why === null ? { kind: 'changes', plan } : { kind: 'notPermitted', before, why };
}

/** Those of the rows that are to be read again before anything is asked for: what they say was read before `since`, or not at all. */
export function staleRows<Row extends Pick<KnownRow, 'readAt' | 'failure'>>(
  rows: readonly Row[],
  since: number,
): readonly Row[] {
  return rows.filter(({ readAt, failure }) => failure === null && (readAt === null || readAt < since));
}

/** Whether the change takes the record from one partner and gives it to another. */
export function replacesAnother({ fate }: PlannedRow): boolean {
  return fate.kind === 'changes' && fate.plan.kind === 'change';
}

/** Changes from the same partner to the same one. */
export interface PlannedGroup {
  readonly key: string;
  readonly before: PartnerRef | null;
  readonly after: PartnerRef | null;
  readonly count: number;
}

/** What a plan comes to. */
export interface PlanSummary {
  readonly counts: Readonly<Record<Fate['kind'], number>>;
  /** How many of the changes take the record from another partner. */
  readonly replacing: number;
  /** The changes, the most of a kind first. */
  readonly groups: readonly PlannedGroup[];
}

export function summaryOf(rows: readonly PlannedRow[]): PlanSummary {
  const counts = { changes: 0, already: 0, notPermitted: 0, busy: 0, unknown: 0 };
  const groups = new Map<string, PlannedGroup>();
  let replacing = 0;
  for (const row of rows) {
    counts[row.fate.kind] += 1;
    if (replacesAnother(row)) replacing += 1;
    if (row.fate.kind !== 'changes') continue;
    const key = groupKey(row.fate.plan.before, row.after);
    const group = groups.get(key) ?? { key, before: row.fate.plan.before, after: row.after, count: 0 };
    groups.set(key, { ...group, count: group.count + 1 });
  }
  return { counts, replacing, groups: [...groups.values()].sort((one, other) => other.count - one.count) };
}

/** By name too: what an ID stands for is each connection's own affair. */
function groupKey(before: PartnerRef | null, after: PartnerRef | null): string {
  return JSON.stringify([before?.partnerId, before?.name, after?.partnerId, after?.name]);
}

/** Which rows of a plan are looked at: every one of a fate, those that replace another partner, or those of one group. */
export type PlanFilter = Fate['kind'] | 'replacing' | { readonly group: string };

export function filterPlan(rows: readonly PlannedRow[], filter: PlanFilter): readonly PlannedRow[] {
  if (filter === 'replacing') return rows.filter(replacesAnother);
  if (typeof filter === 'string') return rows.filter(({ fate }) => fate.kind === filter);
  return rows.filter(
    ({ fate, after }) => fate.kind === 'changes' && groupKey(fate.plan.before, after) === filter.group,
  );
}

/** What is asked for at one connection. */
export type BatchAsked = MessageInput<'batch.ask'>;

/**
 * The changes of a plan, a batch for each connection, and more than one where they are more than one can have.
 * @param newId makes a UUID
 */
export function batchesOf(
  rows: readonly PlannedRow[],
  kind: BatchAsked['kind'],
  newId: () => string,
): readonly BatchAsked[] {
  const batches = new Map<string, BatchAsked['items'][number][]>();
  for (const { connectionId, subscriptionId, name, page, after, fate } of rows) {
    if (fate.kind !== 'changes') continue;
    const { before, basedOn } = fate.plan;
    const items = batches.get(connectionId) ?? [];
    batches.set(connectionId, items);
    items.push({ subscriptionId, name, page, before, basedOn, after: after?.partnerId ?? null });
  }
  return [...batches].flatMap(([connectionId, items]) =>
    Array.from({ length: Math.ceil(items.length / MOST_ITEMS) }, (_, part) => ({
      id: newId(),
      connectionId,
      kind,
      items: items.slice(part * MOST_ITEMS, (part + 1) * MOST_ITEMS),
    })),
  );
}
