/** Shows what long work is at to a person who would else wait in silence. */
export interface Progress {
  /** What is under way from now on, or how far it is. */
  readonly at: (line: () => string) => void;
  /** All is done; the sentence is shown only when something was before. */
  readonly done: (sentence: string) => void;
  /** Takes away what can be taken away of what was shown; call it before anything else is printed there. */
  readonly clear: () => void;
  /** Nothing is shown by itself any more, and what can be is taken away. */
  readonly end: () => void;
}

/** Where progress is shown, and how often. */
export interface ProgressPlace {
  /** Of what is over so soon nothing is shown. */
  readonly quickMs: number;
  /** From one line to the next. */
  readonly everyMs: number;
  readonly show: (line: string) => void;
  readonly clear: () => void;
}

/** An output such as the standard error, be it a terminal or not. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

const TO_THE_START = '\r';
const CLEAR_TO_THE_END = '\x1b[K';

/** For work of a few steps: each is a sentence that stays. */
export function sentencesBy(print: (sentence: string) => void): ProgressPlace {
  return { quickMs: 1000, everyMs: 0, show: print, clear: () => undefined };
}

/** For work that is counted: on a terminal one line that is written over in place; elsewhere each is a line of a log. */
export function lineOn(output: ProgressOutput): ProgressPlace {
  if (output.isTTY !== true) {
    return { quickMs: 5000, everyMs: 5000, show: (line) => output.write(`${line}\n`), clear: () => undefined };
  }
  let stands = false;
  return {
    quickMs: 2000,
    everyMs: 500,
    show(line) {
      // A line that wraps could not be written over. A terminal that does not know its size has 0 columns.
      const columns = output.columns || 80;
      output.write(`${TO_THE_START}${line.slice(0, Math.max(columns - 1, 1))}${CLEAR_TO_THE_END}`);
      stands = true;
    },
    clear() {
      if (stands) output.write(`${TO_THE_START}${CLEAR_TO_THE_END}`);
      stands = false;
    },
  };
}

/**
 * Shows nothing of what is quick; what goes on for longer shows what it is at then, and further lines as they come, as often as the
 * place has it. The clock is in milliseconds.
 */
export function openProgress(
  { quickMs, everyMs, show, clear }: ProgressPlace,
  clock: () => number = () => performance.now(),
): Progress {
  let next = clock() + quickMs;
  let wasShown = false;
  let current: (() => string) | null = null;
  function showCurrent(): void {
    if (current === null) return;
    show(current());
    current = null;
    wasShown = true;
    next = clock() + everyMs;
  }
  function clearCurrent(): void {
    current = null;
    clear();
  }
  const timer = setTimeout(showCurrent, quickMs).unref();
  return {
    at(line) {
      current = line;
      if (clock() >= next) showCurrent();
    },
    done(sentence) {
      current = null;
      if (wasShown) show(sentence);
    },
    clear: clearCurrent,
    end() {
      clearTimeout(timer);
      clearCurrent();
    },
  };
}
