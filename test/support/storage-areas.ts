import type { Storage } from '../../src/platform/browser';

type Values = Record<string, unknown>;
type Listener = (changes: Record<string, Storage.StorageChange>, area: string) => void;

/** The browser's `storage`, kept in memory: what goes in is copied, as the browser does, and changes are told. */
export function createStorageAreas() {
  const listeners = new Set<Listener>();

  function area(name: string) {
    const values = new Map<string, unknown>();
    const tell = (changes: Record<string, Storage.StorageChange>): void => {
      for (const listener of listeners) listener(changes, name);
    };
    return {
      async get(keys: string | string[] | null): Promise<Values> {
        const wanted = keys === null ? [...values.keys()] : [keys].flat().filter((key) => values.has(key));
        return Object.fromEntries(wanted.map((key) => [key, structuredClone(values.get(key))]));
      },
      async set(items: Values): Promise<void> {
        for (const [key, value] of Object.entries(items)) values.set(key, structuredClone(value));
        tell(Object.fromEntries(Object.entries(items).map(([key, newValue]) => [key, { newValue }])));
      },
      async remove(keys: string | string[]): Promise<void> {
        for (const key of [keys].flat()) values.delete(key);
        tell(Object.fromEntries([keys].flat().map((key) => [key, {}])));
      },
      /** Everything in it, for a look. */
      everything: (): Values => Object.fromEntries(values),
    };
  }

  return {
    local: area('local'),
    session: area('session'),
    managed: area('managed'),
    onChanged: {
      addListener: (listener: Listener) => listeners.add(listener),
      removeListener: (listener: Listener) => listeners.delete(listener),
    },
  };
}
