const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Lets a signal end the process at once for as long as nobody waits for one by {@link stopSignal}. That is what a system does by
 * itself, but for process 1 of a container: to it Linux gives no signal that nobody listens for.
 */
export function letSignalsEnd(): void {
  if (process.pid === 1) for (const signal of STOP_SIGNALS) process.on(signal, end);
}

function end(_signal: NodeJS.Signals, number: number): void {
  // As a shell counts the end by a signal.
  process.exit(128 + number);
}

/** Resolves once a signal is to stop the process, which from then on is for whoever asked to do. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) {
      process.off(signal, end);
      process.once(signal, resolve);
    }
  });
}

/** Answers which signal came to stop the process since this was called; null while none did. */
export function watchForStop(): () => NodeJS.Signals | null {
  let heard: NodeJS.Signals | null = null;
  stopSignal().then((signal) => {
    heard = signal;
  });
  return () => heard;
}
