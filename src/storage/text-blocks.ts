import * as v from 'valibot';
import { createFold, FOLD_NUMBER, fold } from '../domain/fold';
import {
  type HistoryFilter,
  type HistoryRow,
  ROW_KINDS,
  ROW_OUTCOMES,
  type RowSort,
  sortMatcher,
  sortOf,
  textOfRow,
  wantedText,
} from '../domain/history';
import { isAllMade, readState } from './batch-state';
import { batches, type Cursor, EVERYTHING, isBehind, LAST_ID, type Open, type Span } from './both-stores';
import { readMoving } from './marks';
import { inPresentShape } from './row-shapes';
import type { Database, IndexFields, PlacedRow, StoredRow, WritingHistory } from './schema';

/**
 * To look for a word in 100,000 rows takes a second, most of it to read them. So the folded texts of rows, and what each is of, are kept
 * once more, those of a thousand as one: a search reads these, and of the rows those alone that may pass. It asks each of them again,
 * so that a block may be behind its rows, but never without one that it covers.
 *
 * A block has the rows from the place that is its key up to the next block's: what is behind the newest block is in blocks, and no
 * new row ever comes behind it. What alters what a row is found by, or removes a row, empties its block in the same transaction. A
 * row is asked for by its place, a number: with the IDs of its rows a block is read in twice the time, and to count to a row in the
 * index takes ten times as long (Chromium 156).
 */
export const ROWS_IN_BLOCK = 1000;
/** With more open rows than this, what ends soon is waited for. */
const OPEN_IN_BLOCK = 100;
const BLOCKS_AT_ONCE = 16;
const PARTS_ASKED = 3;
/** Where rows of more places of a block may pass, reading all of them is faster than asking for each. */
const FEW_PLACES = 100;
/** The line of a row that may still change, or that nobody can read: it is looked at in every search. */
const ASK_THE_ROW = '\0';
/** What a line begins with for what its row is of: none of these is ever in a folded text. Rows of still more sorts are asked. */
const SORT_MARKS = [...between(0x0e, 0x1f), ...between(0x80, 0x9f)].map((code) => String.fromCharCode(code));

/**
 * Counts up, in thousands, with every edit that alters what a block is made of. 1 had the IDs of its rows, and not what they are of; 2
 * had nothing to ask for a row by.
 */
const BLOCK_FORM = 3;
const MADE_BY = BLOCK_FORM * 1000 + FOLD_NUMBER;

const sortSchema = v.object({
  connectionId: v.string(),
  kind: v.picklist([...ROW_KINDS, 'batch']),
  outcome: v.nullable(v.picklist(ROW_OUTCOMES)),
});
const blockSchema = v.object({
  /** By which form and fold it was made: what another one made is of no use. */
  fold: v.literal(MADE_BY),
  /** What its rows are of: the first of {@link SORT_MARKS} stands for the first. */
  sorts: v.array(sortSchema),
  /** The text of each row behind the mark of its sort, a line each, newest first. */
  texts: v.string(),
  /** The place of each row in the order. */
  orders: v.instance(Float64Array),
  /** The IDs of those that were open when it was made; absent where none was. */
  open: v.exactOptional(v.array(v.string())),
});
type Block = v.InferOutput<typeof blockSchema>;

export type StoredBlock = Block | typeof EMPTY;
/** Of a form that there never was: it is to be made anew, as blocks of an earlier form are. */
const EMPTY = { fold: 0 } as const;

function readBlock(stored: unknown): Block | null {
  const parsed = v.safeParse(blockSchema, stored);
  return parsed.success ? parsed.output : null;
}

/** Of the rows of a span, newest first, in batches: all that pass the filter, but for its times, and some others. */
export async function* rowsByBlocks(
  open: Open,
  filter: HistoryFilter,
  span: Span,
  first: number,
): AsyncGenerator<PlacedRow[]> {
  const { after, last } = span;
  const look = { sortPasses: sortMatcher(filter), text: wantedText(filter) };
  const store = (await open()).transaction('textBlocks').store;
  const [covering, newest] = await Promise.all([
    store.openKeyCursor(IDBKeyRange.upperBound(after[0]), 'prev'),
    store.openKeyCursor(IDBKeyRange.lowerBound(after[0])),
  ]);
  const from = covering?.key ?? newest?.key;
  if (covering === null) yield* batches(open, EVERYTHING, { after, last: earlierOf(last, beginOf(from)) }, first);
  for await (const { keys, blocks } of blocksFrom(open, from, last)) {
    for (const [i, stored] of blocks.entries()) {
      const begin = beginOf(keys[i]);
      if (isBefore(last, begin)) return;
      const orders = ordersOf(readBlock(stored), look);
      if (orders === null) {
        const end = earlierOf(last, beginOf(keys[i + 1]));
        yield* batches(open, EVERYTHING, { after: isBefore(begin, after) ? after : begin, last: end }, first);
      } else if (orders.size > 0) {
        const rows = await rowsAt(open, [...orders]);
        yield rows.filter((row) => isBehind(row, after) && !isBehind(row, last));
      }
    }
    // Whoever reads may have enough by now.
    yield [];
  }
}

interface Part {
  /** Of each block, and the one that follows, where there is one. */
  readonly keys: readonly number[];
  readonly blocks: readonly unknown[];
}

/**
 * The blocks from the one with that key on, newest first. Some parts are asked for before the first one is there: the browser reads one
 * while the page takes another apart.
 */
async function* blocksFrom(open: Open, newest: number | undefined, last: Cursor): AsyncGenerator<Part> {
  if (newest === undefined || newest > last[0]) return;
  const database = await open();
  const keys = await database.getAllKeys('textBlocks', IDBKeyRange.bound(newest, last[0]));
  // The first one alone: whoever looks for what is often there needs no more.
  const firsts = keys.filter((_, at) => at === 0 || at % BLOCKS_AT_ONCE === 1);
  const spans = firsts.map((from, at) => [from, firsts[at + 1]] as const);
  const asked: Promise<Part>[] = [];
  for (const at of spans.keys()) {
    for (const [from, before] of spans.slice(at + asked.length, at === 0 ? 1 : at + PARTS_ASKED)) {
      const part = partOf(database, from, before, last);
      // Whoever reads no further does not ask what came of it.
      part.catch(() => undefined);
      asked.push(part);
    }
    const part = await asked.shift();
    if (part !== undefined) yield part;
  }
}

/** The blocks from a key up to another one, or, where there is none, up to the last place. */
async function partOf(database: Database, from: number, before: number | undefined, last: Cursor): Promise<Part> {
  const range = before === undefined ? IDBKeyRange.bound(from, last[0]) : IDBKeyRange.bound(from, before, false, true);
  const { store } = database.transaction('textBlocks');
  const [keys, blocks] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
  return { keys: before === undefined ? keys : [...keys, before], blocks };
}

/** What rows are looked for by. */
interface Look {
  readonly sortPasses: (sort: RowSort) => boolean;
  readonly text: string;
}

const NOWHERE: ReadonlySet<number> = new Set();

/** The places in the order of the rows of a block that may pass; null where only the rows can tell. */
function ordersOf(block: Block | null, { sortPasses, text }: Look): ReadonlySet<number> | null {
  if (block === null) return null;
  const marks = new Set(SORT_MARKS.filter((_, i) => block.sorts[i] !== undefined && sortPasses(block.sorts[i])));
  if (text === '' && marks.size === block.sorts.length) return null;
  const mayPass = marks.size > 0 && block.texts.includes(text);
  if (!mayPass && !block.texts.includes(ASK_THE_ROW)) return NOWHERE;
  const lines = block.texts.split('\n');
  const isHit = (line = '') => line === ASK_THE_ROW || (marks.has(line.charAt(0)) && line.includes(text));
  const orders = new Set(block.orders.filter((_, i) => isHit(lines[i])));
  return orders.size > FEW_PLACES ? null : orders;
}

async function rowsAt(open: Open, orders: readonly number[]): Promise<PlacedRow[]> {
  const index = (await open()).transaction('rows').store.index('newestFirst');
  const rows = await Promise.all(orders.map((at) => index.getAll(IDBKeyRange.bound([at, ''], [at, LAST_ID]))));
  return rows.flat();
}

/** Before all rows of that place in the order; of none, behind all rows. */
function beginOf(order: number | undefined): Cursor {
  return order === undefined ? [Number.POSITIVE_INFINITY, LAST_ID] : [order, ''];
}

function isBefore([order, id]: Cursor, other: Cursor): boolean {
  return !isBehind({ order, id }, other);
}

function earlierOf(one: Cursor, other: Cursor): Cursor {
  return isBefore(one, other) ? one : other;
}

/** Empties the blocks that have rows at these places: nothing is left of their texts. They are made anew by {@link makeBlock}. */
export async function emptyBlocks(transaction: WritingHistory, orders: readonly number[]): Promise<void> {
  const blocks = transaction.objectStore('textBlocks');
  let rest = orders.toSorted((one, other) => other - one);
  while (rest[0] !== undefined) {
    const key = (await blocks.openKeyCursor(IDBKeyRange.upperBound(rest[0]), 'prev'))?.key;
    if (key === undefined) return;
    await blocks.put(EMPTY, key);
    rest = rest.filter((order) => order < key);
  }
}

/** Makes the next block, of the `size` oldest rows that are in none, or makes one anew; answers whether there may be more to make. */
export async function makeBlock(transaction: WritingHistory, size: number): Promise<boolean> {
  if (readMoving(await transaction.objectStore('marks').get('moving')) !== null) return false;
  return (await makeNext(transaction, size)) || (await makeAnew(transaction));
}

async function makeNext(transaction: WritingHistory, size: number): Promise<boolean> {
  const blocks = transaction.objectStore('textBlocks');
  const byOrder = transaction.objectStore('rows').index('newestFirst');
  const newest = (await blocks.openKeyCursor())?.key;
  const free = IDBKeyRange.bound([await orderOfUnmade(transaction), []], beginOf(newest), true);
  // From the oldest on.
  const oldest = await byOrder.openKeyCursor(free, 'prev');
  const end = await oldest?.advance(size - 1);
  if (end === undefined || end === null) return false;
  // All rows of one place are in one block.
  const rows = await byOrder.getAll(IDBKeyRange.bound(beginOf(end.key[0]), beginOf(newest)));
  if (rows.filter(isOpenRow).length > OPEN_IN_BLOCK) return false;
  await putBlock(transaction, end.key[0], rows);
  return true;
}

/** Rows of batches that are still to be made come behind this place, where no block may be yet. */
async function orderOfUnmade(transaction: WritingHistory): Promise<number> {
  const running = await transaction.objectStore('batches').index('running').getAll();
  const ends = running.map(readState).flatMap((state) => (state && !isAllMade(state) ? state.size - state.header : []));
  return Math.max(Number.NEGATIVE_INFINITY, ...ends);
}

/** Makes one block anew that is empty, or of whose open rows some have ended. */
async function makeAnew(transaction: WritingHistory): Promise<boolean> {
  const blocks = transaction.objectStore('textBlocks');
  const rows = transaction.objectStore('rows');
  const key =
    (await blocks.index('fold').getKey(IDBKeyRange.upperBound(MADE_BY, true))) ?? (await keyOfSettled(transaction));
  if (key === undefined) return false;
  const older = (await blocks.openKeyCursor(IDBKeyRange.lowerBound(key, true)))?.key;
  const within = await rows.index('newestFirst').getAll(IDBKeyRange.bound(beginOf(key), beginOf(older)));
  await blocks.delete(key);
  // By its newest row of now: behind a place where no row is any more, a new one might come to be.
  if (within[0] !== undefined) await putBlock(transaction, within[0].order, within);
  return true;
}

/** A block of whose open rows some have ended since. */
async function keyOfSettled(transaction: WritingHistory): Promise<number | undefined> {
  let cursor = await transaction.objectStore('textBlocks').index('open').openKeyCursor();
  if (cursor === null) return undefined;
  const open = new Set(await transaction.objectStore('rows').index('openTarget').getAllKeys());
  while (cursor?.key.every((id) => open.has(id))) cursor = await cursor.continue();
  return cursor?.primaryKey;
}

async function putBlock(transaction: WritingHistory, key: number, rows: readonly StoredRow[]): Promise<void> {
  const open = rows.filter(isOpenRow).map(({ id }) => id);
  const foldText = createFold();
  const sorts = new Map<string, RowSort>();
  const lines = rows.map((row) => {
    const found = isOpenRow(row) ? null : foundBy(row, foldText);
    if (found === null) return ASK_THE_ROW;
    const { sort, text } = found;
    const name = JSON.stringify(sort);
    if (!sorts.has(name)) {
      if (sorts.size === SORT_MARKS.length || !v.is(sortSchema, sort)) return ASK_THE_ROW;
      sorts.set(name, sort);
    }
    return `${SORT_MARKS[[...sorts.keys()].indexOf(name)]}${text}`;
  });
  const orders = Float64Array.from(rows, ({ order }) => order);
  const block: Block = { fold: MADE_BY, sorts: [...sorts.values()], texts: lines.join('\n'), orders };
  await transaction.objectStore('textBlocks').put(open.length === 0 ? block : { ...block, open }, key);
}

export function isOpenRow({ openTarget }: Pick<IndexFields, 'openTarget'>): boolean {
  return openTarget !== undefined;
}

/** Whether both are found by the same. */
export function areFoundAlike(one: PlacedRow, other: PlacedRow): boolean {
  return JSON.stringify(foundBy(one)) === JSON.stringify(foundBy(other));
}

/** What a stored row is found by, a batch's own by no text; null of one that nobody can read. */
function foundBy({ row, shape }: PlacedRow, foldText = fold): { readonly sort: RowSort; readonly text: string } | null {
  try {
    const present = inPresentShape(row, shape) as HistoryRow;
    return { sort: sortOf(present), text: present.type === 'batch' ? '' : textOfRow(present, foldText) };
  } catch {
    return null;
  }
}

function between(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
