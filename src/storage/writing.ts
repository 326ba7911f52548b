import { afterEvent, asksTheSame, type Change, type ChangeEvent, isOpen } from '../domain/change';
import type { Check, ForeignChange, HistoryRow } from '../domain/history';
import { targetKey } from '../domain/target';
import type { Cursor, Open } from './both-stores';
import { attentionRange, UNMET } from './attention';
import { StorageFull, write } from './database';
import { readMoving, readUntold } from './marks';
import { MOVED_AT_ONCE, moveSome } from './moving';
import { HISTORY_STORES, type PlacedRow, type StoredRow, type WritingHistory } from './schema';
import { changeRow, checkRow, foreignRow, readChangeOf, readRow, storedRow } from './stored-row';

export type Inserted =
  | { readonly kind: 'inserted' | 'alreadyThere'; readonly change: Change }
  /** Another change of the same target has not ended yet. */
  | { readonly kind: 'changeOpen'; readonly open: Change }
  /** The same id was used for something else. */
  | { readonly kind: 'idUsedOtherwise' };

/** `altered`: whether the event meant anything to the change as it was. */
export interface Applied {
  readonly change: Change;
  readonly altered: boolean;
}

/** What the worker writes. Every write throws {@link StorageFull} when there is no room. */
export interface HistoryWriter {
  /** Insert-if-absent in one transaction. `overwrites`: that conflict becomes resolved by this change, in the same transaction. */
  insertChange(change: Change, overwrites: string | null): Promise<Inserted>;
  /** Reads, applies and writes in one transaction. Answers the change as it is afterwards, null when there is none. */
  applyEvent(id: string, event: ChangeEvent): Promise<Applied | null>;
  /** The same for every open change of a connection, in one transaction; answers them all as they are afterwards. */
  applyToOpen(connectionId: string, event: ChangeEvent): Promise<Applied[]>;
  /** From now on {@link Lookups.untold} names that change no more. */
  markTold(id: string): Promise<void>;
  /** From now on {@link Lookups.untoldForeign} names those no more. */
  markForeignTold(ids: readonly string[]): Promise<void>;
  /** Notes that the person has met those changes made elsewhere; null: all of them. Answers whether any was unmet. */
  markMet(ids: readonly string[] | null): Promise<boolean>;
  /** Notes who made a change elsewhere. */
  noteMaker(id: string, by: string): Promise<void>;
  addCheck(check: Check): Promise<void>;
  /** Writes them in one transaction; one that is there already is written over with itself. */
  addChecks(checks: readonly Check[]): Promise<void>;
  /** Removes all ended rows but unanswered conflicts; answers how many. */
  clear(): Promise<number>;
  /** Brings some rows of an earlier version into the form of this one; answers whether any are left. */
  update(): Promise<boolean>;
}

/** Writes the history, in one transaction. */
export function writeHistory<T>(
  open: Open,
  durability: 'strict' | 'relaxed',
  work: (transaction: WritingHistory) => Promise<T>,
): Promise<T> {
  return write(open, [...HISTORY_STORES], durability, work);
}

export function createWriting(open: Open, movedAtOnce = MOVED_AT_ONCE): HistoryWriter {
  return {
    insertChange: (change, overwrites) =>
      // On the disk before the request leaves, so that not even a power failure loses the trace of one.
      writeHistory(open, 'strict', async (transaction) => {
        const rows = transaction.objectStore('rows');
        const sameId = await find(transaction, change.id);
        const row = sameId === null ? null : readRow(sameId);
        if (row !== null) {
          return row.type === 'change' && asksTheSame(row.change, change)
            ? { kind: 'alreadyThere', change: row.change }
            : { kind: 'idUsedOtherwise' };
        }
        const sameTarget = await rows.index('openTarget').get(targetKey(change.target));
        const open = sameTarget === undefined ? null : readChangeOf(sameTarget);
        if (open !== null) return { kind: 'changeOpen', open };
        if (sameId !== null) await setAside(transaction, sameId.id);
        if (sameTarget !== undefined) await setAside(transaction, sameTarget.id);
        await addRow(transaction, changeRow(change));
        if (overwrites !== null) await overwrite(transaction, overwrites, change);
        return { kind: 'inserted', change };
      }),

    applyEvent: (id, event) =>
      writeHistory(open, 'relaxed', async (transaction) => {
        const stored = await find(transaction, id);
        const [applied = null] = await apply(transaction, stored === null ? [] : [stored], event);
        return applied;
      }),

    applyToOpen: (connectionId, event) =>
      writeHistory(open, 'relaxed', async (transaction) => {
        const stored = await transaction.objectStore('rows').index('openTarget').getAll();
        const here = stored.filter((one) => readChangeOf(one)?.target.connectionId === connectionId);
        return apply(transaction, here, event);
      }),

    markTold: (id) => markAsTold(open, 'untold', [id]),

    markForeignTold: (ids) => markAsTold(open, 'untoldForeign', ids),

    async markMet(ids) {
      let any = false;
      for (let from = 0; ; from += WRITTEN_AT_ONCE) {
        const some = ids === null ? null : ids.slice(from, from + WRITTEN_AT_ONCE);
        if (some?.length === 0) return any;
        const met = await writeHistory(open, 'relaxed', (transaction) => meet(transaction, some));
        any ||= met > 0;
        if (ids === null && met < WRITTEN_AT_ONCE) return any;
      }
    },

    noteMaker: (id, by) =>
      writeHistory(open, 'relaxed', async (transaction) => {
        const stored = await find(transaction, id);
        await writeForeignOver(transaction, stored, { by });
      }),

    addCheck: (check) => writeHistory(open, 'relaxed', (transaction) => addRow(transaction, checkRow(check))),
    addChecks: (checks) =>
      writeHistory(open, 'relaxed', async (transaction) => {
        for (const row of checks.map(checkRow)) {
          const there = await find(transaction, row.id);
          if (there !== null) await writeOver(transaction, there, row);
          else await transaction.objectStore('rows').put(storedRow(row, await nextOrder(transaction, row.at)));
        }
      }),

    clear: () =>
      writeHistory(open, 'relaxed', async (transaction) => {
        const rows = transaction.objectStore('rows');
        const earlier = transaction.objectStore('history');
        const before = (await rows.count()) + (await earlier.count());
        const open = await rows.index('openTarget').getAll();
        const conflicts = (await rows.index('attention').getAll()).filter(isConflict);
        // Emptying the stores and writing back the few rows that stay takes a moment however long the history is.
        await rows.clear();
        await earlier.clear();
        await transaction.objectStore('damaged').clear();
        for (const stored of [...open, ...conflicts]) await rows.put(stored);
        return before - open.length - conflicts.length;
      }),

    update: () => writeHistory(open, 'relaxed', (transaction) => moveSome(transaction, movedAtOnce)),
  };
}

/** So many rows in one transaction: few enough that a change, which is written after it, never waits long. */
const WRITTEN_AT_ONCE = 200;

/** Takes IDs off a list of those that are still to be told of. */
function markAsTold(open: Open, key: 'untold' | 'untoldForeign', ids: readonly string[]): Promise<void> {
  const told = new Set(ids);
  return write(open, ['marks'], 'relaxed', async ({ store }) => {
    const untold = readUntold(await store.get(key)).filter((one) => !told.has(one));
    await (untold.length === 0 ? store.delete(key) : store.put(untold, key));
  });
}

/** Notes of those changes made elsewhere, or of some that are unmet, that they were met; answers of how many. */
async function meet(transaction: WritingHistory, ids: readonly string[] | null): Promise<number> {
  const unmet = transaction.objectStore('rows').index('attention');
  const stored =
    ids === null
      ? await unmet.getAll(attentionRange(UNMET), WRITTEN_AT_ONCE)
      : await Promise.all(ids.map((id) => find(transaction, id)));
  const met = await Promise.all(stored.map((one) => writeForeignOver(transaction, one, { seen: true })));
  return met.filter(Boolean).length;
}

/** Answers whether it is a change made elsewhere that can be read, and was not so before. */
async function writeForeignOver(
  transaction: WritingHistory,
  stored: PlacedRow | null,
  more: Partial<Pick<ForeignChange, 'seen' | 'by'>>,
): Promise<boolean> {
  const row = stored === null ? null : readRow(stored);
  if (stored === null || row?.type !== 'foreign') return false;
  const foreign = { ...row.foreign, ...more };
  if (foreign.seen === row.foreign.seen && foreign.by === row.foreign.by) return false;
  await writeOver(transaction, stored, foreignRow(foreign));
  return true;
}

/** Writes changes made elsewhere as new rows, and notes in one with it that nobody was told yet of those that nobody has met. */
export async function addForeign(transaction: Adding, found: readonly ForeignChange[]): Promise<void> {
  for (const foreign of found) await addRow(transaction, foreignRow(foreign));
  const untold = found.filter(({ seen }) => !seen).map(({ id }) => id);
  if (untold.length === 0) return;
  const marks = transaction.objectStore('marks');
  await marks.put([...readUntold(await marks.get('untoldForeign')), ...untold], 'untoldForeign');
}

/** A transaction over the stores that a new row takes. */
interface Adding {
  objectStore(name: 'rows'): {
    add(row: StoredRow): Promise<unknown>;
    index(name: 'newestFirst'): { openKeyCursor(): Promise<{ readonly key: Cursor } | null> };
  };
  objectStore(name: 'marks'): {
    get(key: 'moving' | 'untoldForeign'): Promise<unknown>;
    put(value: unknown, key: 'untoldForeign'): Promise<unknown>;
  };
}

/** Writes a new row, before all others. */
export async function addRow(transaction: Adding, row: HistoryRow): Promise<void> {
  await transaction.objectStore('rows').add(storedRow(row, await nextOrder(transaction, row.at)));
}

/**
 * The place of a new row, before all others: its number is its time, or one more than the last row's where a clock says that this
 * was later.
 */
async function nextOrder(transaction: Adding, at: number): Promise<number> {
  const newest = await transaction.objectStore('rows').index('newestFirst').openKeyCursor();
  const moving = readMoving(await transaction.objectStore('marks').get('moving'));
  const last = Math.max(newest === null ? 0 : -newest.key[0], moving?.newest ?? 0);
  return -Math.max(at, last + 1);
}

async function find(transaction: WritingHistory, id: string): Promise<PlacedRow | null> {
  const stored = await transaction.objectStore('rows').get(id);
  return stored ?? (await transaction.objectStore('history').get(id)) ?? null;
}

/** Lets the event happen to the rows, but for those that are no change, or none that can be read. */
async function apply(transaction: WritingHistory, rows: readonly PlacedRow[], event: ChangeEvent): Promise<Applied[]> {
  const steps = rows.flatMap((stored) => {
    const before = readChangeOf(stored);
    return before === null ? [] : [{ stored, before, after: afterEvent(before, event) }];
  });
  const altered = steps.filter(({ before, after }) => after !== before);
  await Promise.all(altered.map(({ stored, after }) => writeOver(transaction, stored, changeRow(after))));
  const ended = altered.filter(({ before, after }) => isOpen(before) && !isOpen(after));
  if (ended.length > 0) {
    // In the same transaction, so that no end of a worker leaves them untold.
    const marks = transaction.objectStore('marks');
    await marks.put([...readUntold(await marks.get('untold')), ...ended.map(({ after }) => after.id)], 'untold');
  }
  return steps.map(({ before, after }) => ({ change: after, altered: after !== before }));
}

/** Writes a later state of a row, in the present form and at the place it has. */
async function writeOver(transaction: WritingHistory, stored: PlacedRow, row: HistoryRow): Promise<void> {
  await transaction.objectStore('rows').put(storedRow(row, stored.order));
  await transaction.objectStore('history').delete(row.id);
}

/** Writes the answer into a conflict of the same target; anything else is left as it is. */
async function overwrite(transaction: WritingHistory, conflictId: string, by: Change): Promise<void> {
  const stored = await find(transaction, conflictId);
  const conflict = stored === null ? null : readChangeOf(stored);
  if (stored === null || conflict === null || !isSameTarget(conflict, by)) return;
  await writeOver(transaction, stored, changeRow(afterEvent(conflict, { type: 'overwritten', by: by.id })));
}

/** Moves rows out of the history as they are, unless they can be read by now. */
export async function setRowsAside(open: Open, rows: readonly PlacedRow[]): Promise<void> {
  try {
    await writeHistory(open, 'relaxed', async (transaction) => {
      for (const { id } of rows) await setAside(transaction, id);
    });
  } catch (cause) {
    // With no room to move a damaged row to, the readable ones are shown all the same.
    if (!(cause instanceof StorageFull)) throw cause;
  }
}

async function setAside(transaction: WritingHistory, id: string): Promise<void> {
  const stored = await find(transaction, id);
  if (stored === null || readRow(stored) !== null) return;
  await transaction.objectStore('damaged').put(stored);
  await transaction.objectStore('rows').delete(id);
  await transaction.objectStore('history').delete(id);
}

function isSameTarget(one: Change, other: Change): boolean {
  return targetKey(one.target) === targetKey(other.target);
}

function isConflict(stored: PlacedRow): boolean {
  return readChangeOf(stored)?.life.state === 'conflict';
}
