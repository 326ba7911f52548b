import { expect, it } from 'vitest';
import { runBatchesAtRandom } from './random-run/batches-run';
import { LEAST, runAtRandom } from './random-run/random-run';

const SECONDS = 35;

it('A seeded random run of changes and faults loses nothing and doubles nothing', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  const { changes, kills, restarts, verdict } = await runAtRandom({
    seed,
    seconds: SECONDS,
    pace: 'quick',
    print: console.log,
  });
  expect(verdict).toMatchObject({ lost: [], doubled: [], unexplained: [] });
  // Else it would have shown nothing.
  expect(changes).toBeGreaterThanOrEqual(LEAST.changes);
  expect(kills).toBeGreaterThanOrEqual(LEAST.kills);
  expect(restarts).toBeGreaterThanOrEqual(LEAST.restarts);
}, 480_000);

it('A seeded random run of batches at a slow and a refusing connection loses nothing, doubles nothing, and the slow one holds up nothing of the other', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  // One round.
  const { verdict, rounds, passed, changes, kills } = await runBatchesAtRandom({
    seed,
    seconds: 0,
    print: console.log,
  });
  expect(verdict).toMatchObject({ lost: [], doubled: [], unexplained: [] });
  expect(passed).toBe(rounds);
  // Else it would have shown nothing.
  expect(changes).toBeGreaterThanOrEqual(LEAST.changes);
  expect(kills).toBeGreaterThanOrEqual(LEAST.kills);
}, 480_000);
