import { useLayoutEffect, useState } from 'preact/hooks';
import { type LinkTarget, targetKey } from '../domain/target';
import { onBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import type { TenantRow, TenantsAnswer } from '../messaging/protocol';
import type { Live } from '../ui/use-live';
import { keyOfRow } from './rows';

/** So many rows are asked for at once. */
const MOST_ROWS = 1000;

/** The tenants of a connection's accounts, kept up with what the worker tells: of some links, only their rows are asked for. */
export function useTenants(connectionId: string): Live<TenantsAnswer> {
  const [live, setLive] = useState<Live<TenantsAnswer>>({ state: 'reading' });
  useLayoutEffect(() => {
    const ended = new AbortController();
    const changed = new Map<string, LinkTarget>();
    let list: TenantsAnswer | null = null;
    let isStale = true;
    let isReading = false;

    async function readNext(): Promise<TenantsAnswer> {
      if (isStale || list === null) {
        isStale = false;
        changed.clear();
        return call('tenants.list', { connectionId });
      }
      const some = [...changed].slice(0, MOST_ROWS);
      for (const [key] of some) changed.delete(key);
      return withRows(list, await call('tenants.rows', { targets: some.map(([, target]) => target) }));
    }

    async function read(): Promise<void> {
      if (isReading) return;
      isReading = true;
      while (!ended.signal.aborted && (isStale || changed.size > 0)) {
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
      if (broadcast.changed === 'settings') isStale = true;
      else if (broadcast.changed === 'links') {
        for (const target of broadcast.targets)
          if (target.connectionId === connectionId) changed.set(targetKey(target), target);
      } else return;
      void read();
    }, ended.signal);
    void read();
    return () => ended.abort();
  }, [connectionId]);
  return live;
}

/** The list with other rows in the places of those of the same keys; those that are as they were stay the same. */
export function withRows(list: TenantsAnswer, rows: readonly TenantRow[]): TenantsAnswer {
  const byKey = new Map(rows.map((row) => [keyOfRow(row), row]));
  return { ...list, rows: list.rows.map((row) => byKey.get(keyOfRow(row)) ?? row) };
}
