import type { Connection } from '../domain/connection';
import type { Credential, Person, TenantSignIn } from '../domain/person';
import { within } from '../platform/within';
import { BackendError, type BackendPorts, type CredentialWanted, type Identity, type IsSender } from './backend';
import { claimsWanted } from './challenge';
import { exchange, type HttpAnswer, type HttpRequest } from './http';

/** A request before it is said whose it is. */
export interface UnsignedRequest extends Omit<HttpRequest, 'headers'> {
  readonly headers?: HttpRequest['headers'];
}

type Send = (request: UnsignedRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** How requests leave for one connection. Each throws {@link BackendError} where no whole answer came. */
export interface Requests {
  /** With no token, whoever is signed in. */
  readonly sendUnsigned: Send;
  /**
   * With the token of whoever is signed in, where the connection has one. A token that is refused is renewed once, and once more with
   * claims that it lacks, where that can be done without the person.
   */
  readonly send: Send;
  /**
   * The same for a request of a change, and only with a token of somebody whose change it is.
   * @param isSender as a backend's `apply` gets it; asked again for each token
   * @param lookAgain comes before the request is sent once more; where it throws, nothing more is sent
   */
  sendAsSender(
    request: UnsignedRequest,
    isSender: IsSender,
    signal: AbortSignal,
    lookAgain?: () => Promise<void>,
  ): Promise<HttpAnswer>;
  /** Whose requests leave now, as a backend's `sender` has to tell. */
  sender(): Promise<Person>;
}

/**
 * Sends the requests of one connection, in each of the ways to sign in.
 * @param whoIs asks the backend whose a pasted token is, by what sends with that token; null where it tells nobody, and each token
 * is a person of its own
 * @param of where the connection has many sign-ins: the one that these requests go as
 */
export function createRequests(
  connection: Connection,
  ports: BackendPorts,
  whoIs: ((send: Send, signal: AbortSignal) => Promise<Identity>) | null,
  of?: TenantSignIn,
): Requests {
  async function credential(wanted: CredentialWanted = {}): Promise<Credential | null> {
    if (of === undefined) return ports.credential(wanted);
    const given = await ports.credential({ ...wanted, of });
    // Whatever happened on its way here, a token of another account or tenant does not leave.
    if (given !== null && !isOf(given, of)) throw OTHER_PERSON();
    return given;
  }

  async function sendUnsigned({ headers = {}, ...request }: UnsignedRequest, signal: AbortSignal): Promise<HttpAnswer> {
    if (!(await ports.mayReach())) throw new BackendError({ reason: 'permissionMissing' });
    signal.throwIfAborted();
    return exchange({ ...request, headers }, ports, signal).catch(named);
  }

  /** Without any of an answer the person needs to know which service it was. */
  function named(cause: unknown): never {
    if (!(cause instanceof BackendError)) throw cause;
    const { reason, detail } = cause.failure;
    if ((reason !== 'noAnswer' && reason !== 'timedOut') || detail?.code === 'cutShort') throw cause;
    throw new BackendError({ ...cause.failure, detail: { code: 'unreachable', name: connection.name } }, { cause });
  }

  function sendWith(token: string, request: UnsignedRequest, signal: AbortSignal): Promise<HttpAnswer> {
    return sendUnsigned({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } }, signal);
  }

  async function send(request: UnsignedRequest, signal: AbortSignal): Promise<HttpAnswer> {
    if (connection.signIn === 'none') return sendUnsigned(request, signal);
    // Others may be at the tokens, one after the other: whoever waits for an answer has a limit for that, too.
    const renew: Renew = (refused, answer) => within(signal, instead(refused, answer));
    return withRenewals(await within(signal, signedIn()), renew, ({ token }) => sendWith(token, request, signal));
  }

  async function sendAsSender(
    request: UnsignedRequest,
    isSender: IsSender,
    signal: AbortSignal,
    lookAgain?: () => Promise<void>,
  ): Promise<HttpAnswer> {
    if (connection.signIn === 'none') {
      if (!(await isSender(everybody))) throw OTHER_PERSON();
      return sendUnsigned(request, signal);
    }
    const renew: Renew = (refused, answer) => beforeIt(() => instead(refused, answer));
    const first = await beforeIt(signedIn);
    return withRenewals(first, renew, async (given) => {
      if (given !== first) await lookAgain?.();
      const { token, person, directoryUser } = await beforeIt(() => owned(given));
      if (!(await isSender(person, directoryUser))) throw OTHER_PERSON();
      return sendWith(token, request, signal);
    });
  }

  async function signedIn(): Promise<Credential> {
    const present = await credential();
    if (!isSendable(present)) throw new BackendError({ reason: 'signInNeeded' });
    return present;
  }

  /** Another token than the one that an answer refused, with the claims that it asks for. */
  function instead(refused: string, { challenge }: HttpAnswer): Promise<Credential | null> {
    const claims = claimsWanted(challenge);
    return credential({ refused, ...(claims !== null && { claims }) });
  }

  /** The credential with its owner: of a pasted token the backend tells who that is, before anything leaves with it. */
  async function owned(credential: Credential): Promise<Credential> {
    const { token, person } = credential;
    if (person.kind !== 'token' || whoIs === null) return credential;
    // Of no caller's: several changes wait for this one answer, and one of them may be given up.
    const { signal } = new AbortController();
    const ask = () => whoIs((request, within) => sendWith(token, request, within), signal);
    return { token, person: await ports.owner(person, ask) };
  }

  const everybody = { kind: 'connection', connectionId: connection.id } as const;

  return {
    sendUnsigned,
    send,
    sendAsSender,
    async sender() {
      return connection.signIn === 'none' ? everybody : (await owned(await signedIn())).person;
    },
  };
}

/** Another token than one that an answer refused. */
type Renew = (refused: string, answer: HttpAnswer) => Promise<Credential | null>;

/** Sends with one token after another: a refusal for want of claims may come behind one for another reason. */
async function withRenewals(
  first: Credential,
  renew: Renew,
  sendWith: (given: Credential) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  let given = first;
  for (const met = new Set<string | null>(); ; ) {
    const answer = await sendWith(given);
    if (answer.status !== 401) return answer;
    const claims = claimsWanted(answer.challenge);
    if (met.size > 0 && claims === null) return answer;
    // Also where nothing is sent again: whoever renews has to know of the claims, and that a token with them was in vain.
    const renewed = await renew(given.token, answer);
    if (met.size > 1 || met.has(claims) || !isSendable(renewed) || renewed.token === given.token) return answer;
    met.add(claims);
    given = renewed;
  }
}

/** What fails so failed before the change itself left, or after it was refused without any effect. */
async function beforeIt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof BackendError)) throw cause;
    const { retryAfterMs, failure } = cause;
    throw new BackendError({ ...failure, unsent: true }, { cause, retryAfterMs });
  }
}

const OTHER_PERSON = (): BackendError => new BackendError({ reason: 'otherPerson' });

/** Whether a token is of that account, for that tenant. */
function isOf({ person, directoryUser }: Credential, { tenant, user }: TenantSignIn): boolean {
  return person.kind === 'openIdConnect' && person.sub === user && directoryUser?.tenantId === tenant;
}

/** What no header can carry is no token of anybody's. */
function isSendable(credential: Credential | null): credential is Credential {
  return credential !== null && /^[\x21-\x7e]+$/.test(credential.token);
}
