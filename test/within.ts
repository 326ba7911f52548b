/**
 * The one owner of how long a test, in any layer, waits for somebody else: a browser, a service, a process, a request. What is
 * waited for here ends, and its end says in words what did not come.
 */

/** Above the patience that looks have, so that a wait that knows more of what it waited for tells it first. */
export const LIMIT_MS = 60_000;

/**
 * Answers what the promise does, or rejects when it has not come to its end in time.
 * @param what in words, for the error: what was waited for
 */
export async function within<T>(what: string, promise: Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  // Made here, so that its stack leads to who waits.
  const late = new Error(`Waited ${limitMs / 1000} s for ${what}.`);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
