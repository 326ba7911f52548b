/** Tells how far long work is. */
export interface HowFar {
  /** Says how far the work is, unless something was said a moment ago, or it has hardly begun. */
  readonly say: (line: () => string) => void;
  /** Takes away what stands on the terminal; call it before anything else is said there. */
  readonly end: () => void;
}

/** What it is said on: the standard error, say, be it a terminal or not. */
export interface HowFarOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** On a terminal a line is written over in place; elsewhere each is a line of a log. */
const EVERY_MS = { terminal: 500, lines: 5000 };
const QUICK_MS = 2000;
const TO_THE_START = '\r';
const CLEAR_TO_THE_END = '\x1b[K';

/** Says now and then how far work is, and nothing of what is quick. The clock is in milliseconds. */
export function openHowFar(
  output: HowFarOutput = process.stderr,
  clock: () => number = () => performance.now(),
): HowFar {
  const isTerminal = output.isTTY === true;
  const everyMs = isTerminal ? EVERY_MS.terminal : EVERY_MS.lines;
  let next = clock() + (isTerminal ? QUICK_MS : EVERY_MS.lines);
  let stands = false;
  return {
    say(line) {
      if (clock() < next) return;
      next = clock() + everyMs;
      // A line that wraps could not be written over. A terminal whose size nobody has told has 0 columns.
      const columns = output.columns || 80;
      const text = isTerminal ? line().slice(0, Math.max(columns - 1, 1)) : line();
      output.write(isTerminal ? `${TO_THE_START}${text}${CLEAR_TO_THE_END}` : `${text}\n`);
      stands = isTerminal;
    },
    end() {
      if (stands) output.write(`${TO_THE_START}${CLEAR_TO_THE_END}`);
      stands = false;
    },
  };
}
