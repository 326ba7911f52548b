import { afterEvent, asksTheSame, type Change, type ChangeEvent, isOpen } from '../domain/change';
import type { Check, ForeignChange, HistoryRow } from '../domain/history';
import { outcomeOf } from '../domain/batch';
import { isSamePerson } from '../domain/person';
import { targetKey } from '../domain/target';
import { allOf, endBatches, rangeOf, removeState } from './batch-state';
import type { Cursor, Open } from './both-stores';
import { attentionRange, UNMET } from './attention';
import { StorageFull, write } from './database';
import { readMoving, readUntold } from './marks';
import { MOVED_AT_ONCE, moveSome } from './moving';
import { HISTORY_STORES, type IndexFields, type PlacedRow, type StoredRow, type WritingHistory } from './schema';
import { changeRow, checkRow, foreignRow, readChangeOf, readRow, storedRow } from './stored-row';
import { areFoundAlike, emptyBlocks, isOpenRow, makeBlock, ROWS_IN_BLOCK } from './text-blocks';

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

/** What happened to one change, the first thing first. */
export interface Happened {
  readonly id: string;
  readonly events: readonly ChangeEvent[];
}

/** What the worker writes. Every write throws {@link StorageFull} when there is no room. */
export interface HistoryWriter {
  /** Insert-if-absent in one transaction. `overwrites`: that conflict becomes resolved by this change, in the same transaction. */
  insertChange(change: Change, overwrites: string | null): Promise<Inserted>;
  /** Reads, applies and writes in one transaction. Answers the change as it is afterwards, null when there is none. */
  applyEvent(id: string, event: ChangeEvent): Promise<Applied | null>;
  /** The same for several changes, and several events of each, in one transaction. */
  applyEvents(happened: readonly Happened[]): Promise<(Applied | null)[]>;
  /** The same for every open change of a connection, in one transaction; answers them all as they are afterwards. */
  applyToOpen(connectionId: string, event: ChangeEvent): Promise<Applied[]>;
  /** From now on {@link Lookups.untold} names these changes no more. */
  markTold(ids: readonly string[]): Promise<void>;
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
  /** Makes a block of what rows are searched by, of those that have none yet or another one by now; answers whether any are left. */
  makeBlock(): Promise<boolean>;
}

/** The owner of a pasted token stands for it in the batches that have not ended, too. */
async function nameAskers(
  transaction: WritingHistory,
  { token, person }: Extract<ChangeEvent, { type: 'ownerKnown' }>,
): Promise<void> {
  for (const id of await transaction.objectStore('batches').index('running').getAllKeys()) {
    const stored = await transaction.objectStore('rows').get(id);
    const row = stored === undefined ? null : readRow(stored);
    if (stored === undefined || row?.type !== 'batch' || row.batch.person === null) continue;
    if (!isSamePerson(row.batch.person, token)) continue;
    await writeOver(transaction, stored, { ...row, batch: { ...row.batch, person } });
  }
}

/** So many ends are remembered that nobody was told of. Of more at once nobody reads the notifications. */
const MOST_UNTOLD = 200;

/** Writes the history, in one transaction. */
export function writeHistory<T>(
  open: Open,
  durability: 'strict' | 'relaxed',
  work: (transaction: WritingHistory) => Promise<T>,
): Promise<T> {
  return write(open, [...HISTORY_STORES], durability, work);
}

export function createWriting(open: Open, movedAtOnce = MOVED_AT_ONCE, rowsInBlock = ROWS_IN_BLOCK): HistoryWriter {
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
        if (overwrites !== null) await answerEarlier(transaction, [{ earlier: overwrites, by: change }], 'overwritten');
        return { kind: 'inserted', change };
      }),

    applyEvent: (id, event) =>
      writeHistory(open, 'relaxed', async (transaction) => {
        const stored = await find(transaction, id);
        const [applied = null] = await apply(transaction, stored === null ? [] : [{ stored, events: [event] }]);
        return applied;
      }),

    applyEvents: (happened) =>
      writeHistory(open, 'relaxed', async (transaction) => {
        const found = await Promise.all(happened.map(({ id }) => find(transaction, id)));
        const steps = happened.flatMap(({ events }, i) => {
          const stored = found[i] ?? null;
          return stored === null ? [] : [{ stored, events }];
        });
        const applied = new Map((await apply(transaction, steps)).map((one) => [one.change.id, one]));
        return happened.map(({ id }) => applied.get(id) ?? null);
      }),

    applyToOpen: (connectionId, event) =>
      writeHistory(open, 'relaxed', async (transaction) => {
        const stored = await transaction.objectStore('rows').index('openTarget').getAll();
        const here = stored.filter((one) => readChangeOf(one)?.target.connectionId === connectionId);
        if (event.type === 'ownerKnown') await nameAskers(transaction, event);
        return apply(
          transaction,
          here.map((stored) => ({ stored, events: [event] })),
        );
      }),

    markTold: (ids) => markAsTold(open, 'untold', ids),

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
          else await transaction.objectStore('rows').put(storedRow(row, -(await nextNumber(transaction, row.at))));
        }
      }),

    clear: () =>
      writeHistory(open, 'relaxed', async (transaction) => {
        const rows = transaction.objectStore('rows');
        const earlier = transaction.objectStore('history');
        const before = await Promise.all([rows.count(), earlier.count(), transaction.objectStore('batches').count()]);
        const open = await rows.index('openTarget').getAll();
        const conflicts = (await rows.index('attention').getAll()).filter(isConflict);
        const batches = await unendedBatches(transaction);
        // A batch is one thing: it stays whole, or goes whole.
        const stay = new Map([...open, ...conflicts, ...batches.rows].map((stored) => [stored.id, stored]));
        // Emptying the stores and writing back the few rows that stay takes a moment however long the history is.
        await rows.clear();
        await earlier.clear();
        await transaction.objectStore('damaged').clear();
        await transaction.objectStore('textBlocks').clear();
        await Promise.all([...stay.values()].map((stored) => rows.put(stored)));
        const [allRows, allEarlier, allBatches] = before;
        return allRows + allEarlier - allBatches - (stay.size - batches.ids.length);
      }),

    update: () => writeHistory(open, 'relaxed', (transaction) => moveSome(transaction, movedAtOnce)),

    makeBlock: () => writeHistory(open, 'relaxed', (transaction) => makeBlock(transaction, rowsInBlock)),
  };
}

/** Reads those changes, lets the event happen to each and writes them, in one transaction; answers them as they are afterwards. */
export function applyToRows(open: Open, ids: readonly string[], event: ChangeEvent): Promise<Applied[]> {
  return writeHistory(open, 'relaxed', (transaction) => applyToThese(transaction, ids, event));
}

/** The same in a transaction that writes more. */
export async function applyToThese(
  transaction: WritingHistory,
  ids: readonly string[],
  event: ChangeEvent,
): Promise<Applied[]> {
  const rows = await Promise.all(ids.map((id) => find(transaction, id)));
  return apply(
    transaction,
    rows.flatMap((stored) => (stored === null ? [] : [{ stored, events: [event] }])),
  );
}

/** The batches of which something is open or wants an answer, with all their rows. Of the others only rows are left. */
async function unendedBatches(
  transaction: WritingHistory,
): Promise<{ readonly ids: readonly string[]; readonly rows: readonly StoredRow[] }> {
  const rows = transaction.objectStore('rows');
  const outcomes = transaction.objectStore('outcomes').index('batch');
  const ids: string[] = [];
  const kept: StoredRow[] = [];
  for (const id of await transaction.objectStore('batches').getAllKeys()) {
    const isRunning = (await transaction.objectStore('batches').get(id))?.running !== undefined;
    if (!isRunning && (await outcomes.getKey(rangeOf(id, 'conflict'))) === undefined) {
      await removeState(transaction, id);
      continue;
    }
    const own = await rows.get(id);
    if (own !== undefined) ids.push(id);
    kept.push(...(own === undefined ? [] : [own]), ...(await rows.index('batch').getAll(allOf(id))));
  }
  return { ids, rows: kept };
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
  await transaction.objectStore('rows').add(storedRow(row, -(await nextNumber(transaction, row.at))));
}

/**
 * The number of a new row, which comes before all others: its time, or one more than the last row's where a clock says that this
 * was later.
 */
export async function nextNumber(transaction: Adding, at: number): Promise<number> {
  const newest = await transaction.objectStore('rows').index('newestFirst').openKeyCursor();
  const moving = readMoving(await transaction.objectStore('marks').get('moving'));
  const last = Math.max(newest === null ? 0 : -newest.key[0], moving?.newest ?? 0);
  return Math.max(at, last + 1);
}

async function find(
  transaction: WritingHistory,
  id: string,
): Promise<(PlacedRow & Pick<IndexFields, 'batch' | 'openTarget'>) | null> {
  const stored = await transaction.objectStore('rows').get(id);
  return stored ?? (await transaction.objectStore('history').get(id)) ?? null;
}

/** Lets the events happen to their rows, but for those that are no change, or none that can be read. */
async function apply(
  transaction: WritingHistory,
  happened: readonly { readonly stored: PlacedRow; readonly events: readonly ChangeEvent[] }[],
): Promise<Applied[]> {
  const steps = happened.flatMap(({ stored, events }) => {
    const before = readChangeOf(stored);
    return before === null ? [] : [{ stored, before, after: events.reduce(afterEvent, before) }];
  });
  const altered = steps.filter(({ before, after }) => after !== before);
  await Promise.all(altered.map(({ stored, before, after }) => writeChange(transaction, stored, before, after)));
  const ended = altered.filter(({ before, after }) => isOpen(before) && !isOpen(after));
  if (ended.length > 0) {
    // In the same transaction, so that no end of a worker leaves them untold.
    const byThemselves = ended.flatMap(({ after }) => (after.batch === undefined ? [after.id] : []));
    const ofBatches = ended.flatMap(({ after }) => after.batch ?? []);
    await noteUntold(transaction, [...byThemselves, ...(await endBatches(transaction, ofBatches))]);
  }
  return steps.map(({ before, after }) => ({ change: after, altered: after !== before }));
}

/** From now on {@link Lookups.untold} names these. */
export async function noteUntold(transaction: WritingHistory, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const marks = transaction.objectStore('marks');
  await marks.put([...readUntold(await marks.get('untold')), ...ids].slice(-MOST_UNTOLD), 'untold');
}

/** Writes a later state of a change, and how it stands in its batch where that is another: what has ended is never open again. */
async function writeChange(
  transaction: WritingHistory,
  stored: PlacedRow,
  before: Change,
  after: Change,
): Promise<void> {
  const { batch, id } = after;
  const { order } = stored;
  const outcome = outcomeOf(after);
  await Promise.all([
    writeOver(transaction, stored, changeRow(after)),
    batch !== undefined && outcome !== outcomeOf(before)
      ? transaction.objectStore('outcomes').put({ batch, outcome, order, id }, [batch, order])
      : null,
  ]);
}

/** Writes a later state of a row, in the present form and at the place it has. */
async function writeOver(
  transaction: WritingHistory,
  stored: PlacedRow & Pick<IndexFields, 'openTarget'>,
  row: HistoryRow,
): Promise<void> {
  const next = storedRow(row, stored.order);
  await transaction.objectStore('rows').put(next);
  // Only rows of version 1 have no time beside them, and each is in one store alone.
  if (!('at' in stored)) await transaction.objectStore('history').delete(row.id);
  // What an open row is found by is in no block.
  if (!isOpenRow(stored) && !areFoundAlike(next, stored)) await emptyBlocks(transaction, [stored.order]);
}

/**
 * Notes in changes of the same targets that others came after them: conflicts become answered, bad ends seen. Anything else is left
 * as it is.
 */
export async function answerEarlier(
  transaction: WritingHistory,
  answers: readonly { readonly earlier: string; readonly by: Change }[],
  how: 'overwritten' | 'seen',
): Promise<void> {
  await Promise.all(
    answers.map(async ({ earlier, by }) => {
      const stored = await find(transaction, earlier);
      const before = stored === null ? null : readChangeOf(stored);
      if (stored === null || before === null || !isSameTarget(before, by)) return;
      const after = afterEvent(before, how === 'seen' ? { type: how } : { type: how, by: by.id });
      if (after !== before) await writeChange(transaction, stored, before, after);
    }),
  );
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
  const { batch, order } = stored;
  await emptyBlocks(transaction, [order]);
  if (batch === undefined) return;
  const outcomes = transaction.objectStore('outcomes');
  // Nobody can know any more how it ends, and the others of the batch wait for nothing of it.
  if (((await outcomes.get([batch, order]))?.outcome ?? 'open') === 'open')
    await outcomes.put({ batch, order, id, outcome: 'unknown' }, [batch, order]);
  await noteUntold(transaction, await endBatches(transaction, [batch]));
}

function isSameTarget(one: Change, other: Change): boolean {
  return targetKey(one.target) === targetKey(other.target);
}

function isConflict(stored: PlacedRow): boolean {
  return readChangeOf(stored)?.life.state === 'conflict';
}
