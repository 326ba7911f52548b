import { parseArgs } from 'node:util';
import { runAtRandom } from '../test/e2e/random-run/random-run';

/** A long seeded random run over what `npm run build` wrote: `npm run soak -- --minutes N [--seed S]`. */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new Error('Usage: npm run soak -- --minutes N [--seed S]');

const { verdict } = await runAtRandom({
  seed,
  seconds: minutes * 60,
  pace: 'real',
  print: (line) => console.log(line),
});
const problems = verdict.lost.length + verdict.doubled.length + verdict.unexplained.length;
process.exitCode = problems === 0 ? 0 : 1;
