import { BUILT_PROGRAM, buildCommand } from './process';

/** Builds the service's program once for all suites that run it as a process. */
export default async function buildProgram(): Promise<() => Promise<void>> {
  const { main, dispose } = await buildCommand();
  process.env[BUILT_PROGRAM] = main;
  return dispose;
}
