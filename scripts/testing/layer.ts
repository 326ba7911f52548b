/** Takes what a layer says, piece by piece. */
export type Print = (text: string) => void;

/** What a layer, or a part of one, came to. What could not run, or ran nothing, has failed. */
export interface Outcome {
  readonly passed: number;
  /** One line for each thing that failed. */
  readonly failures: readonly string[];
}

/** Ends soon after the signal aborts, and says then what it came to until it was ended. */
export type Part = (print: Print, signal: AbortSignal) => Promise<Outcome>;

export interface Layer {
  readonly name: string;
  readonly parts: readonly Part[];
  /** Far above what it takes on a machine with much else to do: a layer that hangs is ended and has failed. */
  readonly limitMs: number;
}

export interface Result extends Outcome {
  readonly name: string;
  readonly seconds: number;
}

/** What a part may take to end once it was told to. */
const ENDING_MS = 10_000;

/**
 * Runs a layer's parts one after the other, no longer than its limit. A part that throws has failed; what comes after it runs
 * all the same. A part that does not end is told by the layer's name, with all that the others came to.
 * @param untilMs when everything has to have ended, in milliseconds since the epoch
 */
export async function measure(layer: Layer, print: Print, untilMs: number): Promise<Result> {
  const start = performance.now();
  const limitMs = Math.max(Math.min(layer.limitMs, untilMs - Date.now()), 0);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error(`did not end within ${Math.round(limitMs / 1000)} s`)), limitMs);
  let passed = 0;
  const failures: string[] = [];
  for (const part of layer.parts) {
    if (limit.signal.aborted) break;
    try {
      const outcome = await ended(part(print, limit.signal), limit.signal);
      passed += outcome.passed;
      failures.push(...outcome.failures);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  clearTimeout(timer);
  const seconds = (performance.now() - start) / 1000;
  return { name: layer.name, passed, failures: failures.map((failure) => `${layer.name}: ${failure}`), seconds };
}

/** A part's outcome; rejects with the limit's own words when the part does not even end once it was told to. */
function ended(outcome: Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), ENDING_MS), { once: true });
    outcome.then(resolve, reject);
  });
}
