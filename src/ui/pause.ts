/** Long work lets the browser in after so long: a key is answered well within the tenth of a second in which it seems to be at once. */
const LONGEST_MS = 12;

/**
 * What long work awaits between its slices: most of the time nothing, and the browser's next turn once it has held it for a while.
 * Throws the signal's reason once that is aborted.
 */
export function pauses(signal: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    signal.throwIfAborted();
    if (performance.now() - since < LONGEST_MS) return;
    await nextTurn();
    signal.throwIfAborted();
    since = performance.now();
  };
}

/** A message port's turn comes after keys and presses that wait, and not 4 ms later as a timer's does. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
