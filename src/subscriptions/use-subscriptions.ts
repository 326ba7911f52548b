import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../messaging/call';
import { onNotice } from '../messaging/notices';
import { EMPTY_LIST, type List, reading, withPage, withRecord } from './subscriptions-list';

export interface Subscriptions {
  readonly list: List;
  /** What the worker failed over, when it did. */
  readonly broken: unknown;
  /** Reads the first page again, or the one that failed. */
  readonly again: () => void;
  readonly more: () => void;
}

/**
 * The subscriptions that the service shows for that filter, page by page, kept up with changes made elsewhere in the
 * extension. A late answer for an earlier filter is dropped.
 */
export function useSubscriptions(filter: string): Subscriptions {
  const [list, setList] = useState<List>(EMPTY_LIST);
  const [broken, setBroken] = useState<unknown>(null);
  const run = useRef<AbortController | null>(null);

  const read = async (from: 'start' | 'next') => {
    run.current?.abort();
    const ended = new AbortController();
    run.current = ended;
    setBroken(null);
    setList((known) => reading(known, filter, from));
    try {
      const page = await call('subscriptions.list', { next: from === 'start' ? null : list.next, filter });
      if (!ended.signal.aborted) setList((known) => withPage(known, page, from));
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
    onNotice((notice) => {
      if (notice.changed !== 'subscription' || notice.view.record === null) return;
      const { record } = notice.view;
      setList((known) => withRecord(known, record));
    }, ended.signal);
    return () => ended.abort();
  }, []);

  const furtherFailed = typeof list.state === 'object' && list.next !== null && list.records.length > 0;
  return { list, broken, again: () => read(furtherFailed ? 'next' : 'start'), more: () => read('next') };
}
