import { within } from '../../test/within';

/** One counterpart, or one kind of thing, that is tried. */
export interface Subject {
  readonly name: string;
  /** What it may take, without its installation. */
  readonly limitMs: number;
  /** Has what it needs and is not here installed. Throws an Error that says what is missing. */
  readonly install: () => Promise<void>;
  readonly prove: (proof: Proof) => Promise<void>;
}

/** What a subject does its trying with. */
export interface Proof {
  /** Says what is tried, with its version as it says it itself. */
  readonly tried: (version: string) => void;
  /**
   * Tries one thing. What the trial answers is told behind the words; what it throws is why the thing failed, and the subject
   * goes on with the next.
   */
  readonly holds: (what: string, trial: () => Promise<string | undefined>) => Promise<void>;
  /** Stops what was started when the subject is over, however that comes; the last first. */
  readonly keep: <T extends Stoppable>(starting: Promise<T>) => Promise<T>;
}

interface Stoppable {
  readonly stop: () => Promise<void>;
}

/** What became of a subject. */
export interface Report {
  readonly name: string;
  /** Empty when it could not be had. */
  readonly versions: readonly string[];
  readonly held: readonly Held[];
  readonly failed: readonly Failure[];
  readonly seconds: number;
}

interface Held {
  readonly what: string;
  /** What the trial told of it; '' when nothing. */
  readonly how: string;
}

interface Failure {
  readonly what: string;
  readonly why: string;
}

/** For packages that come over a slow network. */
const INSTALL_LIMIT_MS = 600_000;
/** Above what any of them takes to stop. */
const STOP_LIMIT_MS = 60_000;

/** Tries a subject, within its limit, and ends all that it started. Does not throw: what went wrong is in the report. */
export async function report({ name, limitMs, install, prove }: Subject): Promise<Report> {
  const began = performance.now();
  const versions: string[] = [];
  const held: Held[] = [];
  const failed: Failure[] = [];
  const stops: (() => Promise<void>)[] = [];

  async function holds(what: string, trial: () => Promise<string | undefined>): Promise<void> {
    try {
      held.push({ what, how: (await trial()) ?? '' });
    } catch (error) {
      failed.push({ what, why: sentenceOf(error) });
    }
  }

  function keep<T extends Stoppable>(starting: Promise<T>): Promise<T> {
    // What did not start needs no stop; why not is told where it was awaited.
    stops.push(() =>
      starting.then(
        ({ stop }) => stop(),
        () => undefined,
      ),
    );
    return starting;
  }

  try {
    await within(`${name} to be installed`, install(), INSTALL_LIMIT_MS);
    await within(
      `${name} to come to its end`,
      prove({ tried: (version) => versions.push(version), holds, keep }),
      limitMs,
    );
  } catch (error) {
    failed.push({
      what: versions.length === 0 ? 'it could not be started' : 'it came to its end',
      why: sentenceOf(error),
    });
  }
  for (const stop of stops.toReversed()) {
    await within(`what was started for ${name} to stop`, stop(), STOP_LIMIT_MS).catch((error: unknown) => {
      failed.push({ what: 'it stops', why: sentenceOf(error) });
    });
  }
  return { name, versions, held, failed, seconds: (performance.now() - began) / 1000 };
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
}
