/** So many are printed. */
const MOST_PRINTED = 50;

/** What is wrong with a file: the first problems, and how many there are in all. */
export interface Problems {
  readonly add: (problem: string) => void;
  readonly count: () => number;
  /** A line for each of the first, indented, and one that counts the others. */
  readonly text: () => string;
}

/** Gathers problems: the first ones are kept, the others only counted. */
export function gatherProblems(): Problems {
  const first: string[] = [];
  let count = 0;
  return {
    add(problem) {
      count += 1;
      if (first.length < MOST_PRINTED) first.push(problem);
    },
    count: () => count,
    text() {
      const more = count > first.length ? [`and ${(count - first.length).toLocaleString('en-US')} more.`] : [];
      return [...first, ...more].map((line) => `  ${line}`).join('\n');
    },
  };
}
