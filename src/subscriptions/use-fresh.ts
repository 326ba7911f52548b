import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Failure } from '../domain/failure';
import { isOnItsWay } from '../domain/phase';
import { call } from '../messaging/call';
import type { SubscriptionView } from '../messaging/protocol';
import { type KnownRow, staleRows } from './bulk-plan';
import { type ListReading, nextReading } from './rereading';
import { rowKey } from './row-id';

export interface Fresh {
  /** The rows by what is known of them now. */
  readonly rows: readonly KnownRow[];
  /** How many of those that are read again are read; null: none is. */
  readonly reading: { readonly done: number; readonly total: number } | null;
  /** Reads once more what could not be read; null where there is nothing of the kind. */
  readonly again: (() => void) | null;
}

interface FreshOptions {
  /** What was read before this is read again. Milliseconds since the epoch. */
  readonly since: number;
  /** Whether anything is to be read just now. */
  readonly isWanted: boolean;
  readonly lists: readonly ListReading[];
  readonly onReadList: (connectionId: string) => void;
}

/** What was read of a row by itself, and when. */
interface ReadRow extends Pick<KnownRow, 'state' | 'readAt' | 'failure' | 'isBusy'> {
  readonly at: number;
}

const AT_ONCE = 4;

/** Has rows read again that were read before this opening, by whatever takes fewer requests. */
export function useFresh(known: readonly KnownRow[], { since, isWanted, lists, onReadList }: FreshOptions): Fresh {
  const [read, setRead] = useState<ReadonlyMap<string, ReadRow>>(new Map());
  const [isReading, setReading] = useState(false);
  const tried = useRef(new Set<string>());
  const total = useRef(0);
  const ended = useRef(new AbortController());
  useEffect(() => () => ended.current.abort(), []);

  // Most often none was read by itself, and there may be tens of thousands.
  const rows = useMemo(
    () => (read.size === 0 ? known : known.map((row) => withRead(row, read.get(rowKey(row))))),
    [known, read],
  );
  const stale = useMemo(() => (isWanted ? staleRows(rows, since) : []), [rows, since, isWanted]);
  const failed = useMemo(() => rows.filter(({ failure }) => failure !== null), [rows]);
  total.current = stale.length === 0 ? 0 : Math.max(total.current, stale.length);

  const readRows = async (asked: readonly KnownRow[]) => {
    setReading(true);
    const { signal } = ended.current;
    const waiting = [...asked];
    /** Once nobody is signed in, nothing more is asked at that connection. */
    const walls = new Map<string, Failure>();
    const next = async (): Promise<void> => {
      for (let row = waiting.shift(); row !== undefined && !signal.aborted; row = waiting.shift()) {
        const wall = walls.get(row.connectionId);
        const found: ReadRow = wall === undefined ? await readAnew(row) : { ...row, failure: wall, at: Date.now() };
        if (found.failure?.reason === 'signInNeeded') walls.set(row.connectionId, found.failure);
        const key = rowKey(row);
        if (!signal.aborted) setRead((before) => new Map(before).set(key, found));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    if (!signal.aborted) setReading(false);
  };

  useEffect(() => {
    if (isReading) return;
    const next = nextReading(stale, lists, tried.current);
    switch (next.do) {
      case 'readList':
        tried.current.add(next.connectionId);
        onReadList(next.connectionId);
        break;
      case 'readRows':
        void readRows(next.rows);
        break;
      case 'wait':
      case 'nothing':
        break;
    }
  }, [stale, lists, isReading]);

  const again = () => {
    setRead((before) => {
      const after = new Map(before);
      for (const row of failed) after.set(rowKey(row), { ...row, readAt: null, failure: null, at: Date.now() });
      return after;
    });
  };
  return {
    rows,
    reading: stale.length === 0 ? null : { done: total.current - stale.length, total: total.current },
    again: failed.length === 0 || stale.length > 0 ? null : again,
  };
}

/** The row by what was read of it last: with its list, or by itself. */
function withRead(row: KnownRow, read: ReadRow | undefined): KnownRow {
  if (read === undefined || (row.readAt ?? 0) > read.at) return row;
  const { state, readAt, failure, isBusy } = read;
  return { ...row, state, readAt, failure, isBusy };
}

async function readAnew({ connectionId, subscriptionId, state, readAt }: KnownRow): Promise<ReadRow> {
  try {
    const view = await call('subscription.read', { connectionId, subscriptionId, anew: true });
    return { ...seenIn(view), at: Date.now() };
  } catch {
    // The worker ended meanwhile, or has no storage: it can be tried again.
    return { state, readAt, failure: { reason: 'interrupted' }, isBusy: false, at: Date.now() };
  }
}

function seenIn({ state, readAt, failure, standing }: SubscriptionView): Omit<ReadRow, 'at'> {
  return { state, readAt, failure, isBusy: standing !== null && isOnItsWay(standing.at) };
}
