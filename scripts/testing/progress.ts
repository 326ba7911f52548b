import * as v from 'valibot';
import type { Outcome } from './layer';

/** Names the file that the reporter writes to. */
export const PROGRESS_FILE = 'TEST_PROGRESS_FILE';

const stepSchema = v.variant('kind', [
  v.object({ kind: v.picklist(['fileBegan', 'testBegan']), id: v.string(), name: v.string() }),
  v.object({
    kind: v.picklist(['fileEnded', 'testEnded']),
    id: v.string(),
    name: v.string(),
    /** The file that a test is in; a file is in itself. */
    file: v.string(),
    state: v.string(),
  }),
]);

/** One thing that happened in a run of vitest: a line of the file, written as it happens. */
export type Step = v.InferOutput<typeof stepSchema>;

/**
 * What a run of vitest came to, as far as it has come. A test that did not run, for whatever reason, has failed; so has a file
 * that failed without one of its tests. `underWay` names what had begun and not ended: tests, or files where no test had begun.
 */
export function tally(lines: string): Outcome & { readonly underWay: readonly string[] } {
  const steps = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => v.parse(stepSchema, JSON.parse(line)));
  const ended = steps.flatMap((step) => ('state' in step ? [step] : []));
  const tests = ended.filter(({ kind }) => kind === 'testEnded');
  const failed = tests.filter(({ state }) => state !== 'passed');
  const failedFiles = new Set(failed.map(({ file }) => file));
  const failures = [
    ...failed.map(({ state, name }) => `${state}: ${name}`),
    ...ended
      .filter(({ kind, state, file }) => kind === 'fileEnded' && state !== 'passed' && !failedFiles.has(file))
      .map(({ name }) => `failed outside its tests: ${name}`),
  ];

  const endedIds = new Set(ended.map(({ id }) => id));
  const open = steps.filter((step) => !('state' in step) && !endedIds.has(step.id));
  const openTests = open.filter(({ kind }) => kind === 'testBegan');
  const underWay = (openTests.length > 0 ? openTests : open).map(({ name }) => name);
  return { passed: tests.length - failed.length, failures, underWay };
}
