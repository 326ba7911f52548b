import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import * as v from 'valibot';
import { within } from '../within';
import type { JudgedToken, TestAccount, TestDirectory, TestTenant } from './directory';

/** An account in one tenant; what is left out means all. */
export interface At {
  readonly user?: string;
  readonly tenant?: string;
}

export interface EntraOptions {
  readonly directory: TestDirectory;
  readonly clientId: string;
  /** The redirect addresses that the application has, each as a single-page application's. */
  readonly redirectUris: readonly string[];
  /** The origin that it goes by, which a browser or a `fetch` of the test leads here. */
  readonly signIn?: string;
  /** What the access tokens are for. */
  readonly audience?: string;
  /** Serves https. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** One request, as far as tests look at it. */
export interface EntraRequest {
  readonly what: 'authorize' | 'token' | 'keys' | 'configuration';
  readonly method: string;
  /** As the address names it. */
  readonly tenant: string;
  /** What was asked: of the address for a page, of the body for tokens. */
  readonly asked: Readonly<Record<string, string>>;
  readonly origin: string | null;
  /** Whose it turned out to be. */
  user: string | null;
  /** The number of the refusal; null: none, or it was cut off. */
  refused: number | null;
}

/** A refusal that tests ask for. `until`: signing in there by the page ends it, or nothing but the test does. */
export interface Demand extends At {
  readonly number: number;
  /** OAuth's word for it. */
  readonly error: string;
  readonly until: 'signedInThere' | 'ended';
  /** Claims that the refusal names: JSON. */
  readonly claims?: string;
  /** Only the token endpoint, or only the page, says so; both where it is left out. */
  readonly by?: 'token' | 'page';
  /** The refusal is for requests that name these claims. */
  readonly forAcrs?: string;
}

/** What the token endpoint does instead of answering. */
export interface Breakdown extends At {
  readonly how: 'noAnswer' | { readonly status: number; readonly body?: string };
}

/** Microsoft Entra as the tests have it. */
export interface EntraServer {
  readonly port: number;
  /** Where it listens, on this machine. */
  readonly address: string;
  readonly signIn: string;
  readonly requests: readonly EntraRequest[];
  /** What nobody may ever ask of Entra; each was refused too. */
  readonly wrong: readonly string[];
  /** Who is at the page and picks that account whenever it is shown, by its home account ID; null: the page shows a form. */
  atPage: string | null;
  /** Whoever is at the page says no to what the application asks for. */
  declines: boolean;
  accessTokenSeconds: number;
  /** The number by which refresh tokens are refused that were given until then; null: none are. */
  endRefreshTokens(number: number): void;
  /** Refuses from now on; answers what ends it. */
  demand(demand: Demand): () => void;
  break(breakdown: Breakdown): () => void;
  /** Gives tokens of another account or tenant than was asked for; answers what ends it. */
  mistake(whose: At): () => void;
  /** Who a token is of, and what it is good for; null: it is none of ours. */
  judge(token: string): Promise<JudgedToken | null>;
  stop(): Promise<void>;
  /** Answers again, at the same port. */
  start(): Promise<void>;
}

const DAY_SECONDS = 24 * 60 * 60;
const COOKIE = 'ESTSAUTH';

interface Grant {
  readonly user: string;
  readonly tenant: string;
  readonly expiresAt: number;
}
interface Code extends Grant {
  readonly path: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string;
  readonly acrs: readonly string[];
  used: boolean;
}

/** A refusal, with Entra's own number for it. */
class Refused extends Error {
  constructor(
    readonly error: string,
    readonly number: number,
    readonly said: string,
    readonly claims?: string,
  ) {
    super(said);
  }
}

const claimsSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    access_token: v.object({
      xms_cc: v.object({ values: v.array(v.string()) }),
      acrs: v.optional(v.object({ value: v.optional(v.string()), values: v.optional(v.array(v.string()), []) })),
    }),
  }),
);

export async function startEntra(options: EntraOptions): Promise<EntraServer> {
  const { directory, clientId, redirectUris } = options;
  const signIn = options.signIn ?? 'https://login.microsoftonline.com';
  const audience = options.audience ?? 'https://management.azure.com';
  const seconds = () => Math.floor((options.now ?? Date.now)() / 1000);
  const scope = `${audience}/user_impersonation openid profile offline_access`;
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const kid = 'of-the-tests';
  const requests: EntraRequest[] = [];
  const wrong: string[] = [];
  const codes = new Map<string, Code>();
  const grants = new Map<string, Grant>();
  const ended = new Map<string, number>();
  const demands = new Set<Demand>();
  const breakdowns = new Set<Breakdown>();
  const mistakes = new Set<At>();

  const server =
    options.tls === undefined
      ? createPlainServer((request, response) => void answer(request, response))
      : createTlsServer(options.tls, (request, response) => void answer(request, response));
  let port = 0;
  await start();

  async function start(): Promise<void> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }

  const present: EntraServer = {
    port,
    address: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    signIn,
    requests,
    wrong,
    atPage: null,
    declines: false,
    accessTokenSeconds: 3600,
    endRefreshTokens(number) {
      for (const token of grants.keys()) ended.set(token, number);
    },
    demand: (demand) => adding(demands, demand),
    break: (breakdown) => adding(breakdowns, breakdown),
    mistake: (whose) => adding(mistakes, whose),
    judge,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await within('Entra to close', closed);
    },
    start,
  };
  return present;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', signIn);
    // Whoever asks across origins may read it, as at Entra.
    response.setHeader('access-control-allow-origin', '*');
    const [, tenant = '', ...rest] = url.pathname.split('/');
    const path = rest.join('/');
    const posted = request.method === 'POST' ? Object.fromEntries(new URLSearchParams(await textOf(request))) : {};
    const at = (what: EntraRequest['what'], asked: EntraRequest['asked']): EntraRequest => {
      const noted: EntraRequest = {
        what,
        method: request.method ?? '',
        tenant,
        asked,
        origin: request.headers.origin ?? null,
        user: null,
        refused: null,
      };
      requests.push(noted);
      return noted;
    };
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (path === 'oauth2/v2.0/authorize') {
      page(url, at('authorize', Object.fromEntries(url.searchParams)), posted, request, response);
    } else if (path === 'oauth2/v2.0/token' && request.method === 'POST') {
      await tokens(at('token', posted), response, json);
    } else if (path === 'discovery/v2.0/keys') {
      at('keys', {});
      json(200, { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] });
    } else if (path === 'v2.0/.well-known/openid-configuration') {
      const noted = at('configuration', {});
      try {
        json(200, configurationOf(tenant));
      } catch (cause) {
        json(400, refusalOf(noted, cause));
      }
    } else response.writeHead(404).end();
  }

  function configurationOf(named: string): object {
    const tenant = tenantNamed(named)?.id ?? '{tenantid}';
    return {
      issuer: `${signIn}/${tenant}/v2.0`,
      authorization_endpoint: `${signIn}/${named}/oauth2/v2.0/authorize`,
      token_endpoint: `${signIn}/${named}/oauth2/v2.0/token`,
      jwks_uri: `${signIn}/${named}/discovery/v2.0/keys`,
      tenant_region_scope: 'EU',
    };
  }

  /** Null: any organisation. */
  function tenantNamed(named: string): TestTenant | null {
    if (named === 'organizations') return null;
    const found = directory.tenants.find(({ id, domain }) => named === id || named === domain);
    if (found === undefined) throw new Refused('invalid_tenant', 90002, `Tenant '${named}' not found.`);
    return found;
  }

  function accountOf(user: string): TestAccount {
    const found = directory.accounts.find((account) => account.user === user);
    if (found === undefined) throw new Refused('invalid_grant', 50034, 'The user account does not exist.');
    return found;
  }

  function objectIdOf(account: TestAccount, tenant: string): string {
    const objectId = account.objectIds.get(tenant);
    if (objectId !== undefined) return objectId;
    throw new Refused('invalid_grant', 50020, `User account '{EUII Hidden}' does not exist in tenant '${tenant}'.`);
  }

  function mustBeRight(asked: EntraRequest['asked']): void {
    if (asked['client_id'] !== clientId) {
      wrong.push(`another client: ${asked['client_id']}`);
      throw new Refused('unauthorized_client', 700016, 'Application was not found in the directory.');
    }
    if (asked['scope'] !== scope) wrong.push(`another scope: ${asked['scope']}`);
    const claims = v.safeParse(claimsSchema, asked['claims']);
    if (!claims.success || !claims.output.access_token.xms_cc.values.includes('cp1'))
      wrong.push(`claims without cp1: ${asked['claims']}`);
    if (asked['client_info'] !== '1') wrong.push('no client_info');
  }

  function redirectMustBeOurs(redirectUri: string | undefined): string {
    if (redirectUri !== undefined && redirectUris.includes(redirectUri)) return redirectUri;
    wrong.push(`another redirect address: ${redirectUri}`);
    throw new Refused('invalid_request', 50011, 'The redirect URI specified in the request does not match.');
  }

  function mustBeAllowed(at: Required<At>, by: 'token' | 'page', acrs: readonly string[]): void {
    for (const demand of demands) {
      if (!isMeant(demand, at) || (demand.by ?? by) !== by) continue;
      if (demand.forAcrs !== undefined && !acrs.includes(demand.forAcrs)) continue;
      throw new Refused(demand.error, demand.number, 'Something is demanded of this account here.', demand.claims);
    }
  }

  /** The page to sign in on. */
  function page(
    url: URL,
    noted: EntraRequest,
    posted: Readonly<Record<string, string>>,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { asked } = noted;
    const said = (status: number, text: string) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end(`<!doctype html><title>Sign in</title>${text}`);
    try {
      mustBeRight(asked);
      redirectMustBeOurs(asked['redirect_uri']);
    } catch (cause) {
      // Nobody is sent to an address that is not the application's.
      said(400, refusalOf(noted, cause).error_description);
      return;
    }
    const prompts = asked['prompt']?.split(' ') ?? [];
    const isUnseen = prompts.includes('none');
    if (prompts.includes('consent')) wrong.push('prompt=consent');
    if (asked['response_type'] !== 'code' || asked['code_challenge_method'] !== 'S256') wrong.push('no PKCE');
    const back = (parameters: Readonly<Record<string, string>>, headers: Record<string, string> = {}) => {
      const to = new URL(asked['redirect_uri'] ?? '');
      for (const [name, value] of Object.entries({ ...parameters, state: asked['state'] ?? '' }))
        to.searchParams.set(name, value);
      response.writeHead(302, { ...headers, location: to.href }).end();
    };
    const sessions = sessionsIn(request);
    try {
      const named = tenantNamed(noted.tenant);
      if (posted['cancel'] !== undefined) {
        back({ error: 'access_denied', error_subcode: 'cancel' });
        return;
      }
      const user = isUnseen ? knownUser(sessions, asked['login_hint']) : (posted['user'] ?? present.atPage);
      const chosen = user ?? (prompts.includes('select_account') ? null : hintedUser(sessions, asked['login_hint']));
      if (chosen === null) {
        said(200, form(directory.accounts));
        return;
      }
      noted.user = chosen;
      const account = accountOf(chosen);
      const tenant = named?.id ?? account.homeTenant;
      objectIdOf(account, tenant);
      const acrs = acrsIn(asked['claims']);
      if (isUnseen) mustBeAllowed({ user: chosen, tenant }, 'page', acrs);
      else {
        if (present.declines) throw new Refused('access_denied', 65004, 'User declined to consent to access the app.');
        for (const demand of demands) {
          if (isMeant(demand, { user: chosen, tenant }) && demand.until === 'signedInThere') demands.delete(demand);
        }
        mustBeAllowed({ user: chosen, tenant }, 'page', acrs);
      }
      const code = randomBytes(24).toString('base64url');
      codes.set(code, {
        user: chosen,
        tenant,
        path: noted.tenant,
        redirectUri: asked['redirect_uri'] ?? '',
        challenge: asked['code_challenge'] ?? '',
        nonce: asked['nonce'] ?? '',
        acrs,
        expiresAt: seconds() + DAY_SECONDS,
        used: false,
      });
      const known = [...new Set([...sessions, chosen])].map(encodeURIComponent).join('|');
      const session = `${COOKIE}=${known}; Path=/; HttpOnly; ${url.protocol === 'https:' && options.tls ? 'SameSite=None; Secure' : 'SameSite=Lax'}`;
      back({ code, session_state: 'of-the-tests' }, isUnseen ? {} : { 'set-cookie': session });
    } catch (cause) {
      const { error, error_description } = refusalOf(noted, cause);
      // What a person could not mend there is shown on the page, and nobody is sent back.
      const isForPage = !isUnseen && [50020, 50034, 90002].includes(noted.refused ?? 0);
      if (isForPage) said(400, error_description);
      else back({ error, error_description, error_uri: `${signIn}/error?code=${noted.refused}` });
    }
  }

  /** Whom a page that nobody sees lets through. */
  function knownUser(sessions: readonly string[], hint: string | undefined): string {
    const known = hint === undefined ? sessions : sessions.filter((user) => accountOf(user).username === hint);
    const [one, ...others] = known;
    if (one === undefined)
      throw new Refused('login_required', 50058, 'A silent sign-in request was sent but no user is signed in.');
    if (others.length > 0) throw new Refused('interaction_required', 16000, 'Several user identities are available.');
    return one;
  }

  /** Whom a page lets through that could be shown: whoever is signed in and is meant. */
  function hintedUser(sessions: readonly string[], hint: string | undefined): string | null {
    const known = hint === undefined ? sessions : sessions.filter((user) => accountOf(user).username === hint);
    return known.length === 1 ? (known[0] ?? null) : null;
  }

  async function tokens(
    noted: EntraRequest,
    response: ServerResponse,
    json: (status: number, body: object) => void,
  ): Promise<void> {
    const { asked } = noted;
    try {
      if (noted.origin === null) {
        wrong.push('no origin');
        throw new Refused('invalid_request', 9002327, 'Tokens may only be redeemed via cross-origin requests.');
      }
      mustBeRight(asked);
      const named = tenantNamed(noted.tenant);
      const granted = asked['grant_type'] === 'refresh_token' ? refreshing(asked) : redeeming(asked, noted.tenant);
      noted.user = granted.user;
      const account = accountOf(granted.user);
      const tenant = asked['grant_type'] === 'refresh_token' ? (named?.id ?? account.homeTenant) : granted.tenant;
      const at = { user: granted.user, tenant };
      for (const { how, ...whose } of breakdowns) {
        if (!isMeant(whose, at)) continue;
        if (how === 'noAnswer') response.socket?.destroy();
        else response.writeHead(how.status, { 'content-type': 'application/json' }).end(how.body ?? '');
        return;
      }
      objectIdOf(account, tenant);
      const acrs = acrsIn(asked['claims']);
      if (asked['grant_type'] === 'refresh_token') mustBeAllowed(at, 'token', acrs);
      const [mistaken] = mistakes;
      json(200, await given({ ...granted, ...at, ...mistaken }, granted.nonce, acrs));
    } catch (cause) {
      json(400, refusalOf(noted, cause));
    }
  }

  function refreshing({ refresh_token = '' }: EntraRequest['asked']): Grant & { readonly nonce: null } {
    const grant = grants.get(refresh_token);
    const number = ended.get(refresh_token);
    if (grant === undefined) throw new Refused('invalid_grant', 70000, 'The refresh token is not valid.');
    if (number !== undefined) throw new Refused('invalid_grant', number, 'The refresh token has ended.');
    if (seconds() < grant.expiresAt) return { ...grant, nonce: null };
    throw new Refused('invalid_grant', 700084, 'The refresh token was issued to a single page app and is now expired.');
  }

  function redeeming(asked: EntraRequest['asked'], path: string): Code {
    const code = codes.get(asked['code'] ?? '');
    const verified = createHash('sha256')
      .update(asked['code_verifier'] ?? '')
      .digest('base64url');
    if (code === undefined || verified !== code.challenge) {
      wrong.push('a code that is not ours, or without its verifier');
      throw new Refused('invalid_grant', 501481, 'The Code_Verifier does not match the code_challenge.');
    }
    redirectMustBeOurs(asked['redirect_uri']);
    if (code.path !== path) wrong.push(`a code of ${code.path} at ${path}`);
    if (code.used) throw new Refused('invalid_grant', 54005, 'OAuth2 Authorization code was already redeemed.');
    code.used = true;
    return code;
  }

  async function given(grant: Grant, nonce: string | null, acrs: readonly string[]): Promise<object> {
    const account = accountOf(grant.user);
    const { tenant } = grant;
    const oid = objectIdOf(account, tenant);
    const iat = seconds();
    const exp = iat + present.accessTokenSeconds;
    // The same person has another `sub` in every tenant, and another `oid`.
    const sub = createHash('sha256').update(`${account.user} ${tenant}`).digest('base64url');
    const [uid, utid] = account.user.split('.');
    const refreshToken = randomBytes(48).toString('base64url');
    // A newer one ends when the first does.
    grants.set(refreshToken, { user: account.user, tenant, expiresAt: grant.expiresAt });
    return {
      token_type: 'Bearer',
      scope,
      expires_in: present.accessTokenSeconds,
      ext_expires_in: present.accessTokenSeconds,
      access_token: await sign({
        aud: audience,
        iss: `https://sts.windows.net/${tenant}/`,
        iat,
        exp,
        jti: randomBytes(8).toString('hex'),
        tid: tenant,
        oid,
        sub,
        appid: clientId,
        ...(acrs.length > 0 && { acrs }),
      }),
      refresh_token: refreshToken,
      id_token: await sign({
        aud: clientId,
        iss: `${signIn}/${tenant}/v2.0`,
        iat,
        exp,
        tid: tenant,
        oid,
        sub,
        name: account.name,
        preferred_username: account.username,
        ver: '2.0',
        ...(nonce !== null && { nonce }),
      }),
      client_info: Buffer.from(JSON.stringify({ uid, utid })).toString('base64url'),
    };
  }

  function sign(payload: JWTPayload): Promise<string> {
    return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(privateKey);
  }

  async function judge(token: string): Promise<JudgedToken | null> {
    try {
      const { payload } = await jwtVerify(token, publicKey, { currentDate: new Date(0) });
      const { aud, tid, oid, exp, acrs } = v.parse(judgedSchema, payload);
      return { tenant: tid, objectId: oid, audience: aud, isExpired: exp <= seconds(), claims: acrs };
    } catch {
      // It is none of ours, however it is broken.
      return null;
    }
  }

  /** What a refusal says in JSON, with Entra's own additions. */
  function refusalOf(noted: EntraRequest, cause: unknown) {
    if (!(cause instanceof Refused)) throw cause;
    const { error, number, said, claims } = cause;
    noted.refused = number;
    const trace_id = '11111111-2222-4333-8444-555555555555';
    const correlation_id = '66666666-7777-4888-8999-aaaaaaaaaaaa';
    const timestamp = '2026-01-01 00:00:00Z';
    return {
      error,
      error_description: `AADSTS${number}: ${said} Trace ID: ${trace_id} Correlation ID: ${correlation_id} Timestamp: ${timestamp}`,
      error_codes: [number],
      timestamp,
      trace_id,
      correlation_id,
      error_uri: `${signIn}/error?code=${number}`,
      ...(claims !== undefined && { claims }),
    };
  }
}

const judgedSchema = v.object({
  aud: v.string(),
  tid: v.string(),
  oid: v.string(),
  exp: v.number(),
  acrs: v.optional(v.array(v.string()), []),
});

function adding<T>(all: Set<T>, one: T): () => void {
  all.add(one);
  return () => all.delete(one);
}

function isMeant({ user, tenant }: At, at: Required<At>): boolean {
  return (user ?? at.user) === at.user && (tenant ?? at.tenant) === at.tenant;
}

function acrsIn(claims: string | undefined): readonly string[] {
  const parsed = v.safeParse(claimsSchema, claims);
  const acrs = parsed.success ? parsed.output.access_token.acrs : undefined;
  return acrs === undefined ? [] : [...(acrs.value === undefined ? [] : [acrs.value]), ...acrs.values];
}

function sessionsIn({ headers }: IncomingMessage): readonly string[] {
  const found = new RegExp(`${COOKIE}=([^;]*)`).exec(headers.cookie ?? '')?.[1] ?? '';
  return found
    .split('|')
    .filter((user) => user !== '')
    .map(decodeURIComponent);
}

function form(accounts: readonly TestAccount[]): string {
  const choices = accounts.map(({ user, username }) => `<button name="user" value="${user}">${username}</button>`);
  return `<h1>Pick an account</h1><form method="post">${choices.join('')}<button name="cancel" value="1">Cancel</button></form>`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
