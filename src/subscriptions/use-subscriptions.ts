import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../messaging/call';
import { onBroadcast } from '../messaging/broadcasts';
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
  const [, setDrawn] = useState(list.current);
  const [broken, setBroken] = useState<unknown>(null);
  const run = useRef<AbortController | null>(null);

  const again = () => {
    const { state, next, subscriptions } = list.current;
    const furtherFailed = typeof state === 'object' && next !== null && subscriptions.length > 0;
    read(furtherFailed ? 'next' : 'start');
  };

  const show = (next: List) => {
    list.current = next;
    setDrawn(next);
  };

  const read = async (from: 'start' | 'next') => {
    run.current?.abort();
    const ended = new AbortController();
    run.current = ended;
    setBroken(null);
    try {
      for (let pages = 0, step = from; pages < PAGES_AT_ONCE; pages++, step = 'next') {
        show(reading(list.current, filter, step));
        const page = await call('subscriptions.list', { next: step === 'start' ? null : list.current.next, filter });
        if (ended.signal.aborted) return;
        show(withPage(list.current, page, step));
        if (list.current.state !== 'here' || list.current.next === null) return;
      }
    } catch (cause) {
      if (!ended.signal.aborted) setBroken(cause);
    }
  };

  useEffect(() => {
    read('start');
    return () => run.current?.abort();
  }, [filter]);
  useEffect(() => {
    const ended = new AbortController();
    onBroadcast((broadcast) => {
      // The table is the default connection's.
      if (
        broadcast.changed === 'subscription' &&
        broadcast.connectionId === undefined &&
        broadcast.view.state !== null
      ) {
        const { subscriptionId, state } = broadcast.view;
        show(withListed(list.current, { subscriptionId, state }));
      }
      // Somebody signed in elsewhere, or mended the connection: what failed may work now.
      if (broadcast.changed === 'settings' && typeof list.current.state === 'object') again();
    }, ended.signal);
    return () => ended.abort();
  }, [filter]);

  return { list: list.current, broken, again, more: () => read('next') };
}
