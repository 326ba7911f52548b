import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../messaging/call';
import { onBroadcast } from '../messaging/broadcasts';
import { type WorkerWatch, watchWorker } from '../messaging/watch-worker';
import { EMPTY_LIST, type List, reading, withListed, withPage } from './subscriptions-list';

/** With the service's largest page, 2,000 subscriptions. */
const PAGES_AT_ONCE = 10;

export interface Subscriptions {
  readonly list: List;
  /** What the worker failed over, when it did. */
  readonly broken: unknown;
  /** Reads the list again from its start, or the page that failed. */
  readonly again: () => void;
  readonly more: () => void;
}

/**
 * The subscriptions that the service shows for that filter, kept up with changes made elsewhere in the extension. Pages are
 * read one after the other, ten at a time. A late answer for an earlier filter is dropped.
 */
export function useSubscriptions(filter: string): Subscriptions {
  // What is read next follows from what was read last, which may not be drawn yet.
  const list = useRef<List>(EMPTY_LIST);
  /** What is being read, which takes the list's place once it is as long: nobody has the rows go that they look at. */
  const coming = useRef<List>(EMPTY_LIST);
  const [, setDrawn] = useState(list.current);
  const [broken, setBroken] = useState<unknown>(null);
  const run = useRef<AbortController | null>(null);
  const watch = useRef<WorkerWatch | null>(null);
  /** Where to begin again after a failure. */
  const failedFrom = useRef<'start' | 'next'>('start');

  // As far as it goes by now.
  const again = (from: 'start' | 'next') =>
    read(from, from === 'next' ? PAGES_AT_ONCE : Math.max(PAGES_AT_ONCE, list.current.followed.length + 1));

  const show = (next: List) => {
    list.current = next;
    setDrawn(next);
  };

  const read = async (from: 'start' | 'next', most = PAGES_AT_ONCE) => {
    run.current?.abort();
    const ended = new AbortController();
    run.current = ended;
    setBroken(null);
    failedFrom.current = 'start';
    coming.current = list.current;
    try {
      for (let pages = 1, step = from; pages <= most; pages++, step = 'next') {
        show(reading(list.current, filter, step));
        coming.current = reading(coming.current, filter, step);
        watch.current?.asking();
        const page = await call('subscriptions.list', { next: step === 'start' ? null : coming.current.next, filter });
        if (ended.signal.aborted) return;
        watch.current?.heard();
        coming.current = withPage(coming.current, page, step);
        const { subscriptions, state, next } = coming.current;
        const isShorter = subscriptions.length < list.current.subscriptions.length;
        if (state !== 'here') {
          // The rows that were not read again are still the last that is known.
          if (step === 'next' && next !== null && !isShorter) failedFrom.current = 'next';
          show(isShorter ? { ...list.current, state } : coming.current);
          return;
        }
        const isLast = next === null || pages === most;
        if (isLast || !isShorter) show(coming.current);
        if (isLast) return;
      }
    } catch (cause) {
      if (!ended.signal.aborted) setBroken(cause);
    }
  };

  useEffect(() => {
    const ended = new AbortController();
    // What the worker was about to tell is lost with it.
    watch.current = watchWorker((idle) => {
      if (idle && list.current.state !== 'reading') return;
      again('start');
    }, ended.signal);
    read('start');
    return () => {
      ended.abort();
      run.current?.abort();
    };
  }, [filter]);
  useEffect(() => {
    const ended = new AbortController();
    onBroadcast((broadcast) => {
      watch.current?.heard();
      // The table is the default connection's.
      if (
        broadcast.changed === 'subscription' &&
        broadcast.connectionId === undefined &&
        broadcast.view.state !== null
      ) {
        const { subscriptionId, state } = broadcast.view;
        coming.current = withListed(coming.current, { subscriptionId, state });
        show(withListed(list.current, { subscriptionId, state }));
      }
      // Somebody signed in elsewhere, or mended the connection: what failed may work now.
      if (broadcast.changed === 'settings' && typeof list.current.state === 'object') again(failedFrom.current);
    }, ended.signal);
    return () => ended.abort();
  }, [filter]);

  return { list: list.current, broken, again: () => again(failedFrom.current), more: () => read('next') };
}
