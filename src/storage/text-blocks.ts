import * as v from 'valibot';
import { createFold, FOLD_NUMBER, fold } from '../domain/fold';
import { type HistoryRow, textOfRow } from '../domain/history';
import { isAllMade, readState } from './batch-state';
import { batches, type Cursor, EVERYTHING, isBehind, LAST_ID, type Open, type Span } from './both-stores';
import { readMoving } from './marks';
import { inPresentShape } from './row-shapes';
import type { IndexFields, PlacedRow, StoredRow, WritingHistory } from './schema';

/**
 * To look for a word in 100,000 rows takes a second, most of it to read them. So the folded texts of rows are kept once more, those
 * of a thousand as one: a search reads these, and of the rows those alone that have the word. It asks each of them again, so that a
 * block may be behind its rows, but never without one that it covers.
 *
 * A block has the rows from the place that is its key up to the next block's: what is behind the newest block is in blocks, and no
 * new row ever comes behind it. What alters a row's text, or removes a row, empties its block in the same transaction.
 */
export const ROWS_IN_BLOCK = 1000;
/** With more open rows than this, what ends soon is waited for. */
const OPEN_IN_BLOCK = 100;
const BLOCKS_AT_ONCE = 16;
/** Where more rows of a block have the word, reading all of them is faster than asking for each. */
const FEW_HITS = 100;
/** The line of a row whose text may still change, or that nobody can read: it is looked at in every search. */
const ASK_THE_ROW = '\0';

const blockSchema = v.object({
  /** By which fold it was made: what another one made is of no use. */
  fold: v.literal(FOLD_NUMBER),
  /** The IDs of its rows, a line each, newest first. */
  ids: v.string(),
  /** The text of each, in the same lines. */
  texts: v.string(),
  /** How many of its rows were open when it was made; absent where none was. */
  open: v.exactOptional(v.number()),
});
type Block = v.InferOutput<typeof blockSchema>;

export type StoredBlock = Block | typeof EMPTY;
/** Of a fold that there never was: it is to be made anew, as blocks of an earlier fold are. */
const EMPTY = { fold: 0 } as const;

function readBlock(stored: unknown): Block | null {
  const parsed = v.safeParse(blockSchema, stored);
  return parsed.success ? parsed.output : null;
}

/** Of the rows of a span, newest first, in batches: all that have the text, and some others. */
export async function* rowsWithText(open: Open, text: string, span: Span, first: number): AsyncGenerator<PlacedRow[]> {
  const { after, last } = span;
  const store = (await open()).transaction('textBlocks').store;
  const [covering, newest] = await Promise.all([
    store.openKeyCursor(IDBKeyRange.upperBound(after[0]), 'prev'),
    store.openKeyCursor(IDBKeyRange.lowerBound(after[0])),
  ]);
  let from = covering?.key ?? newest?.key;
  if (covering === null) yield* batches(open, EVERYTHING, { after, last: earlierOf(last, beginOf(from)) }, first);
  while (from !== undefined && from <= last[0]) {
    const range = IDBKeyRange.lowerBound(from);
    const part = (await open()).transaction('textBlocks').store;
    const [keys, blocks] = await Promise.all([
      part.getAllKeys(range, BLOCKS_AT_ONCE + 1),
      part.getAll(range, BLOCKS_AT_ONCE),
    ]);
    for (const [i, stored] of blocks.entries()) {
      const begin = beginOf(keys[i]);
      if (isBefore(last, begin)) return;
      const within = { after: isBefore(begin, after) ? after : begin, last: earlierOf(last, beginOf(keys[i + 1])) };
      const hits = hitsIn(readBlock(stored), text);
      if (hits === null || hits.length > FEW_HITS) yield* batches(open, EVERYTHING, within, first);
      else if (hits.length > 0) yield rowsOf(open, hits, within);
    }
    // Whoever reads may have enough by now.
    yield [];
    from = keys[BLOCKS_AT_ONCE];
  }
}

/** The IDs of the rows of a block that may have the text, newest first; null where only its rows can tell. */
function hitsIn(block: Block | null, text: string): string[] | null {
  if (block === null) return null;
  if (!block.texts.includes(text) && !block.texts.includes(ASK_THE_ROW)) return [];
  const ids = block.ids.split('\n');
  return block.texts
    .split('\n')
    .flatMap((line, i) => (line === ASK_THE_ROW || line.includes(text) ? (ids[i] ?? []) : []));
}

async function rowsOf(open: Open, ids: readonly string[], { after, last }: Span): Promise<PlacedRow[]> {
  const { store } = (await open()).transaction('rows');
  const rows = await Promise.all(ids.map((id) => store.get(id)));
  return rows.filter((row) => row !== undefined).filter((row) => isBehind(row, after) && !isBehind(row, last));
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
    (await blocks.index('fold').getKey(IDBKeyRange.upperBound(FOLD_NUMBER, true))) ?? (await keyOfSettled(transaction));
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
  const index = transaction.objectStore('textBlocks').index('open');
  const [keys, blocks] = await Promise.all([index.getAllKeys(), index.getAll()]);
  if (keys.length === 0) return undefined;
  const open = new Set(await transaction.objectStore('rows').index('openTarget').getAllKeys());
  return keys.find((_, i) => {
    const block = readBlock(blocks[i]);
    return block?.open !== block?.ids.split('\n').filter((id) => open.has(id)).length;
  });
}

async function putBlock(transaction: WritingHistory, key: number, rows: readonly StoredRow[]): Promise<void> {
  const open = rows.filter(isOpenRow).length;
  const ids = rows.map(({ id }) => id).join('\n');
  const foldText = createFold();
  const texts = rows.map((row) => (isOpenRow(row) ? null : textOfStored(row, foldText)) ?? ASK_THE_ROW).join('\n');
  const block = { fold: FOLD_NUMBER, ids, texts } as const;
  await transaction.objectStore('textBlocks').put(open === 0 ? block : { ...block, open }, key);
}

export function isOpenRow({ openTarget }: Pick<IndexFields, 'openTarget'>): boolean {
  return openTarget !== undefined;
}

/** The text by which a stored row is found, a batch's own by none; null of one that nobody can read. */
export function textOfStored({ row, shape }: PlacedRow, foldText = fold): string | null {
  try {
    const present = inPresentShape(row, shape) as HistoryRow;
    return present.type === 'batch' ? '' : textOfRow(present, foldText);
  } catch {
    return null;
  }
}
