import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { AZURE_ENDPOINTS, type AzureEndpoints } from '../../src/domain/azure-cloud';
import type { DirectoryUser, TenantSignIn } from '../../src/domain/person';
import type { JudgedToken, TestDirectory } from './directory';
import { createFaults, type Fault, type FaultPlace, type Operation, type StartedFault } from './faults';
import { ALREADY_LINKED, type AnswerStyle, createLinks, NOT_FOUND, type TestLink, USUAL_STYLE, written } from './links';
import { createViolations } from './violations';

/** What a role lets do, as Azure Resource Manager writes it. */
export interface TestPermission {
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions?: readonly string[];
  readonly notDataActions?: readonly string[];
  readonly condition?: string;
}

/** A subscription of the tests' Azure. */
export interface TestSubscription {
  /** A GUID in lower case. */
  readonly id: string;
  readonly name: string;
  /** The tenant that it is in. */
  readonly tenant: string;
  /** The tenants that it is delegated to by Azure Lighthouse. */
  readonly managedBy?: readonly string[];
  readonly quotaId?: string;
  /** A status: it is not told so. */
  readonly agreement?: string | 403 | 404;
  /** What each account's roles let do there, by its home account ID; nobody else may read the subscription. */
  readonly roles: ReadonlyMap<string, readonly TestPermission[] | 403 | 404>;
}

/** One request, as it came. */
export interface ManagementRequest {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Whose token it had; null for none, or one that is nobody's. */
  readonly of: TenantSignIn | null;
  /** The status of its answer; null while it has none, and where none was given. */
  readonly status: number | null;
  /** It changed a link. */
  readonly hadEffect: boolean;
}

/** A token that should not have come: of whom nobody expected it, or for somebody else. */
export interface WrongToken {
  readonly why: 'unknown' | 'audience' | 'account' | 'tenant' | 'notExpected';
  readonly method: string;
  readonly path: string;
}

export interface ManagementServerParts {
  readonly directory: TestDirectory;
  /** What a token says, once its signature was checked; null for one that nobody gave. */
  readonly judge: (token: string) => Promise<JudgedToken | null>;
  /** The cloud that it serves; the public one, unless given. */
  readonly cloud?: AzureEndpoints;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Any free one, unless given. */
  readonly port?: number;
}

/** Azure Resource Manager as the tests have it, at its own address. */
export interface ManagementServer {
  readonly port: number;
  /** Where it listens on this machine. */
  readonly url: string;
  /** What came, in order. */
  readonly requests: readonly ManagementRequest[];
  readonly wrong: readonly WrongToken[];
  /** What must never be, and was. */
  violations(): readonly string[];
  /** From here on a token may be of these alone; null: of anybody in the directory. */
  expectOnly(signIns: readonly TenantSignIn[] | null): void;
  /** What is written next in that account's name there belongs to another change. */
  nextChange(of: TenantSignIn): void;
  /** An account's link in a tenant; null for none. */
  link(of: TenantSignIn): TestLink | null;
  /** Links it, or removes its link, as somebody else who is signed in as that account does. */
  setLink(of: TenantSignIn, partnerId: string | null): void;
  /** The partners whose names are known, by their IDs. */
  readonly partners: Map<string, string>;
  readonly subscriptions: Map<string, TestSubscription>;
  setStyle(style: Partial<AnswerStyle>): void;
  /** How many tenants and permissions stand on a page. */
  setPageSize(size: number): void;
  startFault(fault: Fault, place?: FaultPlace): StartedFault;
  close(): Promise<void>;
}

/** What `response` is to say. `null`: nothing, and the socket is closed. */
type Answer = {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
  readonly isSomebodyElses?: true;
} | null;

/** What is still to be said of a request. */
interface Noted extends ManagementRequest {
  of: TenantSignIn | null;
  status: number | null;
  hadEffect: boolean;
}

interface Caller {
  readonly token: string;
  readonly signIn: TenantSignIn;
  readonly user: DirectoryUser;
  readonly claims: readonly string[];
}

const PARTNERS = /^\/providers\/microsoft\.managementpartner\/partners(?:\/([^/]+))?$/i;
const SUBSCRIPTION = /^\/subscriptions\/([^/]+)(\/.*)?$/i;
const BILLING = '/providers/microsoft.billing/billingproperty/default';
const PERMISSIONS = '/providers/microsoft.authorization/permissions';
const VERSIONS = {
  read: '2018-02-01',
  write: '2018-02-01',
  tenants: '2022-12-01',
  subscriptions: '2022-12-01',
  subscription: '2022-12-01',
  permissions: '2022-04-01',
  billing: '2024-04-01',
} as const satisfies Record<Operation, string>;
/** Azure's own words to a delegated administrator (github.com/microsoft/Partner-Center-PowerShell/issues/277); status and code are not told there. */
export const CSP_REFUSAL =
  'The user does not have an account in this tenant, work with the administrator to add the account. If you are a CSP partner logged in the customer tenant, you will not be able to link the Partner ID';

/**
 * Serves as Azure Resource Manager: the link of each account in each tenant, tenants, and what subscriptions say. It refuses, and
 * records, each token that is not of whom the test expects, and notes what a client must never send.
 */
export async function startManagementServer(parts: ManagementServerParts): Promise<ManagementServer> {
  const { directory, judge, cloud = AZURE_ENDPOINTS.public } = parts;
  const requests: Noted[] = [];
  const wrong: WrongToken[] = [];
  const violations = createViolations();
  const links = createLinks(Date.now);
  const faults = createFaults();
  const partners = new Map<string, string>();
  const subscriptions = new Map<string, TestSubscription>();
  const expired = new Set<string>();
  const closing = new AbortController();
  let expected: readonly TenantSignIn[] | null = null;
  let style = USUAL_STYLE;
  let pageSize = 100;
  let counted = 0;

  const listener: RequestListener = (request, response) => {
    // Each request on a connection of its own: where one that was kept ends before it answers, Chromium (156) sends the request again
    // by itself. Azure speaks HTTP/2, where it does not.
    response.shouldKeepAlive = false;
    serve(request, response).catch((cause: unknown) => {
      if (closing.signal.aborted || response.destroyed) return;
      response.writeHead(500).end(String(cause));
    });
  };

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const url = new URL(incoming.url ?? '/', cloud.management);
    const { method = '' } = incoming;
    const noted: Noted = {
      at,
      method,
      path: decodeURIComponent(url.pathname),
      query: url.search,
      headers: incoming.headers,
      body,
      of: null,
      status: null,
      hadEffect: false,
    };
    requests.push(noted);
    const answer = await answerTo(noted, url);
    if (answer === null) {
      response.destroy();
      return;
    }
    // Nobody reads the answer of a request that was given up.
    if (response.destroyed) return;
    noted.status = answer.status;
    const saysWhatIsThere = answer.status === 200 || answer.status === 404;
    if (noted.of !== null && operationOf(noted.path, method) === 'read' && saysWhatIsThere) {
      violations.read(userOf(noted.of));
    }
    counted += 1;
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      ...(answer.isSomebodyElses !== true && {
        'x-ms-request-id': `request-${counted}`,
        'x-ms-correlation-request-id': `correlation-${counted}`,
      }),
      ...answer.headers,
    });
    response.end(text);
  }

  async function answerTo(noted: Noted, url: URL): Promise<Answer> {
    const { path, method } = noted;
    const operation = operationOf(path, method);
    if (operation === null) return refused(404, 'InvalidResourceType', `Nothing is at ${method} ${path}.`);
    const caller = await callerOf(noted);
    if ('status' in caller) return caller;
    noted.of = caller.signIn;
    if (url.searchParams.get('api-version') !== VERSIONS[operation]) {
      return refused(400, 'InvalidApiVersionParameter', `The api-version of ${path} is ${VERSIONS[operation]}.`);
    }
    const isOwn = ({ kind }: Fault) => kind === 'changedElsewhere';
    const change = faults.next(operation, caller.signIn, isOwn);
    if (change?.kind === 'changedElsewhere') links.write(caller.user, change.to);
    const isMet = (fault: Fault) => !isOwn(fault) && !(fault.kind === 'claims' && caller.claims.includes(fault.value));
    const fault = faults.next(operation, caller.signIn, isMet);
    return answerWith(fault, noted, url, operation, caller);
  }

  async function answerWith(
    fault: Fault | null,
    noted: Noted,
    url: URL,
    operation: Operation,
    caller: Caller,
  ): Promise<Answer> {
    if (fault?.kind === 'expired') {
      expired.add(caller.token);
      return tokenRefused('ExpiredAuthenticationToken', 'The access token has expired.', caller.signIn.tenant);
    }
    if (fault?.kind === 'claims') return claimsWanted(fault.claims, caller.signIn.tenant);
    if (operation === 'write') noteWrite(noted, caller.user);
    if (fault?.kind === 'held' && fault.when === 'before') await held(fault.until);
    const instead = fault === null ? undefined : insteadOf(fault);
    if (instead !== undefined) return instead;
    const answer = carryOut(noted, url, operation, caller);
    if (fault === null) return answer;
    if (fault.kind === 'nothingLeft')
      return { ...answer, headers: { ...answer.headers, ...allowance(noted.method, 0) } };
    if (fault.kind === 'held') {
      if (fault.when === 'after') await held(fault.until);
      return answer;
    }
    return fault.kind === 'serverError' ? serverError(fault) : null;
  }

  async function held(until: Promise<void>): Promise<void> {
    const closed = new Promise<void>((resolve) => closing.signal.addEventListener('abort', () => resolve()));
    await Promise.race([until, closed]);
  }

  /** What is answered in the place of carrying it out; undefined where it is carried out. */
  function insteadOf(fault: Fault): Answer | undefined {
    switch (fault.kind) {
      case 'throttled':
        return {
          ...refused(429, 'TooManyRequests', 'The request is being throttled.'),
          headers: fault.retryAfter === null ? {} : { 'retry-after': fault.retryAfter },
        };
      case 'serverError':
        return fault.when === 'before' ? serverError(fault) : undefined;
      case 'answerLost':
        return fault.when === 'before' ? null : undefined;
      case 'forbidden':
        return refused(403, 'AuthorizationFailed', 'The client does not have authorization to perform this action.');
      case 'cspRefusal':
        return refused(403, 'Forbidden', CSP_REFUSAL);
      case 'notFound':
        return refused(NOT_FOUND.status, NOT_FOUND.code, NOT_FOUND.message);
      case 'noSuchInterface':
        return refused(
          404,
          'InvalidResourceNamespace',
          "The resource namespace 'Microsoft.ManagementPartner' is invalid.",
        );
      case 'alreadyLinked':
        return refused(ALREADY_LINKED.status, ALREADY_LINKED.code, ALREADY_LINKED.message);
      case 'webPage':
        return { status: fault.status, headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>Sign in' };
      case 'gateway404':
        return { status: 404, body: fault.body, isSomebodyElses: true };
      case 'answer':
        return { status: fault.status, body: fault.body };
      case 'held':
      case 'expired':
      case 'claims':
      case 'nothingLeft':
      case 'changedElsewhere':
        return undefined;
    }
  }

  function serverError({ status, retryAfter }: Extract<Fault, { kind: 'serverError' }>): Answer {
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    return { ...refused(status, 'InternalServerError', 'Something went wrong.'), headers };
  }

  function noteWrite({ method, path, body, headers }: ManagementRequest, user: DirectoryUser): void {
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    violations.sent(user, { method, partnerId: PARTNERS.exec(path)?.[1] ?? null, body: hasBody ? body : null });
  }

  function carryOut(noted: Noted, url: URL, operation: Operation, caller: Caller): Exclude<Answer, null> {
    switch (operation) {
      case 'read':
      case 'write': {
        const answer = links.answer(caller.user, noted.method, PARTNERS.exec(noted.path)?.[1] ?? null);
        if (answer.status !== 200) return refused(answer.status, answer.code, answer.message);
        noted.hadEffect = answer.hasEffect;
        if (answer.hasEffect) violations.tookEffect(caller.user, noted.method);
        const { link } = answer;
        const name = link && (partners.get(link.partnerId) ?? null);
        return {
          status: 200,
          headers: allowance(noted.method, 1199),
          body: link === null ? '' : written(caller.user, link, name, style),
        };
      }
      case 'tenants': {
        const { objectIds } = accountOf(caller.signIn);
        const rows = directory.tenants
          .filter(({ id }) => objectIds.has(id))
          .map(({ id, name, domain }) => ({
            id: `/tenants/${id}`,
            tenantId: id,
            displayName: name,
            defaultDomain: domain,
            tenantCategory: 'Home',
          }));
        return { status: 200, body: page(rows, url) };
      }
      case 'subscriptions': {
        const { tenant, user } = caller.signIn;
        const rows = [...subscriptions.values()].filter((one) => isShownIn(one, tenant) && one.roles.has(user));
        return { status: 200, body: page(rows.map(told), url) };
      }
      case 'subscription':
      case 'permissions':
      case 'billing':
        return subscriptionAnswer(noted.path, url, operation, caller);
    }
  }

  function subscriptionAnswer(
    path: string,
    url: URL,
    operation: 'subscription' | 'permissions' | 'billing',
    { signIn }: Caller,
  ): Exclude<Answer, null> {
    const subscription = subscriptionAt(path);
    if (subscription === null) return subscriptionNotFound(path);
    const { id, tenant, agreement = 404, roles } = subscription;
    if (!isShownIn(subscription, signIn.tenant)) {
      wrong.push({ why: 'tenant', method: 'GET', path });
      return tokenRefused('InvalidAuthenticationTokenTenant', 'The access token is from the wrong issuer.', tenant);
    }
    const permissions = roles.get(signIn.user);
    if (permissions === undefined)
      return refused(403, 'AuthorizationFailed', 'The client does not have authorization.');
    switch (operation) {
      case 'subscription':
        return {
          status: 200,
          body: told(subscription),
        };
      case 'permissions':
        return typeof permissions === 'number'
          ? refused(permissions, 'AuthorizationFailed', 'The client does not have authorization.')
          : { status: 200, body: page(permissions, url) };
      case 'billing':
        return typeof agreement === 'number'
          ? refused(agreement, agreement === 404 ? 'NotFound' : 'AuthorizationFailed', 'There is nothing to be seen.')
          : {
              status: 200,
              body: {
                id: `/subscriptions/${id}${BILLING}`,
                name: 'default',
                type: 'Microsoft.Billing/billingProperty',
                properties: { billingAccountAgreementType: agreement },
              },
            };
    }
  }

  function subscriptionAt(path: string): TestSubscription | null {
    return subscriptions.get(SUBSCRIPTION.exec(path)?.[1]?.toLowerCase() ?? '') ?? null;
  }

  function subscriptionNotFound(path: string): Exclude<Answer, null> {
    return refused(
      404,
      'SubscriptionNotFound',
      `The subscription '${SUBSCRIPTION.exec(path)?.[1]}' could not be found.`,
    );
  }

  function page(rows: readonly unknown[], url: URL): unknown {
    const from = Number(url.searchParams.get('$skiptoken') ?? 0);
    const next = new URL(url);
    next.searchParams.set('$skiptoken', String(from + pageSize));
    return {
      value: rows.slice(from, from + pageSize),
      ...(from + pageSize < rows.length && { nextLink: next.href }),
    };
  }

  /** Whose the token is that a request has, or why it is refused. */
  async function callerOf({ method, path, headers }: ManagementRequest): Promise<Caller | Exclude<Answer, null>> {
    const token = headers.authorization?.replace(/^Bearer /, '');
    if (token === undefined) {
      const subscription = SUBSCRIPTION.test(path) ? subscriptionAt(path) : undefined;
      if (subscription === null) return subscriptionNotFound(path);
      return tokenRefused(
        'AuthenticationFailed',
        'The Authorization header is missing.',
        subscription?.tenant ?? 'common',
      );
    }
    const told = await judge(token);
    const account = told && directory.accounts.find(({ objectIds }) => objectIds.get(told.tenant) === told.objectId);
    const refuse = (why: WrongToken['why']) => {
      wrong.push({ why, method, path });
      return tokenRefused(
        'InvalidAuthenticationToken',
        `The access token is not valid: ${why}.`,
        told?.tenant ?? 'common',
      );
    };
    if (told === null) return refuse('unknown');
    if (told.audience !== cloud.audience && told.audience !== `${cloud.audience}/`) return refuse('audience');
    if (account === undefined || account === null) return refuse('account');
    const signIn = { tenant: told.tenant, user: account.user };
    const isExpected = expected?.some(({ tenant, user }) => tenant === signIn.tenant && user === signIn.user) ?? true;
    if (!isExpected) return refuse('notExpected');
    if (told.isExpired || expired.has(token)) {
      return tokenRefused('ExpiredAuthenticationToken', 'The access token has expired.', told.tenant);
    }
    return { token, signIn, user: { tenantId: told.tenant, objectId: told.objectId }, claims: told.claims };
  }

  function tokenRefused(code: string, message: string, tenant: string): Exclude<Answer, null> {
    const where = `authorization_uri="${cloud.signIn}/${tenant}"`;
    const challenge = `Bearer ${where}, error="invalid_token", error_description="${message}"`;
    return { ...refused(401, code, message), headers: { 'www-authenticate': challenge } };
  }

  function claimsWanted(claims: string, tenant: string): Exclude<Answer, null> {
    const challenge = [
      `Bearer realm=""`,
      `authorization_uri="${cloud.signIn}/${tenant}/oauth2/authorize"`,
      `error="insufficient_claims"`,
      `claims="${Buffer.from(claims).toString('base64')}"`,
    ].join(', ');
    const message = 'The request needs a token with other claims.';
    return { ...refused(401, 'InsufficientClaims', message), headers: { 'www-authenticate': challenge } };
  }

  function refused(status: number, code: string, message: string): Exclude<Answer, null> {
    const words = { code, message };
    return { status, body: style.errors === 'flat' ? words : { error: words } };
  }

  function accountOf({ user }: TenantSignIn) {
    const account = directory.accounts.find((one) => one.user === user);
    if (account === undefined) throw new Error(`Nobody is ${user}`);
    return account;
  }

  function userOf(signIn: TenantSignIn): DirectoryUser {
    const objectId = accountOf(signIn).objectIds.get(signIn.tenant);
    if (objectId === undefined) throw new Error(`${signIn.user} does not reach ${signIn.tenant}`);
    return { tenantId: signIn.tenant, objectId };
  }

  const server: Server = parts.tls === undefined ? createServer(listener) : createSecureServer(parts.tls, listener);
  await new Promise<void>((resolve) => server.listen(parts.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');

  return {
    port: address.port,
    url: `${parts.tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    requests,
    wrong,
    violations: violations.found,
    expectOnly(signIns) {
      expected = signIns;
    },
    nextChange: (of) => violations.nextChange(userOf(of)),
    link: (of) => links.of(userOf(of)),
    setLink: (of, partnerId) => void links.write(userOf(of), partnerId),
    partners,
    subscriptions,
    setStyle(changed) {
      style = { ...style, ...changed };
    },
    setPageSize(size) {
      pageSize = size;
    },
    startFault: faults.start,
    async close() {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whether tokens of a tenant are good for it. */
function isShownIn({ tenant, managedBy = [] }: TestSubscription, at: string): boolean {
  return at === tenant || managedBy.includes(at);
}

function told({ id, name, tenant, managedBy = [], quotaId }: TestSubscription): object {
  return {
    id: `/subscriptions/${id}`,
    authorizationSource: 'RoleBased',
    subscriptionId: id,
    tenantId: tenant,
    displayName: name,
    managedByTenants: managedBy.map((managing) => ({ tenantId: managing })),
    state: 'Enabled',
    subscriptionPolicies: { locationPlacementId: 'Public_2014-09-01', quotaId, spendingLimit: 'Off' },
  };
}

function operationOf(path: string, method: string): Operation | null {
  if (PARTNERS.test(path)) return method === 'GET' ? 'read' : 'write';
  if (method !== 'GET') return null;
  if (path.toLowerCase() === '/tenants') return 'tenants';
  if (path.toLowerCase() === '/subscriptions') return 'subscriptions';
  const [, , rest] = SUBSCRIPTION.exec(path) ?? [null, null, null];
  if (rest === null) return null;
  switch (rest?.toLowerCase()) {
    case undefined:
      return 'subscription';
    case PERMISSIONS:
      return 'permissions';
    case BILLING:
      return 'billing';
    default:
      return null;
  }
}

/** How many requests of a kind an account may still send in a tenant. */
function allowance(method: string, left: number): Record<string, string> {
  const kind = method === 'GET' ? 'reads' : method === 'DELETE' ? 'deletes' : 'writes';
  return { [`x-ms-ratelimit-remaining-tenant-${kind}`]: String(left) };
}
