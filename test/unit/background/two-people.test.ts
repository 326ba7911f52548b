import 'fake-indexeddb/auto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startIdentityProvider, type TestProvider } from '../../server/support/identity-provider';
import { CLIENT_ID, REDIRECT } from './two-people/profile';
import { type Ran, runSequence } from './two-people/sequence';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));
vi.mock('../../../src/storage/database', async (original) => {
  const real = await original<typeof import('../../../src/storage/database')>();
  const { step } = await import('./two-people/life');
  // Opening it is a step out of the worker's life, so that the dead write nothing.
  return { ...real, createDatabase: (onBlocked: () => void) => step(real.createDatabase(onBlocked)) };
});

/** Drawn anew for every run, unless it is repeated. */
const SEED = process.env['SEED'] ?? String(Date.now() % 1_000_000);
/**
 * `npm run soak:people` goes through 200. These are enough for each thing that matters to happen, which the test sees to, and each run
 * draws others.
 */
const SEQUENCES = Number(process.env['SEQUENCES'] ?? 15);
/** How often each thing has to have happened that matters, and how many sequences are drawn at most for that. */
const ENOUGH = SEQUENCES / 20;
const MOST_SEQUENCES = 5 * SEQUENCES;
/** With much else on the machine. */
const LIMIT_MS = 10 * 60_000;

let provider: TestProvider;

beforeAll(async () => {
  const client = { client_id: CLIENT_ID, token_endpoint_auth_method: 'none' } as const;
  provider = await startIdentityProvider({
    clients: [{ ...client, redirect_uris: [REDIRECT], grant_types: ['authorization_code', 'refresh_token'] }],
  });
});
afterAll(() => provider.stop());

test(
  'two people in one profile: no request of a change ever carries the token of somebody whose change it is not',
  async () => {
    console.info(`SEED=${SEED}`);
    const ran: Ran[] = [];
    const started = Date.now();
    const sum = (what: keyof Ran['counts']) => ran.reduce((total, { counts }) => total + counts[what], 0);
    const counted = () => ({
      writes: sum('writes'),
      keptBack: sum('keptBack'),
      adopted: sum('adopted'),
      deaths: sum('deaths'),
      asked: sum('asked'),
      missing: sum('missing'),
    });
    // What is drawn has to go where it matters: a rare thing comes too seldom in some runs, which then go on.
    const isEnough = () => ran.length >= SEQUENCES && Object.values(counted()).every((count) => count > ENOUGH);
    while (!isEnough() && ran.length < MOST_SEQUENCES) {
      const number = ran.length + 1;
      const one = await runSequence(`${SEED}-${number}`, provider);
      ran.push(one);
      expect(one.breaches, `SEED=${SEED}, sequence ${number}: ${one.did.join(', ')}`).toEqual([]);
    }
    console.info(`${ran.length} sequences in ${(Date.now() - started) / 1000} s`, counted());
    for (const [what, count] of Object.entries(counted())) expect(count, what).toBeGreaterThan(ENOUGH);
  },
  LIMIT_MS,
);
