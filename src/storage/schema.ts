import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { BatchOutcome } from '../domain/batch';
import type { HistoryRow } from '../domain/history';
import type { Attention } from './attention';
import type { Snapshot } from './snapshots';
import type { StoredBlock } from './text-blocks';

/** A partner as one connection knows it: what another one says under the same ID is something else. */
export type PartnerKey = [connectionId: string, partnerId: string];

/** A row as it was written, with its place. What the disk gives back is checked before it is believed. */
export interface PlacedRow {
  readonly id: string;
  /**
   * The negative of the row's number, so that the natural order is newest first and `getAll` serves it. Numbers only grow: a row
   * gets its own when it is written first, and keeps it.
   */
  readonly order: number;
  /** The shape of `row`; absent in rows of the first shape. */
  readonly shape?: number;
  readonly row: HistoryRow;
}

/** What the indexes hold of a row. An absent field keeps the row out of that index. */
export interface IndexFields {
  /** There while the change is open: the index is unique, so the database itself holds one open change per target. */
  readonly openTarget?: string;
  /** A change that needs a person, or one made elsewhere that nobody has met yet: see `attention.ts`. */
  readonly attention?: Attention;
  readonly target?: string;
  /** The partner that a check found or a change that is done attached. */
  readonly usedPartner?: PartnerKey;
  readonly checkedPartner?: PartnerKey;
  /** The batch in which a change was asked for. */
  readonly batch?: string;
}

export interface StoredRow extends PlacedRow, IndexFields {
  /** The row's time, by the clock of its day (milliseconds since the epoch). */
  readonly at: number;
  /** By how much the row's number is above its time; absent where that is a minute or less. */
  readonly ahead?: number;
}

/** A row as version 1 kept it. Its order is the negative of its time, and its indexes know no connection. */
export interface EarlierRow extends PlacedRow {
  readonly openTarget?: string;
  readonly attention?: 1;
  readonly target?: string;
  readonly usedPartner?: string;
  readonly checkedPartner?: string;
}

export interface Schema extends DBSchema {
  rows: {
    key: string;
    value: StoredRow;
    indexes: {
      newestFirst: [order: number, id: string];
      at: number;
      ahead: number;
      openTarget: string;
      attention: [attention: number, order: number, id: string];
      target: [target: string, order: number, id: string];
      usedPartner: [partner: PartnerKey, order: number, id: string];
      checkedPartner: [partner: PartnerKey, order: number, id: string];
      batch: [batch: string, order: number, id: string];
    };
  };
  /** The rows of version 1 that have not moved yet, none of them open or in need of attention. */
  history: {
    key: string;
    value: EarlierRow;
    indexes: {
      newestFirst: [order: number, id: string];
      openTarget: string;
      attention: number;
      target: [target: string, order: number, id: string];
      usedPartner: [partnerId: string, order: number, id: string];
      checkedPartner: [partnerId: string, order: number, id: string];
    };
  };
  /** Rows that could not be read, kept as they were. */
  damaged: { key: string; value: PlacedRow };
  /** What is to be remembered of the history as a whole: see `marks.ts`. */
  marks: { key: 'moving' | 'pruned' | 'untold' | 'untoldForeign'; value: unknown };
  snapshots: {
    key: [connectionId: string, of: string];
    value: Snapshot;
  };
  /** Access tokens to be remembered on this device, by connection. */
  tokens: { key: string; value: string };
  /** How far each batch is, by its ID; what was asked for stands in its row. */
  batches: { key: string; value: StoredBatch; indexes: { running: number } };
  /** What batches ask for and no row was made of yet, in parts. */
  batchItems: { key: [batch: string, part: number]; value: unknown };
  /**
   * How each change of a batch stands that is not open any more, by the place that its row has: what a batch's progress is counted
   * from. Earlier builds wrote it of open ones, too.
   */
  outcomes: {
    key: [batch: string, order: number];
    value: StoredOutcome;
    indexes: { batch: [batch: string, outcome: string, order: number] };
  };
  /** What holds up a lane, by its name. */
  lanes: { key: string; value: unknown };
  /** The subscriptions that a connection has listed to a person, in parts. */
  lists: { key: [connectionId: string, person: string, part: number]; value: unknown };
  /** The subscriptions that a person has starred. */
  stars: { key: [connectionId: string, person: string, subscriptionId: string]; value: unknown };
  /** How far the watching of a connection is. */
  watches: { key: string; value: unknown };
  /** What ended rows are found by, many in one, by the place of the newest. */
  textBlocks: { key: number; value: StoredBlock; indexes: { fold: number; open: string[] } };
}

/** Absent `running` keeps a batch that has ended out of the index. */
export interface StoredBatch {
  readonly running?: 1;
  readonly state: unknown;
}

export interface StoredOutcome {
  readonly batch: string;
  readonly outcome: BatchOutcome;
  /** The place of the change's row: the first of a batch comes first. */
  readonly order: number;
  /** The change's ID; null where nobody can read it. */
  readonly id: string | null;
  /** There where no row was made of it: what was asked for, and the change that was open instead; null where nobody can read the item. */
  readonly skipped?: { readonly item: unknown; readonly open: string | null };
}

export type Database = IDBPDatabase<Schema>;
export type StoreName = StoreNames<Schema>;
export type Writing<Names extends StoreName[]> = IDBPTransaction<Schema, Names, 'readwrite'>;
export type Upgrading = IDBPTransaction<Schema, StoreName[], 'versionchange'>;

/** The stores that the history is kept in. */
export const HISTORY_STORES = [
  'rows',
  'history',
  'damaged',
  'marks',
  'batches',
  'batchItems',
  'outcomes',
  'textBlocks',
] as const;
export type WritingHistory = Writing<[...typeof HISTORY_STORES]>;
