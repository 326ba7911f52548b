import { appendFileSync } from 'node:fs';
import type { Reporter } from 'vitest/node';
import { PROGRESS_FILE, type Step } from './progress';

/** Writes each step of a run as it happens, so that a run that hangs and is ended leaves its counts, and what it hung in. */
export default function progressReporter(): Reporter {
  const file = process.env[PROGRESS_FILE];
  if (file === undefined) throw new Error(`${PROGRESS_FILE} names no file`);
  const write = (step: Step) => appendFileSync(file, `${JSON.stringify(step)}\n`);
  return {
    onTestModuleStart: ({ id, relativeModuleId }) => write({ kind: 'fileBegan', id, name: relativeModuleId }),
    onTestCaseReady: ({ id, fullName }) => write({ kind: 'testBegan', id, name: fullName }),
    onTestCaseResult: (test) =>
      write({
        kind: 'testEnded',
        id: test.id,
        name: test.fullName,
        file: test.module.id,
        state: test.result().state,
      }),
    onTestModuleEnd: (module) =>
      write({
        kind: 'fileEnded',
        id: module.id,
        name: module.relativeModuleId,
        file: module.id,
        state: module.state(),
      }),
  };
}
