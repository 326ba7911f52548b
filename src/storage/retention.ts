import type { Retention } from '../domain/settings';
import { allOf, removeState } from './batch-state';
import {
  batches,
  type Cursor,
  countRows,
  EVER,
  EVERYTHING,
  inBoth,
  isMoving,
  LARGEST_BATCH,
  LAST_ID,
  type Open,
} from './both-stores';
import { attentionRange, NEEDS_PERSON } from './attention';
import { readLastPass } from './marks';
import type { Database, WritingHistory } from './schema';
import { emptyBlocks } from './text-blocks';
import { writeHistory } from './writing';

/** What the time is (milliseconds since the epoch). */
export interface ClockReading {
  readonly now: number;
  /** By a clock that somebody else keeps right: the service's. Null while it has not told. */
  readonly trusted: number | null;
}

/** What a pass of the retention did. `timeUnknown`: rows may be too old, but the clock may as well be wrong. */
export interface Pruned {
  readonly removed: number;
  readonly timeUnknown: boolean;
}

export interface Keeping {
  /** How many rows {@link Keeping.prune} would remove. */
  countBeyond(retention: Retention, clock: ClockReading): Promise<number>;
  /** Removes the oldest ended rows beyond the retention, but none that needs attention. */
  prune(retention: Retention, clock: ClockReading): Promise<Pruned>;
}

const PRUNED_AT_ONCE = 200;
const DAY_MS = 24 * 60 * 60 * 1000;
/** A clock that is further than this past everything that was written by it may have been set wrong. */
const BELIEVED_MS = 2 * DAY_MS;

export function createKeeping(open: Open): Keeping {
  return {
    async countBeyond(retention, clock) {
      const time = await believedTime(open, clock);
      const beyond = await idsBeyond(open, retention, time);
      const database = await open();
      const keysOf: KeysOf = (index, range) => database.getAllKeysFromIndex('rows', index, range);
      const { alone, batches } = await inBatches(database, beyond);
      let count = (await endedAmong(alone, keysOf)).length;
      for (const { id, members } of batches) {
        const isRunning = (await database.get('batches', id))?.running !== undefined;
        const isEnded = (await endedAmong(members, keysOf)).length === members.length;
        if (isEnded && !isRunning) count += members.length;
      }
      return count;
    },

    async prune(retention, clock) {
      const time = await believedTime(open, clock);
      const beyond = await idsBeyond(open, retention, time);
      let removed = 0;
      // Small transactions, so that a change never waits long for its own.
      const { alone, batches } = await inBatches(await open(), beyond);
      for (let i = 0; i < alone.length; i += PRUNED_AT_ONCE) {
        const some = alone.slice(i, i + PRUNED_AT_ONCE);
        removed += await writeHistory(open, 'relaxed', (transaction) => removeEnded(transaction, some));
      }
      // A batch goes as a whole: nobody is left with a part of what was asked for together.
      for (const { id } of batches) {
        removed += await writeHistory(open, 'relaxed', (transaction) => removeBatch(transaction, id));
      }
      if (time !== null) await notePass(open, time);
      const isAged = retention.maxAgeDays !== null && (await oldest(open)) !== null;
      return { removed, timeUnknown: time === null && isAged };
    },
  };
}

/**
 * The time by which a row's age may be told, null when nobody knows: deleting by a clock that was set wrong can't be undone. The
 * clock is believed while what was written leads to it from the last pass on, in steps of at most two days; the service's is
 * believed as well, and of the two the one that makes rows younger. Where nothing was ever written, nothing speaks for any clock.
 */
async function believedTime(open: Open, { now, trusted }: ClockReading): Promise<number | null> {
  if (trusted !== null) return Math.min(now, trusted);
  let reached = readLastPass(await (await open()).get('marks', 'pruned')) ?? (await oldest(open));
  while (reached !== null && reached < now - BELIEVED_MS) {
    const next = await newestUntil(open, reached + BELIEVED_MS);
    if (next === null || next <= reached) return null;
    reached = next;
  }
  return reached === null ? null : now;
}

/** A clock that was put back since says nothing against an earlier pass. */
async function notePass(open: Open, time: number): Promise<void> {
  await writeHistory(open, 'relaxed', async (transaction) => {
    const marks = transaction.objectStore('marks');
    const before = readLastPass(await marks.get('pruned'));
    await marks.put(Math.max(time, before ?? time), 'pruned');
  });
}

/** When the oldest row was written; null when there is none. */
async function oldest(open: Open): Promise<number | null> {
  const { rows, earlier } = await byTime(open);
  const row = await rows.openKeyCursor();
  const last = await earlier.openKeyCursor(null, 'prev');
  return row === null && last === null ? null : Math.min(row?.key ?? Infinity, timeOf(last) ?? Infinity);
}

/** When the newest of the rows was written that were written until then; null when there is none. */
async function newestUntil(open: Open, time: number): Promise<number | null> {
  const { rows, earlier } = await byTime(open);
  const row = await rows.openKeyCursor(IDBKeyRange.upperBound(time), 'prev');
  const next = await earlier.openKeyCursor(IDBKeyRange.lowerBound([-time, '']));
  return row === null && next === null ? null : Math.max(row?.key ?? -Infinity, timeOf(next) ?? -Infinity);
}

/** The ids of the rows that were written before that time. */
async function idsBefore(open: Open, time: number): Promise<string[]> {
  const { rows, earlier } = await byTime(open);
  return [
    ...(await rows.getAllKeys(IDBKeyRange.upperBound(time, true))),
    ...(await earlier.getAllKeys(IDBKeyRange.lowerBound([-time, LAST_ID]))),
  ];
}

/** The indexes that tell when a row was written; in the store of version 1 the order is that time turned around. */
async function byTime(open: Open) {
  const transaction = (await open()).transaction(['rows', 'history']);
  return {
    rows: transaction.objectStore('rows').index('at'),
    earlier: transaction.objectStore('history').index('newestFirst'),
  };
}

function timeOf(cursor: { readonly key: Cursor } | null): number | null {
  return cursor === null ? null : -cursor.key[0];
}

/**
 * The ids of the rows that the retention does not cover, open or not. Checks are counted by themselves: however many there
 * are, they push no change out.
 */
async function idsBeyond(open: Open, { maxAgeDays, maxRows }: Retention, time: number | null): Promise<string[]> {
  const tooOld = maxAgeDays === null || time === null ? [] : await idsBefore(open, time - maxAgeDays * DAY_MS);
  if (maxRows === null || (await countRows(open)) - tooOld.length <= maxRows) return tooOld;
  const checks = new Set((await inBoth(open, (store) => store.index('checkedPartner').getAllKeys())).flat());
  const newestFirst = await idsNewestFirst(open);
  const tooMany = [newestFirst.filter((id) => checks.has(id)), newestFirst.filter((id) => !checks.has(id))];
  return [...new Set([...tooOld, ...tooMany.flatMap((ids) => ids.slice(maxRows))])];
}

async function idsNewestFirst(open: Open): Promise<string[]> {
  const database = await open();
  if (!(await isMoving(database))) return database.getAllKeysFromIndex('rows', 'newestFirst');
  const ids: string[] = [];
  for await (const batch of batches(open, EVERYTHING, EVER, LARGEST_BATCH)) ids.push(...batch.map(({ id }) => id));
  return ids;
}

/** Rows that are beyond the retention, and batches that are so with all their rows. */
interface Beyond {
  /** Of no batch. */
  readonly alone: readonly string[];
  readonly batches: readonly { readonly id: string; readonly members: readonly string[] }[];
}

/**
 * A batch's own row is the newest of its block, and as old as all the others: where it is beyond the retention, all of them are.
 * Where it stays, so do they.
 */
async function inBatches(database: Database, ids: readonly string[]): Promise<Beyond> {
  const alone = new Set(ids);
  const whole: { id: string; members: string[] }[] = [];
  for (const id of await database.getAllKeys('batches')) {
    const members = await database.getAllKeysFromIndex('rows', 'batch', allOf(id));
    if (alone.has(id)) whole.push({ id, members });
    for (const one of [id, ...members]) alone.delete(one);
  }
  return { alone: [...alone], batches: whole };
}

/** Removes a batch with all its rows, unless it has not ended or a row of it needs a person; answers how many changes went. */
async function removeBatch(transaction: WritingHistory, id: string): Promise<number> {
  const rows = transaction.objectStore('rows');
  const [stored, members] = await Promise.all([
    transaction.objectStore('batches').get(id),
    rows.index('batch').getAllKeys(allOf(id)),
  ]);
  const ended = await endedAmong(members, (index, range) => rows.index(index).getAllKeys(range));
  if (stored?.running !== undefined || ended.length < members.length) return 0;
  await emptyBlocks(
    transaction,
    (await transaction.objectStore('outcomes').getAllKeys(allOf(id))).map(([, order]) => order),
  );
  await Promise.all([id, ...members].map((one) => rows.delete(one)));
  await removeState(transaction, id);
  return members.length;
}

/** Removes those of the rows that are neither open nor in need of attention by now; answers how many. */
async function removeEnded(transaction: WritingHistory, ids: readonly string[]): Promise<number> {
  const rows = transaction.objectStore('rows');
  const earlier = transaction.objectStore('history');
  const ended = await endedAmong(ids, (index, range) => rows.index(index).getAllKeys(range));
  const stored = await Promise.all(ended.map((id) => rows.get(id)));
  await emptyBlocks(
    transaction,
    stored.flatMap((row) => row?.order ?? []),
  );
  await Promise.all(ended.flatMap((id) => [rows.delete(id), earlier.delete(id)]));
  return ended.length;
}

type KeysOf = (index: 'openTarget' | 'attention', range?: IDBKeyRange) => Promise<string[]>;

async function endedAmong(ids: readonly string[], keysOf: KeysOf): Promise<string[]> {
  const stay = new Set([...(await keysOf('openTarget')), ...(await keysOf('attention', attentionRange(NEEDS_PERSON)))]);
  return ids.filter((id) => !stay.has(id));
}
