const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Resolves once a signal is to stop the process, which from then on is for whoever asked to do. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, resolve);
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
