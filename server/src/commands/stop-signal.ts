import { print } from './terminal';

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

/** A terminal signals every process of its group, and npm passes that signal on: one Ctrl+C comes twice, within this time. */
const ONE_WISH_MS = 1000;

/**
 * Resolves once a signal asks the process to stop; whoever called this then stops it. Another signal more than a second later is from
 * somebody who waits no longer, and ends the process at once.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    const hear = (signal: NodeJS.Signals, number: number): void => {
      askedAt ??= performance.now();
      resolve(signal);
      if (performance.now() - askedAt <= ONE_WISH_MS) return;
      print(`${signal} came again, so what was still under way is not finished.`);
      end(signal, number);
    };
    for (const signal of STOP_SIGNALS) {
      process.off(signal, end);
      process.on(signal, hear);
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
