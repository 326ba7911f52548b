import { parseArgs } from 'node:util';
import loadDemo from '../test/e2e/harness/loaded-demo';
import { runBatchesAtRandom } from '../test/e2e/random-run/batches-run';
import { runAtRandom } from '../test/e2e/random-run/random-run';
import type { Verdict } from '../test/e2e/random-run/verdict';

/**
 * Long seeded random runs over what `npm run build` wrote, of changes one by one for half of the time, and of batches at two
 * connections for the other half: `npm run soak -- --minutes N [--seed S] [--only changes|batches]`.
 */

const USAGE = 'Usage: npm run soak -- --minutes N [--seed S] [--only changes|batches]';
const RUNS = ['changes', 'batches'] as const;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const runs = RUNS.filter((run) => values.only === undefined || values.only === run);
if (!(minutes > 0) || !Number.isSafeInteger(seed) || runs.length === 0) throw new Error(USAGE);

const seconds = (minutes * 60) / runs.length;
const print = (line: string) => console.log(line);
const problemsOf = ({ lost, doubled, unexplained }: Verdict) => lost.length + doubled.length + unexplained.length;
let problems = 0;
const unload = await loadDemo();
try {
  for (const run of runs) {
    if (run === 'changes') {
      const { verdict } = await runAtRandom({ seed, seconds, pace: 'real', print });
      problems += problemsOf(verdict);
    } else {
      const { verdict, rounds, passed } = await runBatchesAtRandom({ seed, seconds, print });
      problems += problemsOf(verdict) + (rounds - passed);
    }
  }
} finally {
  await unload();
}
process.exitCode = problems === 0 ? 0 : 1;
