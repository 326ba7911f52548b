import type { Change, ChangeEvent, Target } from '../domain/change';
import type { Check, ForeignChange, HistoryFilter, HistoryRow } from '../domain/history';
import type { Partner, PartnerId } from '../domain/partner';
import type { Retention } from '../domain/settings';
import type { Database } from './database';

/** Where a page of the history ended. */
export type Cursor = readonly [order: number, id: string];

export interface HistoryPage {
  readonly rows: readonly HistoryRow[];
  /** Null: there is nothing older. */
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

/** What everybody may read of the history. A row that cannot be read is left out, and never hides the others. */
export interface HistoryReader {
  readChange(id: string): Promise<Change | null>;
  /** The changes that have not ended, in no order. */
  openChanges(): Promise<Change[]>;
  attentionCount(): Promise<number>;
  /** The newest change of a target, open or ended. */
  newestChange(target: Target): Promise<Change | null>;
  latestCheck(partnerId: PartnerId): Promise<Check | null>;
  /** The partners of found checks and done changes, each once, the latest first. */
  partnersUsed(limit: number): Promise<Partner[]>;
  /** Up to `size` rows that pass the filter, newest first, after the cursor. */
  page(filter: HistoryFilter, after: Cursor | null, size: number): Promise<HistoryPage>;
  /** All rows that pass the filter, newest first. */
  all(filter: HistoryFilter): AsyncIterable<HistoryRow>;
  /** How many rows were found damaged and set aside. */
  damagedCount(): Promise<number>;
}

/** The history as the worker writes it. Every write throws {@link StorageFull} when there is no room. */
export interface History extends HistoryReader {
  /** Insert-if-absent in one transaction. `overwrites`: that conflict becomes resolved by this change, in the same transaction. */
  insertChange(change: Change, overwrites: string | null): Promise<Inserted>;
  /** Reads, applies and writes in one transaction. Answers the change as it is afterwards, null when there is none. */
  applyEvent(id: string, event: ChangeEvent): Promise<Change | null>;
  addCheck(check: Check): Promise<void>;
  addForeign(foreign: ForeignChange): Promise<void>;
  /** Removes all ended rows but unanswered conflicts; answers how many. */
  clear(): Promise<number>;
  /** Removes the oldest ended rows beyond the retention, but none that needs attention; answers how many. */
  prune(retention: Retention, now: number): Promise<number>;
}

/** For pages: reads only. */
export function createHistoryReader(_open: () => Promise<Database>): HistoryReader {
  throw new Error('In the making');
}

/** For the worker: writes, and sets damaged rows aside when it meets them. */
export function createHistory(_open: () => Promise<Database>): History {
  throw new Error('In the making');
}
