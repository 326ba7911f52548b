interface Kind {
  readonly status: number;
  /** What it says where nobody knows more than that it happened. */
  readonly sentence: string;
}

/** Every refusal: its code, the status it is answered with and what it says. The codes are part of the contract. */
export const REFUSALS = {
  InvalidRequest: { status: 400, sentence: 'The address or a header of this request cannot be read.' },
  InvalidBody: { status: 400, sentence: 'The body is not the JSON that this call takes.' },
  InvalidQuery: { status: 400, sentence: 'A parameter of this request is not one that the call takes.' },
  InvalidPartnerId: { status: 400, sentence: 'A Partner ID is 5 to 10 digits.' },
  InvalidIdempotencyKey: { status: 400, sentence: 'Send an Idempotency-Key: a UUID made for this change.' },
  SignInRequired: { status: 401, sentence: 'Sign in first.' },
  HostNotAllowed: { status: 403, sentence: 'This service does not answer under that name.' },
  OriginNotAllowed: { status: 403, sentence: 'Pages of other origins may not call this service.' },
  NotPermitted: { status: 403, sentence: 'Your role does not allow this.' },
  NotFound: { status: 404, sentence: 'There is nothing at this address.' },
  PartnerNotFound: { status: 404, sentence: 'There is no partner with this ID.' },
  SubscriptionNotFound: { status: 404, sentence: 'There is no such subscription, or you have no role in it.' },
  MethodNotAllowed: { status: 405, sentence: 'This address does not take that method.' },
  RequestTimeout: { status: 408, sentence: 'The request took too long to arrive.' },
  PreconditionFailed: { status: 412, sentence: 'The subscription has changed since it was read.' },
  BodyTooLarge: { status: 413, sentence: 'The body is larger than any this service takes.' },
  UnsupportedMediaType: { status: 415, sentence: 'Send the body as application/json.' },
  IdempotencyKeyReused: { status: 422, sentence: 'This Idempotency-Key was used for another request.' },
  PreconditionRequired: {
    status: 428,
    sentence: 'Say in If-Match which etag of the record this change is based on.',
  },
  TooManyRequests: { status: 429, sentence: 'Too many requests. Try again shortly.' },
  HeadersTooLarge: { status: 431, sentence: 'The headers are larger than any this service takes.' },
  InternalError: {
    status: 500,
    sentence: 'Something went wrong in the service. The request id finds it in its log.',
  },
  OutcomeUnknown: {
    status: 503,
    sentence:
      'The database did not say whether it has kept the change. Send the same again, with the same Idempotency-Key, and you will know.',
  },
  PartnerDirectoryUnavailable: { status: 503, sentence: 'Partner Center cannot be asked now. Try again shortly.' },
  Stopping: { status: 503, sentence: 'The service is stopping. Try again shortly.' },
  Unavailable: { status: 503, sentence: 'The service cannot reach its database. Try again shortly.' },
} as const satisfies Record<string, Kind>;
export type RefusalCode = keyof typeof REFUSALS;

interface RefusalExtras {
  /** Said instead of the code's own sentence, by who knows more of it. */
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
    sentence: 'The change could not be made in time, and nothing of it was kept. Try again shortly.',
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
  });
}

/** The contract's error envelope. */
export function envelope(refusal: Refusal): object {
  const { target, details } = refusal.extras;
  return {
    error: { code: refusal.code, message: refusal.message, ...(target && { target }), ...(details && { details }) },
  };
}
