/** Every refusal's code, with the status it is answered with. The names are part of the contract. */
export const REFUSAL_STATUS = {
  InvalidRequest: 400,
  InvalidBody: 400,
  InvalidQuery: 400,
  InvalidPartnerId: 400,
  InvalidIdempotencyKey: 400,
  SignInRequired: 401,
  HostNotAllowed: 403,
  OriginNotAllowed: 403,
  NotPermitted: 403,
  NotFound: 404,
  PartnerNotFound: 404,
  SubscriptionNotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  PreconditionFailed: 412,
  BodyTooLarge: 413,
  UnsupportedMediaType: 415,
  IdempotencyKeyReused: 422,
  PreconditionRequired: 428,
  TooManyRequests: 429,
  HeadersTooLarge: 431,
  InternalError: 500,
  OutcomeUnknown: 503,
  PartnerDirectoryUnavailable: 503,
  Stopping: 503,
  Unavailable: 503,
} as const satisfies Record<string, number>;
export type RefusalCode = keyof typeof REFUSAL_STATUS;

interface RefusalExtras {
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
    message: string,
    readonly extras: RefusalExtras = {},
  ) {
    super(message, { cause: extras.cause });
    this.status = REFUSAL_STATUS[code];
  }
}

const RETRY_AFTER_SECONDS = '5';

/** The refusal while the database is away, or held up for too long by somebody else. */
export function unavailable(): Refusal {
  return new Refusal('Unavailable', 'The service cannot reach its database. Try again shortly.', {
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
  });
}

/** The refusal of a change that was not committed in time; nothing of it stays. */
export function tooLate(): Refusal {
  return new Refusal(
    'Unavailable',
    'The change could not be made in time, and nothing of it was kept. Try again shortly.',
    {
      headers: { 'retry-after': RETRY_AFTER_SECONDS },
    },
  );
}

/** The contract's error envelope. */
export function envelope(refusal: Refusal): object {
  const { target, details } = refusal.extras;
  return {
    error: { code: refusal.code, message: refusal.message, ...(target && { target }), ...(details && { details }) },
  };
}
