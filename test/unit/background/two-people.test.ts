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
/** `npm run soak:people` goes through 200. */
const SEQUENCES = Number(process.env['SEQUENCES'] ?? 60);
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
    for (let number = 1; number <= SEQUENCES; number += 1) {
      const one = await runSequence(`${SEED}-${number}`, provider);
      ran.push(one);
      expect(one.breaches, `SEED=${SEED}, sequence ${number}: ${one.did.join(', ')}`).toEqual([]);
    }
    const sum = (what: keyof Ran['counts']) => ran.reduce((total, { counts }) => total + counts[what], 0);
    const total = {
      writes: sum('writes'),
      keptBack: sum('keptBack'),
      adopted: sum('adopted'),
      deaths: sum('deaths'),
      asked: sum('asked'),
      missing: sum('missing'),
    };
    console.info(`${SEQUENCES} sequences in ${(Date.now() - started) / 1000} s`, total);
    // What was drawn went where it matters.
    for (const [what, count] of Object.entries(total)) expect(count, what).toBeGreaterThan(SEQUENCES / 20);
  },
  LIMIT_MS,
);
