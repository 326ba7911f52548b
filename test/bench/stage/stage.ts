import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from '../../within';

/** Another unpacked extension that is measured beside ours. */
export interface Peer {
  readonly name: string;
  readonly folder: string;
}

/** What a subject sets itself up on. */
export interface Stage {
  readonly peers: readonly Peer[];
  /** Makes a folder that goes with the stage. */
  readonly folder: () => Promise<string>;
  /** Ends what was started when the subject is over, however that comes; the last first. */
  readonly keep: <T>(starting: Promise<T>, end: (started: T) => Promise<unknown>) => Promise<T>;
}

/** Above what any of it takes to end. */
const END_LIMIT_MS = 60_000;

/** Lends a stage to the work, and ends all that was started on it afterwards. Throws what the work throws, else what did not end. */
export async function onStage<T>(peers: readonly Peer[], work: (stage: Stage) => Promise<T>): Promise<T> {
  const ends: (() => Promise<unknown>)[] = [];
  const keep: Stage['keep'] = (starting, end) => {
    // What did not start needs no end; why not is told where it was awaited.
    ends.push(() => starting.then(end, () => undefined));
    return starting;
  };
  const folder = () =>
    keep(mkdtemp(join(tmpdir(), 'partner-of-record-bench-')), (path) => rm(path, { recursive: true, force: true }));
  const [worked] = await Promise.allSettled([work({ peers, folder, keep })]);
  const problems: unknown[] = [];
  for (const end of ends.toReversed()) {
    await within('what was started for a subject to end', end(), END_LIMIT_MS).catch((error) => problems.push(error));
  }
  if (worked.status === 'rejected') throw worked.reason;
  if (problems.length > 0) throw problems[0];
  return worked.value;
}
