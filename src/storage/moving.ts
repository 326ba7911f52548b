import { type Moving, readMoving } from './marks';
import { isObject } from './objects';
import type { EarlierRow, PlacedRow, StoredRow, Upgrading, WritingHistory } from './schema';
import { movedRow } from './stored-row';

/**
 * Version 1 kept its rows in the store `history`, whose indexes know no connection. Version 2 keeps them in `rows`. Making indexes on
 * a filled store, or moving all its rows in the upgrade, takes a minute for 100,000 of them, and a worker that is ended in between
 * starts anew (Chromium 156). So the upgrade itself moves what is open or needs a person, and the worker moves the rest bit by bit.
 */

/** Few enough that a change, which waits while some move, never waits long. */
export const MOVED_AT_ONCE = 250;

/** Of so many rows, the oldest ones, the upgrade looks at the shape. */
const LOOKED_AT = 50;

/** As part of the upgrade: moves what is open or needs attention, and marks that the rest is to follow. */
export async function moveWhatIsOpen(transaction: Upgrading): Promise<void> {
  const earlier = transaction.objectStore('history');
  const [open, attention, newest, targeted] = await Promise.all([
    earlier.index('openTarget').getAll(),
    earlier.index('attention').getAll(),
    earlier.index('newestFirst').openKeyCursor(),
    isTargeted(transaction),
  ]);
  await move(transaction, [...new Map([...open, ...attention].map((one) => [one.id, one])).values()]);
  if ((await earlier.getKey(IDBKeyRange.lowerBound(''))) === undefined) return;
  const mark: Moving = { after: '', newest: newest === null ? 0 : -newest.key[0], targeted };
  await transaction.objectStore('marks').put(mark, 'moving');
}

/**
 * Whether the index of targets surely has every change: changes made elsewhere have no target in rows of the first shape. To look for
 * those takes as long as to read all rows, so it is told by the oldest row that is still in the shape of its day. Changes are not: they
 * are written anew whenever they go on.
 */
async function isTargeted(transaction: Upgrading): Promise<boolean> {
  const byTime = transaction.objectStore('history').index('newestFirst');
  const newest = await byTime.openCursor();
  let oldest = await byTime.openCursor(null, 'prev');
  for (let looked = 1; oldest !== null && isChange(oldest.value) && looked < LOOKED_AT; looked += 1) {
    oldest = await oldest.continue();
  }
  // With changes alone so far, nobody knows.
  if (oldest === null || isChange(oldest.value)) return false;
  return [newest, oldest].every((end) => end?.value.shape !== undefined);
}

function isChange({ row }: { readonly row: unknown }): boolean {
  return isObject(row) && row['type'] === 'change';
}

/** Moves the next few, `most` at most; answers whether any are left. Put and delete are one transaction, so a row is always in one place. */
export async function moveSome(transaction: WritingHistory, most: number): Promise<boolean> {
  const marks = transaction.objectStore('marks');
  const moving = readMoving(await marks.get('moving'));
  if (moving === null) return false;
  const earlier = await transaction.objectStore('history').getAll(IDBKeyRange.lowerBound(moving.after, true), most);
  const last = earlier.at(-1);
  if (last === undefined) {
    await marks.delete('moving');
    return false;
  }
  await move(transaction, earlier);
  await marks.put({ ...moving, after: last.id }, 'moving');
  return true;
}

/** A transaction over the stores that a move takes. */
interface Both {
  objectStore(name: 'rows'): {
    put(row: StoredRow): Promise<unknown>;
    index(name: 'openTarget'): { getKey(target: IDBKeyRange): Promise<unknown> };
  };
  objectStore(name: 'history'): { delete(id: string): Promise<void> };
  objectStore(name: 'damaged'): { put(row: PlacedRow): Promise<unknown> };
}

/** Asks for all of it at once: rows that wait for one another take several times as long. */
async function move(transaction: Both, earlier: readonly EarlierRow[]): Promise<void> {
  const rows = transaction.objectStore('rows');
  const read = earlier.map((stored) => ({ stored, moved: movedRow(stored) }));
  const targets = read.flatMap(({ moved }) => moved?.openTarget ?? []);
  const keys = await Promise.all(targets.map((target) => rows.index('openTarget').getKey(IDBKeyRange.only(target))));
  const taken = new Set(targets.filter((_, place) => keys[place] !== undefined));
  await Promise.all(
    read.flatMap(({ stored, moved }) => {
      const target = moved?.openTarget;
      // A second open change of a target cannot be one: the row says otherwise than its index did.
      const isSecond = target !== undefined && taken.has(target);
      if (target !== undefined) taken.add(target);
      return [
        moved === null || isSecond ? transaction.objectStore('damaged').put(stored) : rows.put(moved),
        transaction.objectStore('history').delete(stored.id),
      ];
    }),
  );
}
