import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './test/patience.ts';
import { LongestFirst } from './test/setup/longest-first.ts';

/** Both test transform and build use preact's automatic JSX runtime. */
const oxc = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const;

/** How long a test looks again for what it polls. */
const patient = { expect: { poll: { timeout: PATIENCE_MS } }, setupFiles: ['test/setup/patient-wait-for.ts'] };
const WORDS = 'test/setup/words.ts';
/** Nothing takes this long but a hang, or a machine with much else to do: a wait that hangs tells itself before. */
const limited = { ...patient, testTimeout: 300_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        oxc,
        test: {
          ...limited,
          name: 'unit',
          pool: 'threads',
          include: ['test/unit/**/*.test.ts'],
          exclude: ['test/unit/storage/**'],
          setupFiles: [...limited.setupFiles, WORDS],
        },
      },
      {
        oxc,
        test: {
          ...limited,
          name: 'jsdom',
          pool: 'threads',
          include: ['test/unit/**/*.test.tsx'],
          environment: 'jsdom',
          setupFiles: [...limited.setupFiles, WORDS, 'test/setup/after-effects.ts', 'test/setup/scrolling.ts'],
        },
      },
      {
        oxc,
        test: {
          ...limited,
          name: 'storage',
          pool: 'threads',
          include: ['test/unit/storage/**/*.test.ts'],
          setupFiles: [...limited.setupFiles, WORDS, 'fake-indexeddb/auto'],
        },
      },
      {
        test: {
          ...limited,
          name: 'server',
          include: ['test/server/**/*.test.ts'],
          // Nothing is kept from one file to the next, and PGlite takes its time to load and to compile.
          isolate: false,
          globalSetup: ['test/server/support/built-program.ts', 'test/server/support/made-database.ts'],
        },
      },
      {
        test: { ...limited, name: 'firefox', include: ['test/firefox/**/*.test.ts'] },
      },
      {
        test: { ...limited, name: 'build', include: ['test/build/**/*.test.ts'] },
      },
      {
        test: {
          ...limited,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // The harness keeps nothing from one file to the next, and Playwright takes a second to load.
          isolate: false,
          globalSetup: 'test/e2e/harness/loaded-demo.ts',
        },
      },
    ],
  },
});
