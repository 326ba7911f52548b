import type { Retention } from '../domain/settings';
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
import type { WritingHistory } from './schema';
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
      const rows = database.transaction('rows').store;
      return (await endedAmong(beyond, (index, range) => rows.index(index).getAllKeys(range))).length;
    },

    async prune(retention, clock) {
      const time = await believedTime(open, clock);
      const beyond = await idsBeyond(open, retention, time);
      let removed = 0;
      // Small transactions, so that a change never waits long for its own.
      for (let i = 0; i < beyond.length; i += PRUNED_AT_ONCE) {
        const some = beyond.slice(i, i + PRUNED_AT_ONCE);
        removed += await writeHistory(open, 'relaxed', (transaction) => removeEnded(transaction, some));
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

/** Removes those of the rows that are neither open nor in need of attention by now; answers how many. */
async function removeEnded(transaction: WritingHistory, ids: readonly string[]): Promise<number> {
  const rows = transaction.objectStore('rows');
  const earlier = transaction.objectStore('history');
  const ended = await endedAmong(ids, (index, range) => rows.index(index).getAllKeys(range));
  await Promise.all(ended.flatMap((id) => [rows.delete(id), earlier.delete(id)]));
  return ended.length;
}

async function endedAmong(
  ids: readonly string[],
  keysOf: (index: 'openTarget' | 'attention', range?: IDBKeyRange) => Promise<string[]>,
): Promise<string[]> {
  const stay = new Set([...(await keysOf('openTarget')), ...(await keysOf('attention', attentionRange(NEEDS_PERSON)))]);
  return ids.filter((id) => !stay.has(id));
}
