import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type LinkTarget, targetKey } from '../domain/target';
import { onBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import type { TenantRow, TenantsAnswer } from '../messaging/protocol';
import type { Live } from '../ui/use-live';
import { keyOfRow } from './rows';

/** So many rows are asked for at once. */
const MOST_ROWS = 1000;

/** The tenants of a connection's accounts, kept up with what the worker tells: of some links, only their rows are asked for. */
export function useTenants(connectionId: string): {
  readonly list: Live<TenantsAnswer>;
  readonly readAnew: () => void;
} {
  const [live, setLive] = useState<Live<TenantsAnswer>>({ state: 'reading' });
  const anew = useRef<(() => void) | null>(null);
  useLayoutEffect(() => {
    const ended = new AbortController();
    const changed = new Map<string, LinkTarget>();
    let list: TenantsAnswer | null = null;
    /** `anew`: the person wants to know which tenants there are by now. */
    let stale: 'no' | 'yes' | 'anew' = 'yes';
    let isReading = false;

    async function readNext(): Promise<TenantsAnswer> {
      if (stale !== 'no' || list === null) {
        const isWanted = stale === 'anew';
        stale = 'no';
        changed.clear();
        return withFailed(list, await call('tenants.list', { connectionId, anew: isWanted }));
      }
      const some = [...changed].slice(0, MOST_ROWS);
      for (const [key] of some) changed.delete(key);
      return withRows(list, await call('tenants.rows', { targets: some.map(([, target]) => target) }));
    }

    async function read(): Promise<void> {
      if (isReading) return;
      isReading = true;
      while (!ended.signal.aborted && (stale !== 'no' || changed.size > 0)) {
        try {
          list = await readNext();
          if (!ended.signal.aborted) setLive({ state: 'here', value: list });
        } catch (cause) {
          if (!ended.signal.aborted) setLive({ state: 'failed', cause });
          // What comes next reads all of it.
          list = null;
          changed.clear();
        }
      }
      isReading = false;
    }

    onBroadcast((broadcast) => {
      if (broadcast.changed === 'settings') stale = stale === 'anew' ? stale : 'yes';
      else if (broadcast.changed === 'links') {
        for (const target of broadcast.targets)
          if (target.connectionId === connectionId) changed.set(targetKey(target), target);
      } else return;
      void read();
    }, ended.signal);
    anew.current = () => {
      stale = 'anew';
      void read();
    };
    void read();
    return () => ended.abort();
  }, [connectionId]);
  const readAnew = useCallback(() => anew.current?.(), []);
  return { list: live, readAnew };
}

/** The next list, with the rows that were there of accounts whose tenants could not be read now. */
export function withFailed(before: TenantsAnswer | null, next: TenantsAnswer): TenantsAnswer {
  const failed = new Set(next.failures.map(({ account }) => account.user));
  const kept = (before?.rows ?? []).filter(({ account }) => failed.has(account.user));
  return kept.length === 0 ? next : { ...next, rows: [...next.rows, ...kept] };
}

/** The list with other rows in the places of those of the same keys; those that are as they were stay the same. */
export function withRows(list: TenantsAnswer, rows: readonly TenantRow[]): TenantsAnswer {
  const byKey = new Map(rows.map((row) => [keyOfRow(row), row]));
  return { ...list, rows: list.rows.map((row) => byKey.get(keyOfRow(row)) ?? row) };
}
