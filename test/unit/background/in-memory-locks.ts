/**
 * Web Locks as far as the engine uses them: exclusive, first come first served, released when the callback settles.
 * `drop` is what the browser does when a worker dies: its locks are released, its requests forgotten.
 */
export function createLocks(): { request<T>(name: string, callback: () => Promise<T>): Promise<T>; drop(): void } {
  let tails = new Map<string, Promise<unknown>>();
  return {
    async request(name, callback) {
      const mine = tails;
      const before = mine.get(name) ?? Promise.resolve();
      const granted = before.then(() => (mine === tails ? callback() : new Promise<never>(() => undefined)));
      mine.set(
        name,
        granted.catch(() => undefined),
      );
      return granted;
    },
    drop() {
      tails = new Map();
    },
  };
}
