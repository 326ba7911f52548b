import { type RefusalCode, REFUSALS } from './refusals';

interface RefusalExtras {
  /** Said instead of the code's own sentence, by who knows more of it: one that stands beside the code in {@link REFUSALS}. */
  readonly sentence?: string;
  /** The part of the request that is at fault, such as a parameter's or header's name. */
  readonly target?: string;
  readonly details?: readonly object[];
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log: what it came of, where that is somebody's to mend. */
  readonly cause?: unknown;
}

/** Thrown anywhere while a request is served; answered as the contract's error envelope. */
export class Refusal extends Error {
  readonly status: number;

  constructor(
    readonly code: RefusalCode,
    readonly extras: RefusalExtras = {},
  ) {
    super(extras.sentence ?? REFUSALS[code].sentence, { cause: extras.cause });
    this.status = REFUSALS[code].status;
  }
}

const RETRY_AFTER_SECONDS = '5';

/** The refusal while the database is away, or held up for too long by somebody else. */
export function unavailable(): Refusal {
  return new Refusal('Unavailable', {
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
  });
}

/** The refusal of a change that was not committed in time; nothing of it stays. */
export function tooLate(): Refusal {
  return new Refusal('Unavailable', {
    sentence: REFUSALS.Unavailable.because.tooLate,
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
  });
}

/** The refusal while the service stops. */
export function stopping(): Refusal {
  return new Refusal('Stopping', {
    headers: { 'retry-after': RETRY_AFTER_SECONDS, connection: 'close' },
  });
}

/** The contract's error envelope. */
export function envelope(refusal: Refusal): object {
  const { target, details } = refusal.extras;
  return {
    error: { code: refusal.code, message: refusal.message, ...(target && { target }), ...(details && { details }) },
  };
}
