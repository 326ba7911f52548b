/**
 * Web Locks as far as the extension uses them: exclusive, first come first served, released when the callback settles.
 * `drop` is what the browser does when a worker dies: its locks are released, its requests forgotten.
 */
export function createLocks(): {
  request<T>(name: string, callback: () => Promise<T>): Promise<T>;
  query(): Promise<{ held: { name: string }[] }>;
  drop(): void;
} {
  let tails = new Map<string, Promise<unknown>>();
  const held = new Set<string>();
  return {
    async request(name, callback) {
      const mine = tails;
      const before = mine.get(name) ?? Promise.resolve();
      const granted = before.then(() => {
        if (mine !== tails) return new Promise<never>(() => undefined);
        held.add(name);
        return callback().finally(() => held.delete(name));
      });
      mine.set(
        name,
        granted.catch(() => undefined),
      );
      return granted;
    },
    query: async () => ({ held: [...held].map((name) => ({ name })) }),
    drop() {
      held.clear();
      tails = new Map();
    },
  };
}
