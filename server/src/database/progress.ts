/** Tells what is under way to a person who would else wait in silence. */
export interface Progress {
  /** Something begins. */
  readonly step: (sentence: string) => void;
  /** All is done; the sentence is told only when a step was. */
  readonly done: (sentence: string) => void;
  /** Nothing is told any more. */
  readonly end: () => void;
}

const QUICK_MS = 1000;

/** Nothing is told of what is over within a second; what goes on for longer tells its step then, and each further one as it begins. */
export function createProgress(tell: (sentence: string) => void): Progress {
  let current: string | null = null;
  let isLong = false;
  let told = false;
  const say = () => {
    if (!isLong || current === null) return;
    told = true;
    tell(current);
    current = null;
  };
  const timer = setTimeout(() => {
    isLong = true;
    say();
  }, QUICK_MS).unref();
  return {
    step(sentence) {
      current = sentence;
      say();
    },
    done(sentence) {
      if (told) tell(sentence);
    },
    end: () => clearTimeout(timer),
  };
}
