import type { Failure } from '../domain/failure';
import type { ListedSubscription, PartnerState } from '../domain/partner-state';
import { isOnItsWay } from '../domain/phase';
import type { SubscriptionId } from '../domain/subscription';
import type { BatchNews, SubscriptionView } from '../messaging/protocol';
import { type Row, type RowChange, rowChange, rowOf } from './row';

/** How far the reading of a list is. `broken`: the extension itself failed over it. */
export type ListState =
  | { readonly at: 'reading' }
  | { readonly at: 'here' }
  | { readonly at: 'failed'; readonly failure: Failure }
  | { readonly at: 'broken'; readonly cause: unknown };

/** What is known of a connection's list at a moment. */
export interface ListView {
  readonly rows: readonly Row[];
  readonly state: ListState;
  /** How many rows were not read in this reading, and since when the oldest of them is known; null where there is none. */
  readonly kept: { readonly count: number; readonly oldest: number } | null;
  /** When the oldest page of this reading was read; null while none was. */
  readonly readAt: number | null;
}

/** A page that is asked for. */
export interface Asking {
  readonly number: number;
}

/** The list of one connection for one person, as it is put together of what was kept, pages and news. */
export interface List {
  /** What an earlier opening read: it stands until something newer comes. */
  keep(subscriptions: readonly ListedSubscription[], readAt: number): void;
  /** The list is read from its start. */
  begin(): void;
  /** A page is about to be asked for. What is told from now on is newer than that page. */
  asking(): Asking;
  /** That page has come. */
  page(asking: Asking, subscriptions: readonly ListedSubscription[], readAt: number): void;
  /** It was the last: what no page held is gone. */
  end(): void;
  fail(state: Extract<ListState, { at: 'failed' | 'broken' }>): void;
  /** It goes on after a failure. */
  resume(): void;
  /**
   * What was read of storage since that asking: these have changes that have not ended, and no others have, but for what was told
   * meanwhile.
   */
  underWay(asking: Asking, changes: ReadonlyMap<SubscriptionId, RowChange>): void;
  /** A change of many of a subscription has gone on; `state` null: nothing more is known of it. Answers whether it is in the list. */
  went(news: Pick<BatchNews, 'subscriptionId' | 'outcome' | 'state'>): boolean;
  /** The worker tells of a subscription. Answers whether it is in the list. */
  told(view: SubscriptionView): boolean;
  view(): ListView;
}

interface Held {
  readonly row: Row;
  /** The reading in which a page held it; 0: it was kept. */
  readonly run: number;
}

/** What was told of a subscription. */
interface Told {
  /** Null: what was told is older than what the list has. */
  readonly read: { readonly state: PartnerState; readonly readAt: number } | null;
  readonly change: RowChange;
  /** No read tells how its change ends. */
  readonly isOpen: boolean;
  /** How many pages had been asked for by then. */
  readonly asked: number;
}

/** @param now milliseconds since the epoch */
export function createList(connectionId: string, now: () => number): List {
  const held = new Map<SubscriptionId, Held>();
  const told = new Map<SubscriptionId, Told>();
  let run = 0;
  let asked = 0;
  let readAt: number | null = null;
  let state: ListState = { at: 'reading' };
  let shown: ListView | null = null;

  /** Whether it was read before what the list has. A time that is still to come says nothing: the clock was put back since. */
  function isBefore(at: number, held: number | undefined): boolean {
    return held !== undefined && at < held && held <= now();
  }

  /** Whatever is shown from now on is made anew. */
  function alter(next: ListState = state): void {
    state = next;
    shown = null;
  }

  /** Notes what is known of a subscription by another way than a page; answers whether it is in the list. */
  function note(subscriptionId: SubscriptionId, news: Told): boolean {
    told.set(subscriptionId, news);
    const before = held.get(subscriptionId);
    if (before === undefined) return false;
    const { state: shownState, readAt: shownAt } = news.read ?? before.row;
    const row = rowOf(connectionId, { subscriptionId, state: shownState }, shownAt, news.change);
    held.set(subscriptionId, { ...before, row });
    alter();
    return true;
  }

  return {
    keep(subscriptions, at) {
      // Everything that there is has been read since.
      if (state.at === 'here') return;
      for (const listed of subscriptions)
        if (!held.has(listed.subscriptionId))
          held.set(listed.subscriptionId, { row: rowOf(connectionId, listed, at, 'none'), run: 0 });
      alter();
    },

    begin() {
      run += 1;
      readAt = null;
      alter({ at: 'reading' });
    },

    asking() {
      asked += 1;
      return { number: asked };
    },

    page({ number }, subscriptions, at) {
      readAt = Math.min(readAt ?? at, at);
      for (const listed of subscriptions) {
        const { subscriptionId } = listed;
        const since = told.get(subscriptionId);
        const newer = since !== undefined && since.asked >= number ? since : null;
        const change = newer !== null || since?.isOpen ? (since?.change ?? 'none') : 'none';
        const { state: newest, readAt: newestAt } = newer?.read ?? { state: listed.state, readAt: at };
        held.set(subscriptionId, {
          row: rowOf(connectionId, { subscriptionId, state: newest }, newestAt, change),
          run,
        });
      }
      alter();
    },

    end() {
      for (const [id, { run: seen }] of held) if (seen !== run) held.delete(id);
      alter({ at: 'here' });
    },

    fail: alter,
    resume: () => alter({ at: 'reading' }),

    underWay({ number }, changes) {
      for (const [id, before] of told)
        if (before.isOpen && before.asked < number && !changes.has(id))
          note(id, { ...before, read: null, change: 'none', isOpen: false });
      for (const [id, change] of changes) {
        const before = told.get(id) ?? { asked: 0 };
        if (before.asked < number) note(id, { ...before, read: null, change, isOpen: true });
      }
    },

    went({ subscriptionId, outcome, state: newest }) {
      const read = newest === undefined ? null : { state: newest, readAt: now() };
      const change = outcome === 'unknown' ? 'outcomeUnknown' : outcome === 'open' ? 'open' : 'none';
      return note(subscriptionId, { read, change, isOpen: outcome === 'open', asked });
    },

    told({ subscriptionId, state: newest, readAt: at, standing }) {
      const before = held.get(subscriptionId);
      const read =
        newest === null || at === null || isBefore(at, before?.row.readAt) ? null : { state: newest, readAt: at };
      const isOpen = standing !== null && isOnItsWay(standing.at);
      return note(subscriptionId, { read, change: rowChange(standing), isOpen, asked });
    },

    view() {
      shown ??= viewOf([...held.values()], run, state, readAt);
      return shown;
    },
  };
}

function viewOf(held: readonly Held[], run: number, state: ListState, readAt: number | null): ListView {
  let [count, oldest] = [0, Number.POSITIVE_INFINITY];
  for (const { row, run: seen } of held) {
    if (seen === run) continue;
    count += 1;
    oldest = Math.min(oldest, row.readAt);
  }
  return { rows: held.map(({ row }) => row), state, kept: count === 0 ? null : { count, oldest }, readAt };
}
