import { unwrap } from 'idb';
import * as v from 'valibot';
import {
  BATCH_OUTCOMES,
  type Batch,
  type BatchItem,
  type BatchOutcome,
  type BatchProgress,
  requestOfItem,
} from '../domain/batch';
import { type Change, type ChangeEvent, newChange } from '../domain/change';
import type { Person } from '../domain/person';
import { batchItemSchema } from '../domain/schemas';
import { type Standing, standingOf, viewerAt } from '../domain/standing';
import { targetKey } from '../domain/target';
import {
  type BatchState,
  endBatches,
  followedIn,
  ITEMS_IN_PART,
  isAllMade,
  itemAt,
  openRowsOf,
  orderOfItem,
  rangeOf,
  readState,
} from './batch-state';
import type { Open } from './both-stores';
import { hasName, write } from './database';
import { sha256 } from './digest';
import { type HoldOf, readHolds } from './lanes';
import type { Looking } from './reading';
import type { Database, PlacedRow, StoredBatch, StoredOutcome, Writing, WritingHistory } from './schema';
import { batchRow, changeRow, readChangeOf, readRow, storedRow } from './stored-row';
import {
  type Applied,
  answerEarlier,
  applyToRows,
  applyToThese,
  nextNumber,
  noteUntold,
  writeHistory,
} from './writing';

/** `idUsedOtherwise`: the same ID was used for something else. */
export type Accepted = 'accepted' | 'alreadyThere' | 'idUsedOtherwise';

/** `isLeft`: more rows are to be made. `ended`: nothing of the batch is open, and nothing follows. */
export interface MadeRows {
  readonly made: readonly Change[];
  readonly isLeft: boolean;
  readonly ended: boolean;
}

/** One of what a batch asked for, as people meet it. `order`: its place; the first comes first. */
export type BatchMember =
  | { readonly order: number; readonly outcome: BatchOutcome; readonly kind: 'change'; readonly standing: Standing }
  | Exclude<KeptMember, { readonly kind: 'change' }>;

/** The same as it is kept. */
export type KeptMember = { readonly order: number; readonly outcome: BatchOutcome } & (
  | { readonly kind: 'change'; readonly change: Change }
  /** No change was made of it: not yet, not any more, or since another one of its target was `open`, which that ID names. */
  | { readonly kind: 'item'; readonly item: BatchItem; readonly open: string | null }
  /** What was kept of it cannot be read. */
  | { readonly kind: 'damaged' }
);

export interface BatchMembers {
  readonly members: readonly BatchMember[];
  /** What to ask with for those that follow; null when there are none. */
  readonly next: number | null;
}

/** What everybody may read of batches. */
export interface BatchReader {
  /** Null when there is no such batch (any more). */
  progressOf(batchId: string): Promise<BatchProgress | null>;
  /** What was asked for together; null when there is no such batch, or it cannot be read. */
  readBatch(batchId: string): Promise<Batch | null>;
  /** What a batch asked for, the first first: all of it, or what stands so. */
  outcomesOf(
    batchId: string,
    outcome: BatchOutcome | null,
    after: number | null,
    size: number,
    looking: Looking,
  ): Promise<BatchMembers>;
  /** Whether the person does not want to see it among those of late any more. */
  isDismissed(batchId: string): Promise<boolean>;
  /** The IDs of the batches that have not ended. */
  runningBatches(): Promise<readonly string[]>;
}

/** What the worker writes. Every write throws {@link StorageFull} when there is no room. */
export interface BatchWriter {
  /** Insert-if-absent of a batch with all that it asks for, in one transaction: what a crash leaves of it is all or nothing. */
  acceptBatch(batch: Batch, items: readonly BatchItem[]): Promise<Accepted>;
  /**
   * Makes rows of the next items, `most` at most, in one transaction. An item whose target has an open change gets none, and says so.
   * An item is never made twice, whenever the worker ends.
   */
  makeRows(batchId: string, most?: number): Promise<MadeRows>;
  /** Lets the same happen to every change of a batch that stands so, some at a time; answers them as they are afterwards. */
  applyToBatch(batchId: string, outcome: BatchOutcome, event: ChangeEvent): AsyncIterable<readonly Applied[]>;
  /** What no row was made of yet is sent as that person's own. */
  adoptBatch(batchId: string, person: Person): Promise<void>;
  /** What a batch asked for and stands so, some at a time. */
  membersOf(batchId: string, outcome: BatchOutcome): AsyncIterable<readonly KeptMember[]>;
  /** From now on it is not shown among those of late any more. */
  dismissBatch(batchId: string): Promise<void>;
  /**
   * From now on no more rows are made of it, and in one transaction with that its open changes are asked to stop: no worker that ends
   * leaves it half stopped. Answers those changes as they are afterwards.
   */
  stopBatch(batchId: string, at: number): Promise<readonly Applied[]>;
}

/** How a change stands that is not open any more. */
const ENDED = BATCH_OUTCOMES.filter((outcome) => outcome !== 'open');
const countsSchema = v.object(v.entriesFromList(ENDED, v.number()));

export function createBatchReading(open: Open): BatchReader {
  return {
    async progressOf(batchId) {
      const isThere = (await (await open()).getKey('batches', batchId)) !== undefined;
      return isThere ? readProgress(open, batchId) : null;
    },

    async readBatch(batchId) {
      const stored = await (await open()).get('rows', batchId);
      return stored === undefined ? null : readBatchOf(stored);
    },

    async outcomesOf(batchId, outcome, after, size, looking) {
      // One more than asked for, which tells whether there is more.
      const kept = await keptMembers(open, batchId, outcome, after, size + 1);
      const holdOf = await readHolds(open, looking.now);
      const page = kept.slice(0, size).map((member) => shownTo(member, looking, holdOf));
      return { members: page, next: kept.length > size ? (page.at(-1)?.order ?? null) : null };
    },

    isDismissed: async (batchId) => readState(await (await open()).get('batches', batchId))?.dismissed === true,

    runningBatches: async () => (await open()).getAllKeysFromIndex('batches', 'running'),
  };
}

export function createBatchWriting(open: Open): BatchWriter {
  return {
    async acceptBatch(batch, items) {
      const digest = await digestOf(batch, items);
      return write(open, ['rows', 'marks', 'batches', 'batchItems'], 'strict', async (transaction) => {
        const batches = transaction.objectStore('batches');
        const [row, known, followed] = await Promise.all([
          transaction.objectStore('rows').getKey(batch.id),
          batches.get(batch.id),
          batch.of === null ? undefined : batches.get(batch.of),
        ]);
        if (row !== undefined || known !== undefined)
          return readState(known)?.digest === digest ? 'alreadyThere' : 'idUsedOtherwise';
        // Its changes get the numbers right before its own.
        const header = (await nextNumber(transaction, batch.askedAt)) + items.length;
        const state: BatchState = { header, size: items.length, made: 0, stopped: false, digest, sentAs: null };
        await Promise.all([
          transaction.objectStore('rows').add(storedRow(batchRow(batch), -header)),
          batches.put({ running: 1, state }, batch.id),
          noteFollowed(transaction, followed, batch),
          ...partsOf(items).map((part, number) => transaction.objectStore('batchItems').put(part, [batch.id, number])),
        ]);
        return 'accepted';
      });
    },

    makeRows: (batchId, most = ITEMS_IN_PART) =>
      writeHistory(open, 'strict', async (transaction) => {
        const state = readState(await transaction.objectStore('batches').get(batchId));
        const made = state === null || isAllMade(state) ? [] : await makeSome(transaction, batchId, state, most);
        const [ended] = await endBatches(transaction, [batchId]);
        if (ended !== undefined) await noteUntold(transaction, [ended]);
        const after = readState(await transaction.objectStore('batches').get(batchId));
        return { made, isLeft: after !== null && !isAllMade(after), ended: ended !== undefined };
      }),

    async *applyToBatch(batchId, outcome, event) {
      let after: number | null = null;
      while (true) {
        const from: number | null = after;
        const some = await storedOutcomes(await open(), batchId, outcome, from, ITEMS_IN_PART);
        after = some.at(-1)?.order ?? null;
        if (after === null) return;
        yield await applyToRows(
          open,
          some.flatMap(({ id }) => id ?? []),
          event,
        );
      }
    },

    adoptBatch: (batchId, person) => alterState(open, batchId, 'strict', (state) => ({ ...state, sentAs: person })),
    dismissBatch: (batchId) => alterState(open, batchId, 'relaxed', (state) => ({ ...state, dismissed: true })),

    async *membersOf(batchId, outcome) {
      let after: number | null = null;
      while (true) {
        const members: KeptMember[] = await keptMembers(open, batchId, outcome, after, ITEMS_IN_PART);
        after = members.at(-1)?.order ?? null;
        if (after === null) return;
        yield members;
      }
    },

    stopBatch: (batchId, at) =>
      writeHistory(open, 'strict', async (transaction) => {
        const batches = transaction.objectStore('batches');
        const stored = await batches.get(batchId);
        const state = readState(stored);
        if (stored !== undefined && state !== null)
          await batches.put({ ...stored, state: { ...state, stopped: true } }, batchId);
        const rows = await openRowsOf(transaction.objectStore('rows'), batchId);
        const ids = rows.map(({ id }) => id);
        const applied = await applyToThese(transaction, ids, { type: 'stopAsked', at });
        // Where none was open, nothing else ends it.
        await noteUntold(transaction, await endBatches(transaction, [batchId]));
        return applied;
      }),
  };
}

/** Notes in the batch that another one follows from that it does. */
async function noteFollowed(
  transaction: Writing<['rows', 'marks', 'batches', 'batchItems']>,
  followed: StoredBatch | undefined,
  { id, kind, of }: Batch,
): Promise<void> {
  const state = readState(followed);
  if (of === null || state === null) return;
  const followedBy = [...(state.followedBy ?? []), { id, kind }];
  await transaction.objectStore('batches').put({ ...followed, state: { ...state, followedBy } }, of);
}

/** Alters how far a batch is, where that can be read. */
async function alterState(
  open: Open,
  batchId: string,
  durability: 'strict' | 'relaxed',
  change: (state: BatchState) => BatchState,
): Promise<void> {
  await write(open, ['batches'], durability, async ({ store }) => {
    const stored = await store.get(batchId);
    const state = readState(stored);
    if (stored !== undefined && state !== null) await store.put({ ...stored, state: change(state) }, batchId);
  });
}

/** Makes rows of the next items of one part; answers the changes. */
async function makeSome(
  transaction: WritingHistory,
  batchId: string,
  state: BatchState,
  most: number,
): Promise<Change[]> {
  const parts = transaction.objectStore('batchItems');
  const key: [string, number] = [batchId, Math.floor(state.made / ITEMS_IN_PART)];
  const [stored, own] = await Promise.all([parts.get(key), transaction.objectStore('rows').get(batchId)]);
  const batch = own === undefined ? null : readBatchOf(own);
  // What was asked for cannot be read any more, so nothing is made of it.
  if (batch === null) return putState(transaction, batchId, { ...state, stopped: true }, []);
  const begins = state.made % ITEMS_IN_PART;
  const inPart = Math.min(ITEMS_IN_PART, state.size - key[1] * ITEMS_IN_PART);
  const ends = Math.min(begins + most, inPart);
  const items = Array.from({ length: ends - begins }, (_, i): unknown => partOf(stored)[begins + i]);
  const made = await makeEach(transaction, batch, state, items);
  if (ends === inPart) await parts.delete(key);
  return putState(transaction, batchId, { ...state, made: state.made + items.length }, made);
}

async function makeEach(
  transaction: WritingHistory,
  batch: Batch,
  state: BatchState,
  items: readonly unknown[],
): Promise<Change[]> {
  const outcomes = transaction.objectStore('outcomes');
  const outcome = (order: number, more: Pick<StoredOutcome, 'outcome' | 'id' | 'skipped'>) =>
    outcomes.put({ batch: batch.id, order, ...more }, [batch.id, order]);
  // Asked for all at once: rows that wait for one another take several times as long.
  const each = await Promise.all(
    items.map(async (item, i) => {
      const order = orderOfItem(state, state.made + i);
      const { change, answers } = changeOf(batch, item, state);
      const added = change === null ? 'idTaken' : await addUnlessOpen(transaction, change, order);
      if (change === null || added === 'idTaken') {
        await outcome(order, { outcome: 'skipped', id: null, skipped: { item, open: null } });
        return [];
      }
      if (added !== 'added') {
        await outcome(order, { outcome: 'skipped', id: change.id, skipped: { item, open: added.open } });
        return [];
      }
      return [{ change, answers }];
    }),
  );
  const made = each.flat();
  const answering = made.flatMap(({ change, answers }) =>
    answers === undefined ? [] : [{ earlier: answers, by: change }],
  );
  if (batch.kind === 'overwrite') await answerEarlier(transaction, answering, 'overwritten');
  if (batch.kind === 'retry') await answerEarlier(transaction, answering, 'seen');
  return made.map(({ change }) => change);
}

/** `open`: the ID of the change of the same target that is open; null where nobody can tell. */
type Added = 'added' | 'idTaken' | { readonly open: string | null };

/**
 * Adds the row of a change, unless another one of its target is open. The unique index says so: a question before would be one more for
 * every row, and few targets have one.
 */
async function addUnlessOpen(transaction: WritingHistory, change: Change, order: number): Promise<Added> {
  const rows = transaction.objectStore('rows');
  const adding = rows.add(storedRow(changeRow(change), order));
  unwrap(adding).addEventListener('error', (event) => {
    if (!hasName(unwrap(adding).error, 'ConstraintError')) return;
    // The transaction goes on, and does not hear of it.
    event.preventDefault();
    event.stopPropagation();
  });
  try {
    await adding;
    return 'added';
  } catch (cause) {
    if (!hasName(cause, 'ConstraintError')) throw cause;
    if ((await rows.getKey(change.id)) !== undefined) return 'idTaken';
    return { open: (await rows.index('openTarget').getKey(targetKey(change.target))) ?? null };
  }
}

/** The change that an item becomes, and the one that it answers; no change where nobody can read the item. */
function changeOf(batch: Batch, item: unknown, { sentAs }: BatchState) {
  const parsed = v.safeParse(batchItemSchema, item);
  const request = parsed.success ? requestOfItem(batch, parsed.output) : null;
  const change: Change | null = request && { ...newChange(request), sentAs };
  return { change, answers: parsed.success ? parsed.output.answers : undefined };
}

async function putState(transaction: WritingHistory, id: string, state: BatchState, made: Change[]): Promise<Change[]> {
  await transaction.objectStore('batches').put({ running: 1, state }, id);
  return made;
}

function partsOf(items: readonly BatchItem[]): BatchItem[][] {
  return Array.from({ length: Math.ceil(items.length / ITEMS_IN_PART) }, (_, part) =>
    items.slice(part * ITEMS_IN_PART, (part + 1) * ITEMS_IN_PART),
  );
}

function partOf(stored: unknown): readonly unknown[] {
  return Array.isArray(stored) ? stored : [];
}

function readBatchOf(stored: PlacedRow): Batch | null {
  const row = readRow(stored);
  return row?.type === 'batch' ? row.batch : null;
}

/** What was asked for, without the IDs that the worker gives to its changes, as a digest. */
function digestOf(batch: Batch, items: readonly BatchItem[]): Promise<string> {
  const { connectionId, kind, of } = batch;
  return sha256(JSON.stringify([connectionId, kind, of, items.map(({ id: _own, ...asked }) => asked)]));
}

/** What a batch asked for, the first first after that place: what was made of it, and what was not. */
async function keptMembers(
  open: Open,
  batchId: string,
  outcome: BatchOutcome | null,
  after: number | null,
  most: number,
): Promise<KeptMember[]> {
  const database = await open();
  const state = readState(await database.get('batches', batchId));
  const stored = await storedOutcomes(database, batchId, outcome, after, most);
  const members = await Promise.all(stored.map((one) => keptMember(database, one)));
  const isUnmadeWanted = state !== null && (outcome === null || outcome === unmadeOutcome(state));
  return isUnmadeWanted
    ? [...members, ...(await unmade(database, batchId, state, after, most - members.length))]
    : members;
}

async function keptMember(database: Database, { id, order, outcome, skipped }: StoredOutcome): Promise<KeptMember> {
  const common = { order, outcome };
  if (skipped !== undefined) return { ...common, ...itemOrDamage(skipped.item, skipped.open) };
  const row = id === null ? undefined : await database.get('rows', id);
  const change = row === undefined ? null : readChangeOf(row);
  return change === null ? { ...common, kind: 'damaged' } : { ...common, kind: 'change', change };
}

function itemOrDamage(item: unknown, open: string | null) {
  const parsed = v.safeParse(batchItemSchema, item);
  return parsed.success ? ({ kind: 'item', item: parsed.output, open } as const) : ({ kind: 'damaged' } as const);
}

function shownTo(member: KeptMember, { viewers, now }: Looking, holdOf: HoldOf): BatchMember {
  if (member.kind !== 'change') return member;
  const { change, order, outcome } = member;
  const { connectionId } = change.target;
  const viewer = viewerAt(connectionId, viewers);
  return { order, outcome, kind: 'change', standing: standingOf(change, viewer, now, holdOf(connectionId)) };
}

/** How what no row was made of counts. */
function unmadeOutcome({ stopped }: Pick<BatchState, 'stopped'>): BatchOutcome {
  return stopped ? 'cancelled' : 'open';
}

/** How far a batch is that is there. */
export async function readProgress(open: Open, batchId: string): Promise<BatchProgress> {
  const database = await open();
  const transaction = database.transaction(['batches', 'outcomes']);
  const index = transaction.objectStore('outcomes').index('batch');
  const [stored, ...numbers] = await Promise.all([
    transaction.objectStore('batches').get(batchId),
    ...ENDED.map((outcome) => index.count(rangeOf(batchId, outcome))),
  ]);
  const counts = v.parse(countsSchema, Object.fromEntries(ENDED.map((outcome, i) => [outcome, numbers[i]])));
  const counted = numbers.reduce((total, number) => total + number, 0);
  const read = readState(stored);
  const followed = read === null ? [] : await followedIn(transaction, read);
  const state = read ?? (await unreadState(database, batchId, counted));
  const { size, made, stopped, sentAs } = state;
  const whole = { ...counts, open: made - counted };
  whole[unmadeOutcome(state)] += size - made;
  return { batchId, size, made, counts: whole, stopped, ended: whole.open === 0, hold: null, sentAs, followed };
}

/** What of a batch nobody can read any more is stopped. */
async function unreadState(database: Database, batchId: string, counted: number) {
  const made = counted + (await openRowsOf(database.transaction('rows').store, batchId)).length;
  return { size: made, made, stopped: true, sentAs: null };
}

/** How what was made of a batch stands, the first first after that place: all of it, or what stands so. */
async function storedOutcomes(
  database: Database,
  batchId: string,
  outcome: BatchOutcome | null,
  after: number | null,
  most: number,
): Promise<StoredOutcome[]> {
  const from = after ?? Number.NEGATIVE_INFINITY;
  if (outcome !== null && outcome !== 'open')
    return database.getAllFromIndex('outcomes', 'batch', rangeOf(batchId, outcome, from), most);
  // In one transaction, so that a change that ends meanwhile is in neither or in one of both.
  const transaction = database.transaction(['rows', 'outcomes']);
  const [rows, kept] = await Promise.all([
    openRowsOf(transaction.objectStore('rows'), batchId),
    outcome === 'open'
      ? []
      : transaction
          .objectStore('outcomes')
          .getAll(IDBKeyRange.bound([batchId, from], [batchId, Number.POSITIVE_INFINITY], true), most),
  ]);
  const open = rows.map(({ order, id }): StoredOutcome => ({ batch: batchId, order, id, outcome: 'open' }));
  const byOrder = new Map([...open.filter(({ order }) => order > from), ...kept].map((one) => [one.order, one]));
  return [...byOrder.values()].sort((one, other) => one.order - other.order).slice(0, most);
}

/** What no row was made of, after that place in the order. */
async function unmade(
  database: Database,
  batchId: string,
  state: BatchState,
  after: number | null,
  most: number,
): Promise<KeptMember[]> {
  const first = Math.max(state.made, after === null ? 0 : itemAt(state, after) + 1);
  const end = Math.min(state.size, first + most);
  const parts = new Map<number, readonly unknown[]>();
  const members: KeptMember[] = [];
  for (let index = first; index < end; index += 1) {
    const number = Math.floor(index / ITEMS_IN_PART);
    const part = parts.get(number) ?? partOf(await database.get('batchItems', [batchId, number]));
    parts.set(number, part);
    members.push({
      order: orderOfItem(state, index),
      outcome: unmadeOutcome(state),
      ...itemOrDamage(part[index % ITEMS_IN_PART], null),
    });
  }
  return members;
}
