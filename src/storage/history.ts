import * as v from 'valibot';
import { afterEvent, asksTheSame, type Change, type ChangeEvent, isOpen } from '../domain/change';

import {
  type Check,
  entryOf,
  type ForeignChange,
  type HistoryEntry,
  type HistoryFilter,
  type HistoryRow,
  matcher,
  type RowGroup,
} from '../domain/history';
import type { Partner, PartnerId, UsedPartners } from '../domain/partner';
import { historyRowSchema } from '../domain/schemas';
import { type Target, targetKey } from '../domain/target';
import type { Retention } from '../domain/settings';
import { type Standing, standingOf, type Viewer, wantsAttention } from '../domain/standing';
import { type Database, StorageFull, type StoredRow, type Writing, write } from './database';
import { inPresentShape, PRESENT_SHAPE } from './row-shapes';

/** Where a page of the history ended. */
export type Cursor = readonly [order: number, id: string];

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Null: there is nothing older. Otherwise there are older rows, though none of them may pass the filter. */
  readonly next: Cursor | null;
  /** How many rows on the way could not be read. */
  readonly damaged: number;
}

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

/** Who looks at the history, and when (milliseconds since the epoch). */
export interface Looking {
  readonly viewer: Viewer;
  readonly now: number;
}

/** How many rows pass a filter, of how many of the group that it shows. */
export interface Counted {
  readonly matching: number;
  readonly of: number;
}

/** The changes that need a person. `count`: how many there are, of which `standings` has the newest of a few hundred. */
export interface Attention {
  readonly standings: readonly Standing[];
  readonly count: number;
}

/** What everybody may read of the history. A row that cannot be read is left out, and never hides the others. */
export interface HistoryReader {
  attentionCount(): Promise<number>;
  /** Those that {@link attentionCount} counts, newest first. */
  attention(looking: Looking): Promise<Attention>;
  /** The newest check of an ID at that connection: a name that another backend gave says nothing here. */
  latestCheck(connectionId: string, partnerId: PartnerId): Promise<Check | null>;
  /** Up to `size` rows that pass the filter, newest first, after the cursor. */
  page(filter: HistoryFilter, after: Cursor | null, size: number, looking: Looking): Promise<HistoryPage>;
  /** All rows that pass the filter, newest first. */
  all(filter: HistoryFilter, looking: Looking): AsyncIterable<HistoryEntry>;
  /** Reads as many rows as it must; throws the signal's reason once it has aborted. */
  count(filter: HistoryFilter, signal: AbortSignal): Promise<Counted>;
  /** How many rows were found damaged and set aside. */
  damagedCount(): Promise<number>;
}

/** The history as the worker writes it. Every write throws {@link StorageFull} when there is no room. */
export interface History extends HistoryReader {
  readChange(id: string): Promise<Change | null>;
  /** The changes that have not ended, in no order. */
  openChanges(): Promise<Change[]>;
  /** The newest change of a target, open or ended. */
  newestChange(target: Target): Promise<Change | null>;
  /** The partners of done changes and of found checks at that connection, `limit` of both together. */
  partnersUsed(connectionId: string, limit: number): Promise<UsedPartners>;
  /** Insert-if-absent in one transaction. `overwrites`: that conflict becomes resolved by this change, in the same transaction. */
  insertChange(change: Change, overwrites: string | null): Promise<Inserted>;
  /** Reads, applies and writes in one transaction. Answers the change as it is afterwards, null when there is none. */
  applyEvent(id: string, event: ChangeEvent): Promise<Applied | null>;
  addCheck(check: Check): Promise<void>;
  /** Writes them in one transaction; one that is there already is written over with itself. */
  addChecks(checks: readonly Check[]): Promise<void>;
  addForeign(foreign: ForeignChange): Promise<void>;
  /** Removes all ended rows but unanswered conflicts; answers how many. */
  clear(): Promise<number>;
  /** How many rows {@link History.prune} would remove. */
  countBeyond(retention: Retention, now: number): Promise<number>;
  /** Removes the oldest ended rows beyond the retention, but none that needs attention; answers how many. */
  prune(retention: Retention, now: number): Promise<number>;
}

type Open = () => Promise<Database>;
const BOTH_STORES = ['history', 'damaged'] as const;
type Both = Writing<['history', 'damaged']>;

const LARGEST_BATCH = 2000;
/** Read at once in 30 ms (Chromium 156); above, a page of them is found as quickly among all rows. */
const FEW_CHANGES = 1000;
/** More of them than this nobody answers one by one. */
const ATTENTION_READ = 200;
const LAST_ID = '\uffff';
/** Of so many partners, those used last, it is looked up whether they were assigned. */
const USED_LOOKED_AT = 60;
const PRUNED_AT_ONCE = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

/** For pages: reads only. */
export function createHistoryReader(open: Open): HistoryReader {
  const { attentionCount, attention, latestCheck, page, all, count, damagedCount } = reader(
    open,
    async () => undefined,
  );
  return { attentionCount, attention, latestCheck, page, all, count, damagedCount };
}

type Reading = Omit<
  History,
  'insertChange' | 'applyEvent' | 'addCheck' | 'addChecks' | 'addForeign' | 'clear' | 'countBeyond' | 'prune'
>;

/** For the worker: writes, and sets damaged rows aside when it meets them. */
export function createHistory(open: Open): History {
  const reading = reader(open, async (rows) => {
    try {
      await write(open, [...BOTH_STORES], 'relaxed', async (transaction) => {
        for (const { id } of rows) await setAside(transaction, id);
      });
    } catch (cause) {
      // With no room to move a damaged row to, the readable ones are shown all the same.
      if (!(cause instanceof StorageFull)) throw cause;
    }
  });

  async function add(row: HistoryRow): Promise<void> {
    await write(open, ['history'], 'relaxed', ({ store }) => store.add(storedRow(row)));
  }

  return {
    ...reading,

    insertChange: (change, overwrites) =>
      // On the disk before the request leaves, so that not even a power failure loses the trace of one.
      write(open, [...BOTH_STORES], 'strict', async (transaction) => {
        const history = transaction.objectStore('history');
        const sameId = await history.get(change.id);
        const row = sameId === undefined ? null : readRow(sameId);
        if (row !== null) {
          return row.type === 'change' && asksTheSame(row.change, change)
            ? { kind: 'alreadyThere', change: row.change }
            : { kind: 'idUsedOtherwise' };
        }
        const sameTarget = await history.index('openTarget').get(targetKey(change.target));
        const open = sameTarget === undefined ? null : readChangeOf(sameTarget);
        if (open !== null) return { kind: 'changeOpen', open };
        for (const damaged of [sameId, sameTarget]) if (damaged !== undefined) await setAside(transaction, damaged.id);
        await history.add(storedRow(changeRow(change)));
        if (overwrites !== null) await overwrite(transaction, overwrites, change);
        return { kind: 'inserted', change };
      }),

    applyEvent: (id, event) =>
      write(open, ['history'], 'relaxed', async ({ store }) => {
        const stored = await store.get(id);
        const change = stored === undefined ? null : readChangeOf(stored);
        if (change === null) return null;
        const after = afterEvent(change, event);
        const altered = after !== change;
        if (altered) await store.put(storedRow(changeRow(after)));
        return { change: after, altered };
      }),

    addCheck: (check) => add(checkRow(check)),
    addChecks: (checks) =>
      write(open, ['history'], 'relaxed', async ({ store }) => {
        await Promise.all(checks.map((check) => store.put(storedRow(checkRow(check)))));
      }),
    addForeign: (foreign) => add({ type: 'foreign', id: foreign.id, at: foreign.foundAt, foreign }),

    clear: () =>
      write(open, [...BOTH_STORES], 'relaxed', async (transaction) => {
        const history = transaction.objectStore('history');
        const before = await history.count();
        const open = await history.index('openTarget').getAll();
        const conflicts = (await history.index('attention').getAll()).filter(isConflict);
        // Emptying the store and writing back the few rows that stay takes a moment however long the history is.
        await history.clear();
        await transaction.objectStore('damaged').clear();
        for (const stored of [...open, ...conflicts]) await history.put(stored);
        return before - open.length - conflicts.length;
      }),

    async countBeyond(retention, now) {
      const database = await open();
      const beyond = await idsBeyond(database, retention, now);
      return (await endedAmong(beyond, (index) => database.getAllKeysFromIndex('history', index))).length;
    },

    async prune(retention, now) {
      const beyond = await idsBeyond(await open(), retention, now);
      let removed = 0;
      // Small transactions, so that a change never waits long for its own.
      for (let i = 0; i < beyond.length; i += PRUNED_AT_ONCE) {
        const some = beyond.slice(i, i + PRUNED_AT_ONCE);
        removed += await write(open, ['history'], 'relaxed', (transaction) => removeEnded(transaction, some));
      }
      return removed;
    },
  };
}

/** `onDamaged` hears of rows that could not be read. */
function reader(open: Open, onDamaged: (rows: readonly StoredRow[]) => Promise<void>): Reading {
  /** The rows that can be read. */
  async function readable(stored: readonly StoredRow[]): Promise<HistoryRow[]> {
    const rows: HistoryRow[] = [];
    const damaged: StoredRow[] = [];
    for (const one of stored) {
      const row = readRow(one);
      if (row === null) damaged.push(one);
      else rows.push(row);
    }
    if (damaged.length > 0) await onDamaged(damaged);
    return rows;
  }

  /** Of the rows that an index has for a key, newest first, the first that `pick` takes. */
  async function newest<T>(
    index: 'target' | 'checkedPartner' | 'usedPartner',
    of: string,
    pick: (row: HistoryRow) => T | null,
  ): Promise<T | null> {
    for await (const batch of batches(open, index, [of], EVER, 1)) {
      for (const row of await readable(batch)) {
        const picked = pick(row);
        if (picked !== null) return picked;
      }
    }
    return null;
  }

  return {
    async readChange(id) {
      const stored = await (await open()).get('history', id);
      const [row] = await readable(stored === undefined ? [] : [stored]);
      return row?.type === 'change' ? row.change : null;
    },

    async openChanges() {
      const rows = await readable(await (await open()).getAllFromIndex('history', 'openTarget'));
      return rows.flatMap((row) => (row.type === 'change' ? [row.change] : []));
    },

    attentionCount: async () => (await open()).countFromIndex('history', 'attention'),

    async attention({ viewer, now }) {
      const database = await open();
      const stored = await database.getAllFromIndex('history', 'attention', undefined, ATTENTION_READ + 1);
      const changes = (await readable(stored)).flatMap((row) => (row.type === 'change' ? [row.change] : []));
      const standings = changes
        .sort((one, other) => other.askedAt - one.askedAt)
        .map((change) => standingOf(change, viewer, now));
      const isAll = stored.length <= ATTENTION_READ;
      return { standings, count: isAll ? standings.length : await database.countFromIndex('history', 'attention') };
    },

    newestChange: (target) => newest('target', targetKey(target), (row) => (row.type === 'change' ? row.change : null)),

    latestCheck: (connectionId, partnerId) =>
      newest('checkedPartner', partnerId, (row) =>
        row.type === 'check' && row.check.connectionId === connectionId ? row.check : null,
      ),

    async partnersUsed(connectionId, limit) {
      const assigned: Partner[] = [];
      const checked: Partner[] = [];
      for (const partnerId of (await usedPartnerIds(await open())).slice(0, USED_LOOKED_AT)) {
        if (assigned.length >= limit) break;
        // By its latest name, whoever told that; assigned is who any change that is done has attached.
        const partner = await newest('usedPartner', partnerId, (row) => usedPartner(row, connectionId));
        if (partner === null) continue;
        const wasAssigned = await newest('usedPartner', partnerId, (row) =>
          row.type === 'change' ? usedPartner(row, connectionId) : null,
        );
        (wasAssigned === null ? checked : assigned).push(partner);
      }
      return { assigned, checked: checked.slice(0, limit - assigned.length) };
    },

    async page(filter, after, size, { viewer, now }) {
      const matches = matcher(filter);
      const entries: HistoryEntry[] = [];
      const damaged: StoredRow[] = [];
      let last = after;
      let next: Cursor | null = null;
      // One more than asked for, which tells whether there is more.
      scan: for await (const batch of candidates(open, filter, after, size + 1)) {
        for (const stored of batch) {
          if (entries.length === size) {
            next = last;
            break scan;
          }
          last = [stored.order, stored.id];
          if (!mayPass(matches, stored)) continue;
          const row = readRow(stored);
          if (row === null) damaged.push(stored);
          else entries.push(entryOf(row, viewer, now));
        }
      }
      if (damaged.length > 0) await onDamaged(damaged);
      return { entries, next, damaged: damaged.length };
    },

    async *all(filter, { viewer, now }) {
      const matches = matcher(filter);
      for await (const batch of candidates(open, filter, null, LARGEST_BATCH)) {
        for (const row of await readable(batch.filter((stored) => mayPass(matches, stored)))) {
          yield entryOf(row, viewer, now);
        }
      }
    },

    async count(filter, signal) {
      const of = await countGroup(await open(), filter.group);
      const { group: _group, ...narrower } = filter;
      if (Object.keys(narrower).length === 0) return { matching: of, of };
      const matches = matcher(filter);
      let matching = 0;
      for await (const batch of candidates(open, filter, null, LARGEST_BATCH)) {
        signal.throwIfAborted();
        matching += batch.filter((stored) => mayPass(matches, stored)).length;
      }
      return { matching, of };
    },

    damagedCount: async () => (await open()).count('damaged'),
  };
}

/** Rows among which are all that pass the filter, newest first after the cursor, in batches that grow. */
async function* candidates(
  open: Open,
  filter: HistoryFilter,
  after: Cursor | null,
  first: number,
): AsyncGenerator<StoredRow[]> {
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, group } = filter;
  if (from >= until) return;
  // Orders are times turned around; no id comes behind the last character there is.
  const span: Span = { after: after ?? [-until, LAST_ID], last: [-from, LAST_ID] };
  const few = group === 'changes' ? await fewChanges(await open()) : null;
  if (few === null) yield* batches(open, 'newestFirst', [], span, first);
  else yield few.filter((stored) => isBehind(stored, span.after) && !isBehind(stored, span.last));
}

function isBehind({ order, id }: StoredRow, [otherOrder, otherId]: Cursor): boolean {
  return order > otherOrder || (order === otherOrder && id > otherId);
}

/**
 * All changes, newest first, where they are few: looked for among 100,000 checks they would take a second. Null where they are
 * many, and where there are some that an earlier version wrote without their target.
 */
async function fewChanges(database: Database): Promise<StoredRow[] | null> {
  const [changes, withTarget] = await Promise.all([
    countGroup(database, 'changes'),
    database.countFromIndex('history', 'target'),
  ]);
  if (changes > FEW_CHANGES || changes !== withTarget) return null;
  const rows = await database.getAllFromIndex('history', 'target');
  return rows.sort((one, other) => (isBehind(one, [other.order, other.id]) ? 1 : -1));
}

/** How many rows the history has of that group, in all without one; counted by indexes alone. */
async function countGroup(database: Database, group: RowGroup | undefined): Promise<number> {
  switch (group) {
    case undefined:
      return database.count('history');
    case 'checks':
      return database.countFromIndex('history', 'checkedPartner');
    case 'changes':
      return (await database.count('history')) - (await database.countFromIndex('history', 'checkedPartner'));
  }
}

/** A part of an index: what comes after the one cursor, up to the other. */
interface Span {
  readonly after: Cursor;
  readonly last: Cursor;
}
const EVER: Span = {
  after: [Number.NEGATIVE_INFINITY, ''],
  last: [Number.POSITIVE_INFINITY, ''],
};

/**
 * The rows of one index in its order, in batches that grow: `getAll` is many times faster than a cursor. `prefix`: what the
 * index has before order and id, for just the rows that have it.
 */
async function* batches(
  open: Open,
  index: 'newestFirst' | 'target' | 'checkedPartner' | 'usedPartner',
  prefix: readonly string[],
  { after, last }: Span,
  first: number,
): AsyncGenerator<StoredRow[]> {
  const end = [...prefix, ...last];
  let from = [...prefix, ...after];
  for (let size = first; ; size = Math.min(size * 4, LARGEST_BATCH)) {
    const database = await open();
    const batch = await database.getAllFromIndex('history', index, IDBKeyRange.bound(from, end, true), size);
    const furthest = batch.at(-1);
    if (furthest === undefined) return;
    yield batch;
    if (batch.length < size) return;
    from = [...prefix, furthest.order, furthest.id];
  }
}

/** The IDs of all used partners, the one used last first. One hop of a key cursor per partner. */
async function usedPartnerIds(database: Database): Promise<string[]> {
  const uses: (readonly [partnerId: string, order: number])[] = [];
  let cursor = await database.transaction('history').store.index('usedPartner').openKeyCursor();
  while (cursor !== null) {
    const [partnerId, order] = cursor.key;
    uses.push([partnerId, order]);
    cursor = await cursor.continue([partnerId, Number.POSITIVE_INFINITY, '']);
  }
  return uses.sort(([, a], [, b]) => a - b).map(([partnerId]) => partnerId);
}

/** Writes the answer into a conflict of the same target; anything else is left as it is. */
async function overwrite(transaction: Both, conflictId: string, by: Change): Promise<void> {
  const history = transaction.objectStore('history');
  const stored = await history.get(conflictId);
  const conflict = stored === undefined ? null : readChangeOf(stored);
  if (conflict === null || targetKey(conflict.target) !== targetKey(by.target)) return;
  await history.put(storedRow(changeRow(afterEvent(conflict, { type: 'overwritten', by: by.id }))));
}

/** Moves a row out of the history as it is, unless it can be read by now. */
async function setAside(transaction: Both, id: string): Promise<void> {
  const history = transaction.objectStore('history');
  const stored = await history.get(id);
  if (stored === undefined || readRow(stored) !== null) return;
  await transaction.objectStore('damaged').put(stored);
  await history.delete(id);
}

/**
 * The ids of the rows that the retention does not cover, open or not. Checks are counted by themselves: however many there
 * are, they push no change out.
 */
async function idsBeyond(database: Database, { maxAgeDays, maxRows }: Retention, now: number): Promise<string[]> {
  const tooOld =
    maxAgeDays === null
      ? []
      : await database.getAllKeysFromIndex(
          'history',
          'newestFirst',
          IDBKeyRange.lowerBound([maxAgeDays * DAY_MS - now, '\uffff']),
        );
  if (maxRows === null || (await database.count('history')) - tooOld.length <= maxRows) return tooOld;
  const checks = new Set(await database.getAllKeysFromIndex('history', 'checkedPartner'));
  const newestFirst = await database.getAllKeysFromIndex('history', 'newestFirst');
  const tooMany = [newestFirst.filter((id) => checks.has(id)), newestFirst.filter((id) => !checks.has(id))];
  return [...new Set([...tooOld, ...tooMany.flatMap((ids) => ids.slice(maxRows))])];
}

/** Removes those of the rows that are neither open nor in need of attention by now; answers how many. */
async function removeEnded({ store }: Writing<['history']>, ids: readonly string[]): Promise<number> {
  const ended = await endedAmong(ids, (index) => store.index(index).getAllKeys());
  await Promise.all(ended.map((id) => store.delete(id)));
  return ended.length;
}

async function endedAmong(
  ids: readonly string[],
  keysOf: (index: 'openTarget' | 'attention') => Promise<string[]>,
): Promise<string[]> {
  const stay = new Set([...(await keysOf('openTarget')), ...(await keysOf('attention'))]);
  return ids.filter((id) => !stay.has(id));
}

/** A row as it is stored: with what its indexes hold. */
function storedRow(row: HistoryRow): StoredRow {
  const used = usedPartner(row, null);
  return {
    id: row.id,
    shape: PRESENT_SHAPE,
    order: -row.at,
    ...(row.type === 'change' ? changeIndexes(row.change) : {}),
    ...(row.type === 'foreign' ? { target: targetKey(row.foreign.target) } : {}),
    ...(row.type === 'check' ? { checkedPartner: row.check.partnerId } : {}),
    ...(used === null ? {} : { usedPartner: used.partnerId }),
    row,
  };
}

function changeIndexes(change: Change): Pick<StoredRow, 'target' | 'openTarget' | 'attention'> {
  const target = targetKey(change.target);
  return {
    target,
    ...(isOpen(change) ? { openTarget: target } : {}),
    ...(wantsAttention(change) ? { attention: 1 } : {}),
  };
}

/** The partner that a found check or a done change tells of; `connectionId`: at that connection alone, null for any. */
function usedPartner(row: HistoryRow, connectionId: string | null): Partner | null {
  switch (row.type) {
    case 'foreign':
      return null;
    case 'check': {
      const { outcome } = row.check;
      const isHere = connectionId === null || row.check.connectionId === connectionId;
      return isHere && outcome.kind === 'found' ? outcome.partner : null;
    }
    case 'change': {
      const { target, life, after } = row.change;
      const isHere = connectionId === null || target.connectionId === connectionId;
      return isHere && life.state === 'done' && after?.name != null ? { ...after, name: after.name } : null;
    }
  }
}

function changeRow(change: Change): HistoryRow {
  return { type: 'change', id: change.id, at: change.askedAt, change };
}

function checkRow(check: Check): HistoryRow {
  return { type: 'check', id: check.id, at: check.checkedAt, check };
}

/** What the disk gave back, if it is a row, in whatever shape an earlier version wrote it. */
function readRow(stored: StoredRow): HistoryRow | null {
  const parsed = v.safeParse(historyRowSchema, inPresentShape(stored.row, stored.shape));
  return parsed.success && parsed.output.id === stored.id ? parsed.output : null;
}

function readChangeOf(stored: StoredRow): Change | null {
  const row = readRow(stored);
  return row?.type === 'change' ? row.change : null;
}

function isConflict(stored: StoredRow): boolean {
  return readChangeOf(stored)?.life.state === 'conflict';
}

/** Whether a row that was not checked yet passes the filter. One that the filter stumbles over passes: the check finds it. */
function mayPass(matches: (row: HistoryRow) => boolean, stored: StoredRow): boolean {
  try {
    return matches(stored.row);
  } catch {
    return true;
  }
}
