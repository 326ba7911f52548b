import { parseArgs } from 'node:util';
import { FAULTS } from '../test/server/faults/faults';
import { openGround, WAYS, type Way } from '../test/server/faults/ground';
import { runRound } from '../test/server/faults/round';
import { buildCommand } from '../test/server/support/process';

/**
 * Every way in which the database can go away, again and again, under a service at work:
 * `npm run soak:service -- [--rounds N] [--fault TEXT]`. Ends with 0 when nothing was lost, doubled or answered otherwise than it may be.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, fault: { type: 'string', default: '' } },
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  throw new Error('Usage: npm run soak:service -- [--rounds N] [--fault TEXT]');
}

/** The figures of one fault on one way, over all its rounds. */
interface Line {
  readonly what: string;
  rounds: number;
  failed: number;
  done: number;
  unavailable: number;
  mails: number;
  slowestMs: number;
  longestMailPauseMs: number;
}

const { main, dispose } = await buildCommand();
try {
  // Each comes to its own end, so that no server of it is left behind.
  const outcomes = await Promise.allSettled(WAYS.map((way) => soak(way)));
  const lines = outcomes.flatMap((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  console.log(
    '\nfault | rounds | failed | changes answered 200 | answers 503 | mails | slowest answer | longest pause of mails',
  );
  for (const line of lines) {
    const { what, failed, done, unavailable, mails, slowestMs, longestMailPauseMs } = line;
    console.log(
      [what, line.rounds, failed, done, unavailable, mails, seconds(slowestMs), seconds(longestMailPauseMs)].join(
        ' | ',
      ),
    );
  }
  process.exitCode = lines.every(({ failed }) => failed === 0) ? 0 : 1;
} finally {
  await dispose();
}

async function soak(way: Way): Promise<Line[]> {
  const ground = await openGround(way);
  try {
    const faults = FAULTS.filter(
      ({ name, onlyPooled }) => name.includes(values.fault) && (!onlyPooled || ground.pooler),
    );
    const lines: Line[] = [];
    for (const fault of faults) {
      const line: Line = {
        what: `${way}, ${fault.name}`,
        rounds,
        failed: 0,
        done: 0,
        unavailable: 0,
        mails: 0,
        slowestMs: 0,
        longestMailPauseMs: 0,
      };
      for (let round = 0; round < rounds; round++) {
        const result = await runRound(main, ground, fault, round);
        line.failed += result.problems.length === 0 ? 0 : 1;
        line.done += result.done;
        line.unavailable += result.unavailable;
        line.mails += result.mails;
        line.slowestMs = Math.max(line.slowestMs, result.slowestMs);
        line.longestMailPauseMs = Math.max(line.longestMailPauseMs, result.longestMailPauseMs);
        console.log(
          `${line.what}, round ${round + 1}: ${result.problems.join('; ') || `${result.done} changes, well`}`,
        );
      }
      lines.push(line);
    }
    return lines;
  } finally {
    await ground.close();
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
