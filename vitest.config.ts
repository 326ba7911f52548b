import { defineConfig } from 'vitest/config';

/** Both test transform and build use preact's automatic JSX runtime. */
const oxc = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const;

export default defineConfig({
  test: {
    projects: [
      {
        oxc,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: ['test/unit/storage/**'],
        },
      },
      {
        oxc,
        test: { name: 'jsdom', include: ['test/unit/**/*.test.tsx'], environment: 'jsdom' },
      },
      {
        oxc,
        test: { name: 'storage', include: ['test/unit/storage/**/*.test.ts'], setupFiles: ['fake-indexeddb/auto'] },
      },
      {
        test: { name: 'server', include: ['test/server/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 60_000 },
      },
      {
        test: { name: 'build', include: ['test/build/**/*.test.ts'] },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
