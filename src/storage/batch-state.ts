import * as v from 'valibot';
import { BATCH_KINDS, type BatchKind, type BatchOutcome } from '../domain/batch';
import type { Person } from '../domain/person';
import { personSchema } from '../domain/schemas';
import type { StoredBatch, StoredRow } from './schema';

/** So many items are kept as one: a part, of which rows are made together. */
export const ITEMS_IN_PART = 200;

/** How far the making of a batch's rows is. */
export interface BatchState {
  /** The number of the batch's own row; the item at place i gets the number `header - 1 - i`. */
  readonly header: number;
  readonly size: number;
  /** Of so many items a row was made, or it was found out that none is made. */
  readonly made: number;
  /** No more rows are made. */
  readonly stopped: boolean;
  /** What was asked for, as a digest: the same ID with another one is refused. */
  readonly digest: string;
  /** Another person than who asked chose to send as their own what no row was made of yet; null when nobody did. */
  readonly sentAs: Person | null;
  /** The person does not want to see it among those of late any more. */
  readonly dismissed?: true;
  /** What was asked for after it about it. */
  readonly followedBy?: readonly { readonly id: string; readonly kind: BatchKind }[];
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const stateSchema = v.object({
  header: v.pipe(v.number(), v.finite()),
  size: count,
  made: count,
  stopped: v.boolean(),
  digest: v.string(),
  sentAs: v.nullable(personSchema),
  dismissed: v.exactOptional(v.literal(true)),
  followedBy: v.exactOptional(v.array(v.object({ id: v.string(), kind: v.picklist(BATCH_KINDS) }))),
}) satisfies v.GenericSchema<unknown, BatchState>;

/** Null where there is no such batch, or nobody can read how far it is. */
export function readState(stored: StoredBatch | undefined): BatchState | null {
  const parsed = v.safeParse(stateSchema, stored?.state);
  return parsed.success ? parsed.output : null;
}

interface ReadingTransaction {
  objectStore(name: 'batches'): { get(id: string): Promise<StoredBatch | undefined> };
}

/** What was asked for about a batch and was not stopped, as far as anybody can tell. */
export async function followedIn(
  transaction: ReadingTransaction,
  { followedBy = [] }: Pick<BatchState, 'followedBy'>,
): Promise<readonly BatchKind[]> {
  const kinds = followedBy.map(async ({ id, kind }) => {
    const stored = await transaction.objectStore('batches').get(id);
    const isStopped = stored?.running === undefined && readState(stored)?.stopped === true;
    return isStopped ? [] : kind;
  });
  return (await Promise.all(kinds)).flat();
}

/** Whether every item has a row by now, or gets none. */
export function isAllMade({ size, made, stopped }: BatchState): boolean {
  return stopped || made >= size;
}

/** The place in the order of the row of an item. */
export function orderOfItem({ header }: Pick<BatchState, 'header'>, index: number): number {
  return index + 1 - header;
}

/** Which item has its row at that place. */
export function itemAt({ header }: Pick<BatchState, 'header'>, order: number): number {
  return order + header - 1;
}

/** The rows that changes are kept in. */
interface OpenRows {
  index(name: 'openTarget'): { getAll(): Promise<StoredRow[]> };
}

/** The rows of a batch's open changes, the first first. Few are open at a time, so they are found among all that are. */
export async function openRowsOf(rows: OpenRows, batchId: string): Promise<StoredRow[]> {
  const open = await rows.index('openTarget').getAll();
  return open.filter(({ batch }) => batch === batchId).sort((one, other) => one.order - other.order);
}

interface EndingTransaction {
  objectStore(name: 'batches'): {
    get(id: string): Promise<StoredBatch | undefined>;
    put(batch: StoredBatch, id: string): Promise<unknown>;
  };
  objectStore(name: 'rows'): OpenRows;
}

/** Those of the batches that have ended by this transaction, marked so. To be called once, after all else that it writes. */
export async function endBatches(transaction: EndingTransaction, ids: readonly string[]): Promise<string[]> {
  const ended = await Promise.all([...new Set(ids)].map((id) => endBatch(transaction, id)));
  return ended.flatMap((id) => id ?? []);
}

async function endBatch(transaction: EndingTransaction, id: string): Promise<string | null> {
  const batches = transaction.objectStore('batches');
  const stored = await batches.get(id);
  if (stored?.running === undefined) return null;
  const state = readState(stored);
  if (state !== null && !isAllMade(state)) return null;
  if ((await openRowsOf(transaction.objectStore('rows'), id)).length > 0) return null;
  await batches.put({ state: stored.state }, id);
  return id;
}

/** All keys that begin with that batch. */
export function allOf(batch: string): IDBKeyRange {
  return IDBKeyRange.bound([batch], [batch, []]);
}

interface RemovingTransaction {
  objectStore(name: 'batches'): { delete(id: string): Promise<void> };
  objectStore(name: 'batchItems' | 'outcomes'): { delete(range: IDBKeyRange): Promise<void> };
}

/** Removes what is kept of a batch besides its rows. */
export async function removeState(transaction: RemovingTransaction, id: string): Promise<void> {
  await Promise.all([
    transaction.objectStore('batches').delete(id),
    transaction.objectStore('batchItems').delete(allOf(id)),
    transaction.objectStore('outcomes').delete(allOf(id)),
  ]);
}

/** The outcomes of a batch, after that place in the order. */
export function rangeOf(batch: string, outcome: BatchOutcome, after = Number.NEGATIVE_INFINITY): IDBKeyRange {
  return IDBKeyRange.bound([batch, outcome, after], [batch, outcome, Number.POSITIVE_INFINITY], true);
}
