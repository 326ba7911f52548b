import { browser, type Runtime } from '../platform/browser';
import { isGone } from './call';

/** Whether the worker lives, as far as a page can know. */
export interface WorkerWatch {
  /** The worker is about to be asked. */
  asking(): void;
  /** It has answered, or pushed something by itself. */
  heard(): void;
}

/** A worker that nobody asked anything for so long was ended by the browser because it was idle (after 30 s in Chromium 156). */
const IDLE_AFTER_MS = 25_000;
/** The port ends, too, when the extension is replaced; the browser shows that up to a second later (Chromium 156). */
const SURE_AFTER_MS = 1000;
/** One that ended so often in a row before it had answered anything is asked once a minute from then on. */
const ENDS_IN_A_ROW = 20;
const PAUSE_MS = 60_000;

/**
 * Calls `onEnded` a second after the worker has ended, unless the extension was replaced or the signal aborts first. A page hears of
 * that by a port to the worker, which carries nothing. None is opened to a worker that nobody asks anything: that would start it.
 * @param onEnded learns whether the worker was idle, so that its end means nothing
 */
export function watchWorker(onEnded: (idle: boolean) => void, signal: AbortSignal): WorkerWatch {
  let port: Runtime.Port | null = null;
  let busyAt = 0;
  let endsInARow = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function keepPort(): void {
    busyAt = performance.now();
    if (port !== null || signal.aborted || isGone()) return;
    try {
      port = browser.runtime.connect();
    } catch {
      // The extension was replaced, and the browser does not show it yet: the next call says so.
      return;
    }
    port.onDisconnect.addListener(ended);
  }

  function ended(): void {
    port = null;
    const idle = performance.now() - busyAt > IDLE_AFTER_MS;
    clearTimeout(timer);
    timer = setTimeout(() => !isGone() && onEnded(idle), endsInARow < ENDS_IN_A_ROW ? SURE_AFTER_MS : PAUSE_MS);
    endsInARow += 1;
  }

  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    if (!isGone()) port?.disconnect();
  });
  return {
    asking: keepPort,
    heard() {
      endsInARow = 0;
      keepPort();
    },
  };
}
