/**
 * What work leads to, waited for until a limit's end; the work itself goes on.
 * @throws the limit's reason once it has ended
 */
export async function within<T>(limit: AbortSignal, work: Promise<T>): Promise<T> {
  const waited = new AbortController();
  const end = new Promise<never>((_resolve, reject) => {
    if (limit.aborted) reject(limit.reason);
    limit.addEventListener('abort', () => reject(limit.reason), { signal: waited.signal });
  });
  try {
    return await Promise.race([end, work]);
  } finally {
    waited.abort();
  }
}
