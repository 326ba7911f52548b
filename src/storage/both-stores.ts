import type { IDBPObjectStore } from 'idb';
import type { HistoryFilter } from '../domain/history';
import { type Moving, readMoving } from './marks';
import type { Database, PlacedRow, Schema } from './schema';
import { USUAL_AHEAD_MS } from './stored-row';

export type Open = () => Promise<Database>;

/** Where a page of the history ended. */
export type Cursor = readonly [order: number, id: string];

/** A part of an index: what comes after the one cursor, up to the other. */
export interface Span {
  readonly after: Cursor;
  readonly last: Cursor;
}

/** What both stores have an index for; `earlier`: what the same stands under in the store of version 1. */
export interface Place {
  readonly index: 'newestFirst' | 'target' | 'checkedPartner' | 'usedPartner';
  /** What the index has before order and id, for just the rows that have it. */
  readonly prefix: readonly IDBValidKey[];
  readonly earlier: readonly IDBValidKey[];
}

export type Part = 'rows' | 'history';
/** One of the two, in a transaction. */
export type PartStore = IDBPObjectStore<Schema, Part[], Part, 'readonly'>;

export const EVERYTHING: Place = { index: 'newestFirst', prefix: [], earlier: [] };

export const EVER: Span = {
  after: [Number.NEGATIVE_INFINITY, ''],
  last: [Number.POSITIVE_INFINITY, ''],
};
/** Behind every id there is. */
export const LAST_ID = '\uffff';
export const LARGEST_BATCH = 2000;

/** Those of which nothing is left to move: nobody writes into the store of version 1, so that stays so. */
const moved = new WeakSet<Database>();

/** Whether rows of version 1 are still to move. */
export async function isMoving(database: Database): Promise<boolean> {
  return (await movingNow(database)) !== null;
}

async function movingNow(database: Database): Promise<Moving | null> {
  if (moved.has(database)) return null;
  const moving = readMoving(await database.get('marks', 'moving'));
  if (moving === null) moved.add(database);
  return moving;
}

/**
 * Asks the store of the rows, and while rows move that of version 1 too, the same in one transaction: so no row is met twice, and
 * none is missed.
 */
export async function inBoth<T>(open: Open, ask: (store: PartStore, part: Part) => Promise<T>): Promise<T[]> {
  const database = await open();
  return inParts(database, (await isMoving(database)) ? ['rows', 'history'] : ['rows'], ask);
}

async function inParts<T>(
  database: Database,
  parts: Part[],
  ask: (store: PartStore, part: Part) => Promise<T>,
): Promise<T[]> {
  const transaction = database.transaction(parts);
  return Promise.all(parts.map((part) => ask(transaction.objectStore(part), part)));
}

/** How many rows there are. */
export async function countRows(open: Open): Promise<number> {
  return sum(await inBoth(open, (store) => store.count()));
}

/**
 * How many rows are changes, made by this extension or elsewhere. The checks are not counted, which would take as long as to read
 * them all (Chromium 156), unless rows of version 1 may have changes among them that no index knows.
 */
export async function countChanges(open: Open): Promise<number> {
  const database = await open();
  const moving = await movingNow(database);
  const counts = await inParts(database, moving === null ? ['rows'] : ['rows', 'history'], async (store, part) =>
    part === 'rows' || moving?.targeted
      ? store.index('target').count()
      : (await store.count()) - (await store.index('checkedPartner').count()),
  );
  return sum(counts);
}

/** All changes in no order, where they are at most so many; null where they are more, and where an index may not know all of them. */
export async function fewChanges(open: Open, most: number): Promise<PlacedRow[] | null> {
  const database = await open();
  const moving = await movingNow(database);
  if (moving?.targeted === false) return null;
  const parts: Part[] = moving === null ? ['rows'] : ['rows', 'history'];
  // To skip so many takes a part of the time in which they, or their keys alone, are read.
  const beyond = await inParts(database, parts, async (store) =>
    (await store.index('target').openKeyCursor())?.advance(most),
  );
  if (beyond.some((cursor) => cursor)) return null;
  const found = await inParts<PlacedRow[]>(database, parts, (store) => store.index('target').getAll(null, most + 1));
  const changes = found.flat();
  return changes.length > most ? null : changes;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** The rows of one place, newest first, in batches that grow: `getAll` is many times faster than a cursor. */
export async function* batches(
  open: Open,
  { index, prefix, earlier }: Place,
  { after, last }: Span,
  first: number,
): AsyncGenerator<PlacedRow[]> {
  let from = after;
  for (let size = first; ; size = Math.min(size * 4, LARGEST_BATCH)) {
    const found = await inBoth<PlacedRow[]>(open, (store, part) => {
      const before = part === 'rows' ? prefix : earlier;
      const range = IDBKeyRange.bound([...before, ...from], [...before, ...last], true);
      return store.index(index).getAll(range, size);
    });
    // Rows of one store are in their order already.
    const batch = (found.length === 1 ? found.flat() : newestFirst(found.flat())).slice(0, size);
    const furthest = batch.at(-1);
    if (furthest === undefined) return;
    yield batch;
    if (batch.length < size) return;
    from = [furthest.order, furthest.id];
  }
}

/** The same parts, each asked for while whoever reads is busy with the one before. */
export async function* ahead<T>(parts: AsyncGenerator<T>): AsyncGenerator<T> {
  for (let coming = parts.next(); ; ) {
    const { done, value } = await coming;
    if (done === true) return;
    coming = parts.next();
    // Whoever reads no further does not ask what came of it.
    coming.catch(() => undefined);
    yield value;
  }
}

export function newestFirst(rows: readonly PlacedRow[]): PlacedRow[] {
  return [...rows].sort((one, other) => (isBehind(one, [other.order, other.id]) ? 1 : -1));
}

export function isBehind({ order, id }: Pick<PlacedRow, 'order' | 'id'>, [otherOrder, otherId]: Cursor): boolean {
  return order > otherOrder || (order === otherOrder && id > otherId);
}

/**
 * The part of the order in which all rows of a span of time are. A row's number is its time or greater: greater by more than a
 * moment only where a clock had stood ahead when it was written.
 */
export async function spanOf(open: Open, { from, until }: Pick<HistoryFilter, 'from' | 'until'>): Promise<Span> {
  const last: Cursor = from === undefined ? EVER.last : [-from, LAST_ID];
  if (until === undefined) return { after: EVER.after, last };
  const furthest = await (await open()).transaction('rows').store.index('ahead').openKeyCursor(null, 'prev');
  return { after: [-until - Math.max(USUAL_AHEAD_MS, furthest?.key ?? 0), LAST_ID], last };
}
