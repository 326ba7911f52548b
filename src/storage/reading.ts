import { withHold } from '../domain/batch';
import { type Change, isOpen } from '../domain/change';
import {
  batchEntryOf,
  type Check,
  connectionOf,
  entryOf,
  type ForeignChange,
  type HistoryEntry,
  type HistoryFilter,
  type HistoryRow,
  matcher,
  type RowGroup,
  type SingleEntry,
  showsBatches,
  wantedText,
} from '../domain/history';
import type { Partner, PartnerId, UsedPartners } from '../domain/partner';
import { type Standing, standingOf, type Viewer, viewerAt } from '../domain/standing';
import { type Target, targetKey } from '../domain/target';
import { readProgress } from './batches';
import {
  ahead,
  batches,
  type Cursor,
  countChanges,
  countRows,
  EVER,
  EVERYTHING,
  fewChanges,
  inBoth,
  isBehind,
  isMoving,
  LARGEST_BATCH,
  LAST_ID,
  newestFirst,
  type Open,
  type Part,
  type PartStore,
  type Place,
  type Span,
  spanOf,
} from './both-stores';
import { attentionRange, NEEDS_PERSON, UNMET } from './attention';
import { type HoldOf, readHolds } from './lanes';
import { readUntold } from './marks';
import { inPresentShape } from './row-shapes';
import type { PartnerKey, PlacedRow } from './schema';
import { earlierKeyOfTarget, readRow, usedPartner } from './stored-row';
import { rowsByBlocks } from './text-blocks';

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Null: there is nothing older. Otherwise there are older rows, though none of them may pass the filter. */
  readonly next: Cursor | null;
  /** How many rows on the way could not be read. */
  readonly damaged: number;
}

/** Who looks at the history, and when (milliseconds since the epoch). */
export interface Looking {
  /** Who they are at each connection that is set up. */
  readonly viewers: readonly Viewer[];
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
  /** The changes made elsewhere that nobody has met yet: the newest of them, and how many there are. */
  readonly foreign: readonly ForeignChange[];
  readonly foreignCount: number;
}

/** What everybody may read of the history. A row that cannot be read is left out, and never hides the others. */
export interface HistoryReader {
  attentionCount(): Promise<number>;
  /** How many changes made elsewhere nobody has met yet. */
  unmetCount(): Promise<number>;
  /** Every change made elsewhere that nobody has met yet, newest first. */
  unmet(): Promise<readonly ForeignChange[]>;
  /** Those that {@link attentionCount} and {@link unmetCount} count, newest first; the first of them where there are many. */
  attention(looking: Looking): Promise<Attention>;
  /** The newest check of an ID at that connection: a name that another backend gave says nothing here. */
  latestCheck(connectionId: string, partnerId: PartnerId): Promise<Check | null>;
  /**
   * Up to `size` rows that pass the filter, newest first, after the cursor. Reads as many rows as it must; throws the signal's reason
   * once it has aborted.
   */
  page(
    filter: HistoryFilter,
    after: Cursor | null,
    size: number,
    looking: Looking,
    signal?: AbortSignal,
  ): Promise<HistoryPage>;
  /** All rows that pass the filter, newest first, those of batches one by one. */
  all(filter: HistoryFilter, looking: Looking): AsyncIterable<SingleEntry>;
  /**
   * Reads as many rows as it must; throws the signal's reason once it has aborted.
   * @param known how many there are of the group, where somebody has counted them: that takes a while
   */
  count(filter: HistoryFilter, signal: AbortSignal, known?: number): Promise<Counted>;
  /** How many rows were found damaged and set aside. */
  damagedCount(): Promise<number>;
  /** The changes that have not ended, in no order. */
  openChanges(): Promise<Change[]>;
  /** What holds up changes at that moment, by their connection. */
  holds(now: number): Promise<HoldOf>;
  /** Whether rows of an earlier version are still being brought into the form of this one; they are read all the same. */
  isUpdating(): Promise<boolean>;
}

/** A change and its number in the history: the higher was asked for later, whatever the clock says. */
export interface Placed {
  readonly change: Change;
  readonly number: number;
  /** It has not ended yet. */
  readonly isOpen: boolean;
}

/** What the worker reads besides. */
export interface Lookups {
  readChange(id: string): Promise<Change | null>;
  readForeign(id: string): Promise<ForeignChange | null>;
  /** The IDs of changes that have ended, of which nobody has been told yet. */
  untold(): Promise<readonly string[]>;
  /** The IDs of changes made elsewhere of which nobody has been told yet. */
  untoldForeign(): Promise<readonly string[]>;
  /** The newest change of a target, open or ended. */
  newestChange(target: Target): Promise<Placed | null>;
  /** Whether a change of that target is done that has led to that version of it. */
  hasLedTo(target: Target, version: string): Promise<boolean>;
  /** Whether its newest change is done, and removed what had that version. */
  hasRemoved(target: Target, version: string): Promise<boolean>;
  /** The partners of done changes and of found checks at that connection, `limit` of both together. */
  partnersUsed(connectionId: string, limit: number): Promise<UsedPartners>;
}

/** Read at once in 60 ms (Chromium 156); of more, a page is found as quickly among all rows. */
const FEW_CHANGES = 2000;
/** More of them than this nobody answers one by one. */
const ATTENTION_READ = 200;
/** In one transaction: few enough that a change, which is written after it, never waits long. */
const HOPS_AT_ONCE = 50;
/** Of so many partners, those used last, it is looked up whether they were assigned. */
const USED_LOOKED_AT = 60;

/** `onDamaged` hears of rows that could not be read. */
export function createReading(
  open: Open,
  onDamaged: (rows: readonly PlacedRow[]) => Promise<void>,
): HistoryReader & Lookups {
  /** The rows that can be read. */
  async function readable(stored: readonly PlacedRow[]): Promise<HistoryRow[]> {
    const rows: HistoryRow[] = [];
    const damaged: PlacedRow[] = [];
    for (const one of stored) {
      const row = readRow(one);
      if (row === null) damaged.push(one);
      else rows.push(row);
    }
    if (damaged.length > 0) await onDamaged(damaged);
    return rows;
  }

  /** Of the rows of a place, newest first, the first that `pick` takes. Rows that `mayBe` leaves out are not even checked. */
  async function newest<T>(
    place: Place,
    pick: (row: HistoryRow, number: number) => T | null,
    mayBe: (stored: PlacedRow) => boolean = () => true,
  ): Promise<T | null> {
    for await (const batch of batches(open, place, EVER, 1)) {
      for (const stored of batch.filter(mayBe)) {
        const [row] = await readable([stored]);
        const picked = row === undefined ? null : pick(row, -stored.order);
        if (picked !== null) return picked;
      }
    }
    return null;
  }

  /** The same of the changes of a target. */
  function newestOf<T>(target: Target, pick: (change: Change, number: number) => T | null): Promise<T | null> {
    const place: Place = { index: 'target', prefix: [targetKey(target)], earlier: [earlierKeyOfTarget(target)] };
    return newest(place, (row, number) =>
      row.type === 'change' && row.change.target.connectionId === target.connectionId ? pick(row.change, number) : null,
    );
  }

  async function rowOf(id: string): Promise<HistoryRow | undefined> {
    const found = await inBoth<PlacedRow | undefined>(open, (store) => store.get(id));
    const [row] = await readable(found.filter((one) => one !== undefined));
    return row;
  }

  const partnerPlace = (index: 'usedPartner' | 'checkedPartner', connectionId: string, partnerId: string): Place => ({
    index,
    prefix: [[connectionId, partnerId]],
    earlier: [partnerId],
  });

  return {
    async readChange(id) {
      const row = await rowOf(id);
      return row?.type === 'change' ? row.change : null;
    },

    async readForeign(id) {
      const row = await rowOf(id);
      return row?.type === 'foreign' ? row.foreign : null;
    },

    async openChanges() {
      const rows = await readable(await (await open()).getAllFromIndex('rows', 'openTarget'));
      return rows.flatMap((row) => (row.type === 'change' ? [row.change] : []));
    },

    untold: async () => readUntold(await (await open()).get('marks', 'untold')),

    untoldForeign: async () => readUntold(await (await open()).get('marks', 'untoldForeign')),

    attentionCount: async () => (await open()).countFromIndex('rows', 'attention', attentionRange(NEEDS_PERSON)),

    unmetCount: async () => (await open()).countFromIndex('rows', 'attention', attentionRange(UNMET)),

    unmet: async () => {
      const rows = await readable(await (await open()).getAllFromIndex('rows', 'attention', attentionRange(UNMET)));
      return rows.flatMap((row) => (row.type === 'foreign' ? [row.foreign] : []));
    },

    async attention({ viewers, now }) {
      const database = await open();
      const needing = attentionRange(NEEDS_PERSON);
      const stored = await database.getAllFromIndex('rows', 'attention', needing, ATTENTION_READ + 1);
      const rows = await readable(stored);
      const standings = rows.flatMap((row) =>
        row.type === 'change' ? [standingOf(row.change, viewerAt(connectionOf(row), viewers), now)] : [],
      );
      const isAll = stored.length <= ATTENTION_READ;
      const count = isAll ? standings.length : await database.countFromIndex('rows', 'attention', needing);
      const unmet = attentionRange(UNMET);
      const unmetRows = await readable(await database.getAllFromIndex('rows', 'attention', unmet, ATTENTION_READ));
      const foreign = unmetRows.flatMap((row) => (row.type === 'foreign' ? [row.foreign] : []));
      const foreignCount =
        unmetRows.length < ATTENTION_READ ? foreign.length : await database.countFromIndex('rows', 'attention', unmet);
      return { standings, count, foreign, foreignCount };
    },

    newestChange: (target) => newestOf(target, (change, number) => ({ change, number, isOpen: isOpen(change) })),

    async hasLedTo(target, version) {
      const led = await newestOf(target, (change) => {
        const { life } = change;
        return life.state === 'done' && life.outcome.version === version ? change : null;
      });
      return led !== null;
    },

    async hasRemoved(target, version) {
      const newest = await newestOf(target, (change) => change);
      return newest?.life.state === 'done' && newest.after === null && newest.basedOn === version;
    },

    latestCheck: (connectionId, partnerId) =>
      newest(partnerPlace('checkedPartner', connectionId, partnerId), (row) =>
        row.type === 'check' && row.check.connectionId === connectionId ? row.check : null,
      ),

    async partnersUsed(connectionId, limit) {
      const assigned: Partner[] = [];
      const checked: Partner[] = [];
      const changes = await fewChanges(open, FEW_CHANGES);
      const attached = changes && attachedAmong(await readable(changes.filter(isChange)), connectionId);
      for (const partnerId of (await usedPartnerIds(open, connectionId)).slice(0, USED_LOOKED_AT)) {
        if (assigned.length >= limit) break;
        const place = partnerPlace('usedPartner', connectionId, partnerId);
        const here = (row: HistoryRow) => (connectionOf(row) === connectionId ? usedPartner(row) : null);
        // By its latest name, whoever told that; assigned is who any change that is done has attached.
        const partner = await newest(place, here);
        if (partner === null) continue;
        const wasAssigned =
          attached?.has(partnerId) ??
          (await newest(place, (row) => (row.type === 'change' ? here(row) : null), isChange)) !== null;
        (wasAssigned ? assigned : checked).push(partner);
      }
      return { assigned, checked: checked.slice(0, limit - assigned.length) };
    },

    async page(filter, after, size, { viewers, now }, signal) {
      const matches = matcher(filter);
      const holds = readHolds(open, now);
      // Rows are asked for meanwhile, and where they cannot be read either, that is told.
      holds.catch(() => undefined);
      const entries: HistoryEntry[] = [];
      const damaged: PlacedRow[] = [];
      let last = after;
      let next: Cursor | null = null;
      const inOrder = showsBatches(filter) ? withoutMembers : candidates;
      // One more than asked for, which tells whether there is more.
      scan: for await (const batch of inOrder(open, filter, after, size + 1)) {
        signal?.throwIfAborted();
        for (const stored of batch) {
          if (entries.length === size) {
            next = last;
            break scan;
          }
          last = endOfBlock(stored) ?? [stored.order, stored.id];
          if (!mayPass(matches, stored)) continue;
          const row = readRow(stored);
          if (row === null) {
            damaged.push(stored);
            continue;
          }
          const connectionId = connectionOf(row);
          const hold = (await holds)(connectionId);
          if (row.type === 'batch') entries.push(batchEntryOf(row, withHold(await readProgress(open, row.id), hold)));
          else entries.push(entryOf(row, viewerAt(connectionId, viewers), now, hold));
        }
      }
      if (damaged.length > 0) await onDamaged(damaged);
      return { entries, next, damaged: damaged.length };
    },

    async *all(filter, { viewers, now }) {
      const matches = matcher(filter);
      const holdOf = await readHolds(open, now);
      for await (const batch of ahead(candidates(open, filter, null, LARGEST_BATCH))) {
        for (const row of await readable(batch.filter((stored) => mayPass(matches, stored)))) {
          const connectionId = connectionOf(row);
          if (row.type !== 'batch') yield entryOf(row, viewerAt(connectionId, viewers), now, holdOf(connectionId));
        }
      }
    },

    async count(filter, signal, known) {
      const of = known ?? (await countGroup(open, filter.group));
      const { group: _group, ...narrower } = filter;
      if (Object.keys(narrower).length === 0) return { matching: of, of };
      const matches = matcher(filter);
      let matching = 0;
      for await (const batch of candidates(open, filter, null, LARGEST_BATCH)) {
        signal.throwIfAborted();
        matching += batch.filter((stored) => !isBatch(stored) && mayPass(matches, stored)).length;
      }
      return { matching, of };
    },

    holds: (now) => readHolds(open, now),

    damagedCount: async () => (await open()).count('damaged'),

    isUpdating: async () => isMoving(await open()),
  };
}

/** Rows among which are all that pass the filter, newest first after the cursor, in batches that grow. */
async function* candidates(
  open: Open,
  filter: HistoryFilter,
  after: Cursor | null,
  first: number,
): AsyncGenerator<PlacedRow[]> {
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, ...chosen } = filter;
  if (from >= until) return;
  const whole = await spanOf(open, filter);
  const span: Span = after === null ? whole : { ...whole, after };
  if (Object.keys(chosen).length === 0) {
    yield* batches(open, EVERYTHING, span, first);
    return;
  }
  if (wantedText(filter) !== '') {
    yield* rowsByBlocks(open, filter, span, first);
    return;
  }
  // Without a text a page most often passes among the newest, and to ask how many changes there are takes longer than to read these.
  const { value: newest = [] } = await batches(open, EVERYTHING, span, first).next();
  yield newest;
  const furthest = newest.at(-1);
  if (furthest === undefined || newest.length < first) return;
  const rest: Span = { ...span, after: [furthest.order, furthest.id] };
  const few = chosen.group === 'changes' ? await fewChanges(open, FEW_CHANGES) : null;
  if (few === null) yield* rowsByBlocks(open, filter, rest, first);
  else yield newestFirst(few.filter((stored) => isBehind(stored, rest.after) && !isBehind(stored, rest.last)));
}

/** The same without the changes of a batch whose own row is among them: that stands for all of them. */
async function* withoutMembers(
  open: Open,
  filter: HistoryFilter,
  after: Cursor | null,
  first: number,
): AsyncGenerator<PlacedRow[]> {
  let from = after;
  let block: Cursor | null = null;
  scan: while (true) {
    for await (const batch of candidates(open, filter, from, first)) {
      const shown: PlacedRow[] = [];
      for (const stored of batch) {
        if (block !== null && !isBehind(stored, block)) continue;
        shown.push(stored);
        block = endOfBlock(stored) ?? block;
      }
      yield shown;
      const furthest = batch.at(-1);
      if (block === null || furthest === undefined || isBehind(furthest, block)) continue;
      from = block;
      continue scan;
    }
    return;
  }
}

/** Behind the last change of a batch, by the batch's own row; null of any other row. */
function endOfBlock(stored: PlacedRow): Cursor | null {
  const row = isBatch(stored) ? readRow(stored) : null;
  return row?.type === 'batch' ? [stored.order + row.batch.size, LAST_ID] : null;
}

/** How many rows the history has of that group, in all without one; of a batch its changes count. */
async function countGroup(open: Open, group: RowGroup | undefined): Promise<number> {
  switch (group) {
    case undefined:
      return (await countRows(open)) - (await countBatches(open));
    case 'checks':
      return (await countRows(open)) - (await countChanges(open));
    case 'changes':
      return (await countChanges(open)) - (await countBatches(open));
  }
}

async function countBatches(open: Open): Promise<number> {
  return (await open()).count('batches');
}

/** The IDs of all partners used there, the one used last first. One hop of a key cursor per partner. */
async function usedPartnerIds(open: Open, connectionId: string): Promise<string[]> {
  const latest = new Map<string, number>();
  // Both stores are looked through from the same partner on, so none is missed that moves from the one to the other meanwhile.
  let after: string | undefined = '';
  while (after !== undefined) {
    const from: string = after;
    const found = await inBoth(open, (store, part) => usesAfter(store, part, connectionId, from));
    for (const [partnerId, order] of found.flat()) {
      latest.set(partnerId, Math.min(order, latest.get(partnerId) ?? order));
    }
    const ends = found.filter((uses) => uses.length === HOPS_AT_ONCE).flatMap((uses) => uses.at(-1)?.[0] ?? []);
    after = ends.sort()[0];
  }
  return [...latest].sort(([, a], [, b]) => a - b).map(([partnerId]) => partnerId);
}

/** The next partners used there by their IDs, each with the place of its newest row. */
async function usesAfter(
  store: PartStore,
  part: Part,
  connectionId: string,
  after: string,
): Promise<(readonly [partnerId: string, order: number])[]> {
  const uses: (readonly [partnerId: string, order: number])[] = [];
  // The store of version 1 has the partners of every connection under their IDs alone. An array is behind every number and text.
  const here =
    part === 'rows'
      ? IDBKeyRange.bound([[connectionId, after], []], [[connectionId, []]])
      : IDBKeyRange.lowerBound([after, []]);
  let cursor = await store.index('usedPartner').openKeyCursor(here);
  while (cursor !== null) {
    const [partner, order] = cursor.key;
    uses.push([partnerIn(partner), order]);
    if (uses.length === HOPS_AT_ONCE) break;
    // Its type asks for the key of both stores at once.
    cursor = await cursor.continue([partner as PartnerKey & string, Number.POSITIVE_INFINITY, '']);
  }
  return uses;
}

/** The IDs of the partners that changes at that connection have attached. */
function attachedAmong(rows: readonly HistoryRow[], connectionId: string): Set<string> {
  return new Set(
    rows.flatMap((row) => (connectionOf(row) === connectionId ? (usedPartner(row)?.partnerId ?? []) : [])),
  );
}

/** Whether a row that was not checked yet says that it is a change. */
function isChange(stored: PlacedRow): boolean {
  return mayPass(({ type }) => type === 'change', stored);
}

/** Whether a row that was not checked yet says that it is a batch. */
function isBatch(stored: PlacedRow): boolean {
  return mayPass(({ type }) => type === 'batch', stored);
}

function partnerIn(key: PartnerKey | string): string {
  return typeof key === 'string' ? key : key[1];
}

/** Whether a row that was not checked yet passes the filter. One that the filter stumbles over passes: the check finds it. */
function mayPass(matches: (row: HistoryRow) => boolean, { row, shape }: PlacedRow): boolean {
  try {
    return matches(inPresentShape(row, shape) as HistoryRow);
  } catch {
    return true;
  }
}
