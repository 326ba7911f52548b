const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Resolves once the process is told to stop, which from then on is for whoever asked to do. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, resolve);
  });
}

/** Answers which signal has told the process to stop since this was called; null while none has. */
export function watchForStop(): () => NodeJS.Signals | null {
  let heard: NodeJS.Signals | null = null;
  stopSignal().then((signal) => {
    heard = signal;
  });
  return () => heard;
}
