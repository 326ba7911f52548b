/** Does it at once, and, however often it is asked for, no more than once in so many milliseconds. */
export function createPaced(work: () => void, everyMs: number, signal: AbortSignal): () => void {
  let isWaiting = false;
  let notBefore = Number.NEGATIVE_INFINITY;
  const run = () => {
    isWaiting = false;
    if (signal.aborted) return;
    notBefore = performance.now() + everyMs;
    work();
  };
  return () => {
    if (isWaiting || signal.aborted) return;
    isWaiting = true;
    setTimeout(run, Math.max(0, notBefore - performance.now()));
  };
}
