import type { PartnerIdProblem } from '../../src/domain/partner';
import { isHost } from './hosts';
import { whyNotPermitted } from './subscriptions/rights-sentence';

/** What is said instead of a code's own sentence where more is known: by what happened, and with what it happened to. */
type Because = Readonly<Record<string, string | ((...what: never[]) => string)>>;

interface Kind {
  readonly status: number;
  /** What it says where nobody knows more than that it happened. */
  readonly sentence: string;
  readonly because?: Because;
}

/** Every refusal: its code, the status it is answered with and all that it can say. The codes are part of the contract. */
export const REFUSALS = {
  InvalidRequest: {
    status: 400,
    sentence: 'The address or a header of this request cannot be read.',
    because: {
      notHttp: 'This is not an HTTP request.',
      addressTooLong: 'A part of the address is too long.',
      noHost: (publicUrl: string | null, port: number) => whyHostNotAllowed(undefined, publicUrl, port),
    },
  },
  InvalidBody: {
    status: 400,
    sentence: 'The body is not the JSON that this call takes.',
    because: { wantedPartner: 'The body is a JSON object with the wanted partnerId, as text.' },
  },
  InvalidQuery: {
    status: 400,
    sentence: 'A parameter of this request is not one that the call takes.',
    because: {
      pageSize: (most: number) => `pageSize is a whole number from 1 to ${most}.`,
      cursorTwice: 'cursor is given once, as it stood in a nextLink.',
      cursor: 'cursor is not one that a nextLink held.',
      filterTwice: 'filter is given once, as the text to be found.',
    },
  },
  InvalidPartnerId: {
    status: 400,
    sentence: 'A Partner ID is 5 to 10 digits.',
    because: {
      empty: 'A Partner ID is missing.',
      usageAttributionId: 'This is a usage attribution ID, not a Partner ID. A Partner ID is 5 to 10 digits.',
      notDigits: 'A Partner ID is 5 to 10 digits.',
      tooShort: 'A Partner ID has at least 5 digits.',
      tooLong: 'A Partner ID has at most 10 digits.',
    } satisfies Record<PartnerIdProblem, string>,
  },
  InvalidIdempotencyKey: {
    status: 400,
    sentence: 'Send an Idempotency-Key: a UUID made for this change and sent again with each attempt at it.',
  },
  SignInRequired: {
    status: 401,
    sentence: 'Sign in first.',
    because: {
      notValid: 'The access token is not valid.',
      ended: 'The access token has ended. Ask whoever runs this service for a new one.',
      expired: 'The access token has expired.',
      notYet: 'The access token is not valid yet.',
      livesTooLong: 'The access token lives longer than the 24 hours that this service takes.',
      otherAudience: 'The access token is for another audience than this service.',
      otherIssuer: 'The access token is of another issuer than the one this service believes.',
      noClaim: (name: string) => `The access token has no claim ${name}.`,
      claimDoesNotHold: (name: string) => `The access token has no ${name} that holds.`,
      claimIsNoText: (name: string, longest: number) =>
        `The claim ${name} of the access token is not a text of 1 to ${longest} characters that can be seen.`,
      claimIsNoPartner: (name: string) => `The claim ${name} of the access token is not a Partner ID.`,
      wrongSignature: 'The signature of the access token is wrong.',
      unknownKey: 'The access token is signed by a key its issuer does not have.',
      unusableKey: 'The access token is signed by a key that cannot be used.',
      unusableAlgorithm: 'The access token is signed by an algorithm that this service does not take.',
      otherType: 'This is not an access token: its typ is not at+jwt.',
      otherTypeClaim: (typ: string) => `This is not an access token: its claim typ is ${typ}.`,
      idToken: (claim: string) => `This is not an access token: it has ${claim}, as ID tokens have.`,
      eventToken: 'This is not an access token: it tells of events.',
      ofTheClient: 'This is not an access token for this service: its audience is the client it was given to.',
    },
  },
  HostNotAllowed: {
    status: 403,
    sentence: 'This service does not answer under that name.',
    because: { host: whyHostNotAllowed },
  },
  OriginNotAllowed: { status: 403, sentence: 'Pages of other origins may not call this service.' },
  NotPermitted: {
    status: 403,
    sentence: 'Your role does not allow this.',
    because: {
      role: whyNotPermitted,
      notOfThePartner: "Only the partner's own people can see the partner's subscriptions.",
    },
  },
  NotFound: {
    status: 404,
    sentence: 'There is nothing at this address.',
    because: {
      path: (path: string) => `There is nothing at ${path}.`,
      notTakenOff: (path: string, prefix: string) =>
        `There is nothing at ${path}: the proxy must take ${prefix} off before it hands a request on.`,
      twoSlashes: (path: string) =>
        `There is nothing at ${path}: it begins with two slashes. A proxy that takes a path off must leave one (nginx: as many at the end of location as at the end of proxy_pass).`,
      behindAPath: (path: string, before: string) =>
        `There is nothing at ${path}. A proxy that has this service under ${before} must take ${before} off before it hands a request on, and PUBLIC_URL must end with it.`,
    },
  },
  PartnerNotFound: {
    status: 404,
    sentence: 'There is no partner with this ID.',
    because: { partner: (partnerId: string) => `There is no partner with the ID ${partnerId}.` },
  },
  SubscriptionNotFound: { status: 404, sentence: 'There is no such subscription, or you have no role in it.' },
  MethodNotAllowed: {
    status: 405,
    sentence: 'This address does not take that method.',
    because: { takes: (methods: string) => `This address takes ${methods}.` },
  },
  RequestTimeout: { status: 408, sentence: 'The request took too long to arrive.' },
  PreconditionFailed: { status: 412, sentence: 'The subscription has changed since it was read.' },
  BodyTooLarge: { status: 413, sentence: 'The body is larger than any this service takes.' },
  UnsupportedMediaType: { status: 415, sentence: 'Send the body as application/json.' },
  IdempotencyKeyReused: { status: 422, sentence: 'This Idempotency-Key was used for another request.' },
  PreconditionRequired: {
    status: 428,
    sentence: 'Say in If-Match which etag of the record this change is based on.',
  },
  TooManyRequests: {
    status: 429,
    sentence: 'Too many requests. Try again shortly.',
    because: { seconds: (seconds: number) => `Too many requests. Try again in ${seconds} seconds.` },
  },
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
  PartnerDirectoryUnavailable: {
    status: 503,
    sentence: 'Partner Center cannot be asked now. Try again shortly.',
    because: {
      partner: (partnerId: string) =>
        `Partner ${partnerId} is not in the directory, and Partner Center cannot be asked now. Try again shortly.`,
    },
  },
  Stopping: { status: 503, sentence: 'The service is stopping. Try again shortly.' },
  Unavailable: {
    status: 503,
    sentence: 'The service cannot reach its database. Try again shortly.',
    because: {
      tooLate: 'The change could not be made in time, and nothing of it was kept. Try again shortly.',
      identityProvider: 'The service cannot reach its identity provider. Try again shortly.',
    },
  },
} as const satisfies Record<string, Kind>;
export type RefusalCode = keyof typeof REFUSALS;

const LONGEST_NAME = 253;

/** What is wrong with the Host, and what whoever runs the service or the proxy before it is to change. */
function whyHostNotAllowed(host: string | undefined, publicUrl: string | null, port: number): string {
  const what = host ? `does not go by the Host ${host.slice(0, LONGEST_NAME)}` : 'was called without a Host';
  const handOn = 'a proxy before it must hand on the Host that it was called by (nginx: proxy_set_header Host $host;)';
  if (publicUrl === null) {
    const address = `http://localhost:${port}`;
    return `This service ${what}. Call it as ${address}; ${handOn}, and PUBLIC_URL must be the address at which callers reach the proxy.`;
  }
  // Of what can be no Host, ALLOWED_HOSTS takes none.
  const orAllow = host && isHost(host) ? `, or ALLOWED_HOSTS must name ${host.slice(0, LONGEST_NAME)}` : '';
  return `This service ${what}. Call it as ${publicUrl}; ${handOn}${orAllow}.`;
}
