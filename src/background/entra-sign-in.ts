import * as v from 'valibot';
import { BackendError, type CredentialWanted } from '../backends/backend';
import { tenantIdSchema } from '../backends/azure-directory';
import { decodedText } from '../backends/base64url';
import { withoutTokens } from '../backends/http';
import { type AzureAccount, personOfAccount } from '../domain/azure-account';
import { AZURE_ENDPOINTS, type AzureEndpoints, azureCloudAt } from '../domain/azure-cloud';
import type { EntraConnection } from '../domain/connection';
import type { Failure } from '../domain/failure';
import type { Credential, TenantSignIn } from '../domain/person';
import { homeAccountSchema } from '../domain/schemas';
import { parseTenant } from '../domain/tenant';
import { browser } from '../platform/browser';
import { matchPatternOf } from '../portals';
import type { SignedInAccount, TenantAccess, TenantTokens } from '../storage/entra-secrets';
import { createAges, createCodeFlow, type Given, type Profile, RENEW_BEFORE_MS } from './code-flow';
import {
  claimsDemanded,
  entraVerdict,
  failureOfEntra,
  isTokenEnded,
  isUnknownToPage,
  NeedsPerson,
  PersonalAccount,
} from './entra-errors';
import type { SignInParts } from './sign-in';
import { AnotherPerson, gaveNoToken, why } from './sign-in-errors';

/** Whom Entra's page is opened for. */
export interface EntraWanted {
  /** The account that is to come back, by its home account ID; null: whichever the person chooses there. */
  readonly user: string | null;
  /** The tenant to sign in at, by its ID or domain; null: the account's own, whichever account that is. */
  readonly tenant: string | null;
}

/** How signing in at Entra ended. */
export type EntraOutcome =
  | { readonly kind: 'signedIn'; readonly account: AzureAccount; readonly tenant: string }
  /** Another account came back than the one that was wanted. It is kept as one of several, and nothing of the other's is done. */
  | { readonly kind: 'otherAccount'; readonly account: AzureAccount; readonly wanted: string }
  | { readonly kind: 'cancelled' }
  /** `failure`: reason `signInNeeded`, with what Entra said. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Signing in at Microsoft Entra: several accounts, each in many tenants, with one refresh token an account. */
export interface EntraSignIn {
  /** The accounts that are signed in there, the one that signed in first at the head. */
  accounts(connection: EntraConnection): Promise<readonly AzureAccount[]>;
  /**
   * An access token for the management interface. In this order: a token that is kept, the account's refresh token at that tenant, a page
   * that nobody sees (`prompt=none`). Null: the account is not signed in here, so the person must sign in. No window is ever opened.
   * @param wanted without `of`: the first account's in its own tenant
   * @throws {BackendError} `noAnswer` where Entra does not answer; `signInNeeded` where it gives a token only to the person, or signing in
   * there did not work the last time: with the reason, and without asking again until somebody signs in
   */
  token(connection: EntraConnection, wanted: CredentialWanted): Promise<Credential | null>;
  /** Whether a sign-in is known to need the person. Asks nobody. */
  needsPerson(connection: EntraConnection, of: TenantSignIn): Promise<boolean>;
  /** Has the person sign in on Entra's own page. */
  start(connection: EntraConnection, wanted: EntraWanted): Promise<EntraOutcome>;
  /** Whether the browser allows `start`: it has `identity` and the management host. The sign-in host needs no permission. */
  mayStart(connection: EntraConnection): Promise<boolean>;
  /** Forgets an account's tokens here. The browser's session at Microsoft stays. */
  end(connection: EntraConnection, user: string): Promise<void>;
}

/** What a request to Entra is about. `tenant`: by its ID or domain; null: the own one of whoever signs in. */
interface Asked {
  readonly connection: EntraConnection;
  readonly tenant: string | null;
  /** What an access token lacked that the management interface refused. */
  readonly claims: string | null;
}

/** One token that is asked for without the person. */
interface Renewal {
  readonly connection: EntraConnection;
  readonly of: TenantSignIn;
  /** What the token has to have; the token endpoint may name more. */
  claims: string | null;
}

function askedBy({ connection, of, claims }: Renewal): Asked {
  return { connection, tenant: of.tenant, claims };
}

/** The tenant that personal Microsoft accounts are of (Microsoft, “ID token claims reference”, `tid`). It has no Azure. */
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad';
/** Of what names no tenant, as Entra refuses it. */
const NO_SUCH_TENANT: Failure = {
  reason: 'signInNeeded',
  code: 'SignInFailed',
  detail: { code: 'entra', number: 90002 },
};
/** Of a token that lacks the claims all the same that it was asked for with. */
const MORE_PROOF: Failure = { reason: 'signInNeeded', detail: { code: 'moreProof' } };
/** In the place of a tenant: any account of an organisation's, in its own. */
const ANY_ORGANISATION = 'organizations';

/**
 * Entra by its fixed addresses. Without a tenant its metadata name no issuer that an ID token could be held against: that is named by
 * the tenant in the token itself.
 */
const ENTRA: Profile<Asked> = {
  clientId: ({ connection }) => connection.clientId,
  async provider({ connection, tenant }) {
    const base = `${endpointsOf(connection).signIn}/${encodeURIComponent(tenant ?? ANY_ORGANISATION)}`;
    return {
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
    };
  },
  asksPage: async (asked) => asks(asked),
  asksTokens: asks,
  issuerOf: ({ connection }, { tid }) => `${endpointsOf(connection).signIn}/${String(tid)}/v2.0`,
};

/** `client_info`: the answer says who the account is at home. */
function asks({ connection, claims }: Asked): Record<string, string> {
  return {
    scope: `${endpointsOf(connection).audience}/user_impersonation openid profile offline_access`,
    client_info: '1',
    claims: bothClaims(claims, CAPABILITIES),
  };
}

/**
 * That we answer demands of more claims: without it Azure withdraws no token early and names no claims (Microsoft, “Claims challenges,
 * claims requests, and client capabilities”).
 */
const CAPABILITIES = '{"access_token":{"xms_cc":{"values":["cp1"]}}}';

const claimsSchema = v.pipe(v.string(), v.parseJson(), v.looseObject({ access_token: v.optional(v.looseObject({})) }));

/** What both ask for; what cannot be read asks for nothing. */
function bothClaims(one: string | null, other: string): string {
  const parsed = [one, other].map((claims) => v.safeParse(claimsSchema, claims));
  const [first = {}, second = {}] = parsed.map(({ success, output }) => (success ? output : {}));
  return JSON.stringify({ ...first, ...second, access_token: { ...first.access_token, ...second.access_token } });
}

const clientInfoSchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return decodedText(dataset.value);
    } catch {
      addIssue({ message: 'Not base64' });
      return NEVER;
    }
  }),
  v.parseJson(),
  v.object({ uid: v.string(), utid: v.string() }),
  v.transform(({ uid, utid }) => `${uid}.${utid}`.toLowerCase()),
  homeAccountSchema,
);
const idTokenSchema = v.looseObject({
  tid: tenantIdSchema,
  oid: v.pipe(v.string(), v.toLowerCase()),
  preferred_username: v.optional(v.fallback(v.nullable(v.string()), null), null),
  name: v.optional(v.fallback(v.nullable(v.string()), null), null),
});

/** Whose tokens came: the account, and its ID in the tenant that they are for. */
interface Whose {
  readonly account: AzureAccount;
  readonly tenant: string;
  readonly objectId: string;
}

/** @throws where the answer does not say it, or is for another tenant than was asked at */
function whoseIs({ answer, claims }: Given, tenant: string | null): Whose {
  const info = v.safeParse(clientInfoSchema, answer['client_info']);
  const idToken = v.safeParse(idTokenSchema, claims);
  if (!info.success || !idToken.success) throw new AnotherPerson('Entra did not say whose the tokens are');
  const user = info.output;
  const { tid, oid, preferred_username, name } = idToken.output;
  if (tid === PERSONAL) throw new PersonalAccount('No tenant was named');
  if (tenant !== null && isTenantId(tenant) && tid !== tenant)
    throw new AnotherPerson('Entra gave tokens for another tenant');
  const home = homeOf(user) ?? tid;
  const homeTenant = home === PERSONAL ? tid : home;
  return {
    account: { user, homeTenant, username: preferred_username, name },
    tenant: tid,
    objectId: oid,
  };
}

export function createEntraSignIn({ secrets, clock, log, skew }: SignInParts): EntraSignIn {
  const flow = createCodeFlow(ENTRA, { clock, skew });
  const ages = createAges(clock);
  const starting = new Map<string, Promise<EntraOutcome>>();
  // Why the last attempt of each connection did not work where nobody was signed in.
  const problems = new Map<string, Failure>();

  /** Of one account in one tenant only one request at a time reads tokens and then writes them. */
  function inTurn<T>(connection: EntraConnection, of: TenantSignIn, work: () => Promise<T>): Promise<T> {
    return navigator.locks.request(`tokens ${nameOf(connection, of)}`, work);
  }

  async function accountOf(connection: EntraConnection, user: string): Promise<SignedInAccount | null> {
    return (await secrets.readAccounts(connection)).find((account) => account.user === user) ?? null;
  }

  async function token(connection: EntraConnection, wanted: CredentialWanted): Promise<Credential | null> {
    const [first] = await secrets.readAccounts(connection);
    const problem = problems.get(connection.id);
    if (first === undefined && problem !== undefined) throw new BackendError(problem);
    const of = wanted.of ?? (first && { user: first.user, tenant: first.homeTenant });
    return of === undefined ? null : inTurn(connection, of, () => tokenOf(connection, of, wanted));
  }

  async function tokenOf(
    connection: EntraConnection,
    of: TenantSignIn,
    { refused, claims }: CredentialWanted,
  ): Promise<Credential | null> {
    const account = await accountOf(connection, of.user);
    if (account === null) return null;
    const kept = await secrets.readTenantTokens(connection, of);
    const { access } = kept;
    const isFresh = access !== null && ages.lasts(nameOf(connection, of), access, RENEW_BEFORE_MS) === 'yes';
    if (isFresh && access.token !== refused) return credentialOf(connection, account, of.tenant, access);
    // One that lacks claims for what was asked is good for all else.
    const isSpent = refused !== undefined && access?.token === refused && claims === undefined;
    // For other claims than those that the person is waited for it may go without the person, unless it was in vain.
    const isInVain = access?.token === refused && access?.askedWith === claims;
    const demand = claims !== undefined && claims !== kept.claims && { claims, trouble: isInVain ? MORE_PROOF : null };
    const present = { ...kept, ...demand, ...(isSpent && { access: null }) };
    if (demand || isSpent)
      await secrets.updateAccount(connection, of.user, asItIs, { tenant: of.tenant, tokens: present });
    const trouble = present.trouble ?? account.trouble;
    if (trouble !== null) throw new BackendError(trouble);
    return renewed(connection, account, of, present, refused ?? null);
  }

  async function renewed(
    connection: EntraConnection,
    account: SignedInAccount,
    of: TenantSignIn,
    present: TenantTokens,
    refused: string | null,
  ): Promise<Credential | null> {
    const { access } = present;
    const name = nameOf(connection, of);
    const renewal: Renewal = { connection, of, claims: present.claims };
    const clean = withoutTokens([access?.token ?? '', account.refreshToken ?? '']);
    try {
      if (ages.isResting(name)) throw new Error('It did not answer a moment ago');
      const given = await withoutPerson(renewal, account.refreshToken);
      const { objectId } = whoseIs(given, of.tenant);
      ages.came(name, given);
      const tokens = {
        access: { ...given.access, objectId, askedWith: present.claims },
        claims: null,
        trouble: null,
      };
      const isStillThere = await secrets.updateAccount(connection, of.user, asItIs, { tenant: of.tenant, tokens });
      return isStillThere ? credentialOf(connection, account, of.tenant, tokens.access) : null;
    } catch (cause) {
      if (entraVerdict(cause) !== 'later') {
        log.info('Entra gives a token only to the person', { why: clean(why(cause)) });
        throw await noted(renewal, access, cause, failureOfEntra(cause, clean));
      }
      log.info('No access token could be had from Entra', { why: clean(why(cause)) });
      ages.rest(name);
      // Nobody knows the token's age: Azure judges it.
      const isGood = access !== null && access.token !== refused && ages.lasts(name, access, 0) !== 'no';
      if (isGood) return credentialOf(connection, account, of.tenant, access);
      throw gaveNoToken(cause, clean);
    }
  }

  /** Notes that it takes the person, so that nobody asks again until somebody signs in there. */
  async function noted(
    { connection, of, claims }: Renewal,
    access: TenantAccess | null,
    cause: unknown,
    failure: Failure,
  ): Promise<BackendError> {
    const trouble = cause instanceof NeedsPerson ? null : failure;
    const at = { tenant: of.tenant, tokens: { access, claims, trouble } };
    await secrets.updateAccount(connection, of.user, asItIs, at);
    return new BackendError(failure, { cause });
  }

  /**
   * Other tokens without the person. Entra ends no refresh token by its use, so tenants use one side by side (Microsoft, “Refresh tokens in
   * the Microsoft identity platform”).
   */
  async function withoutPerson(renewal: Renewal, refreshToken: string | null): Promise<Given> {
    if (refreshToken === null) return unseen(renewal, null);
    const answer = await refreshed(renewal, refreshToken);
    return 'isEnded' in answer ? unseen(renewal, answer.isEnded ? refreshToken : null) : answer;
  }

  /** By the refresh token. `isEnded`: it was refused, and would be in every tenant or in that one alone. */
  async function refreshed(renewal: Renewal, refreshToken: string): Promise<Given | { readonly isEnded: boolean }> {
    const { connection, of } = renewal;
    try {
      return await taken(renewal, await flow.refresh(askedBy(renewal), refreshToken));
    } catch (cause) {
      if (entraVerdict(cause) === 'later') throw cause;
      const isEnded = isTokenEnded(cause);
      log.info('Entra refused the refresh token', { isEnded, why: why(cause) });
      if (isEnded) {
        await secrets.updateAccount(connection, of.user, (now) =>
          now.refreshToken === refreshToken ? { ...now, refreshToken: null } : now,
        );
      }
      const demanded = claimsDemanded(cause);
      if (demanded !== null) renewal.claims = bothClaims(renewal.claims, demanded);
      return { isEnded };
    }
  }

  /**
   * By Entra's page, out of sight; one at a time of each account.
   * @param ended the refresh token that has ended, where it has: the page before may have brought another
   */
  function unseen(renewal: Renewal, ended: string | null): Promise<Given> {
    const { connection, of } = renewal;
    return navigator.locks.request(`unseen ${connection.id} ${of.user}`, async () => {
      const account = await accountOf(connection, of.user);
      if (account === null) throw new AnotherPerson('The account was signed out meanwhile');
      if (account.trouble !== null) throw new NeedsPerson(account.trouble);
      const { refreshToken, username } = account;
      const isRenewed = ended !== null && refreshToken !== null && refreshToken !== ended;
      const answer = isRenewed ? await refreshed(renewal, refreshToken) : null;
      if (answer !== null && !('isEnded' in answer)) return answer;
      return taken(renewal, await byPage(renewal, username));
    });
  }

  async function byPage(renewal: Renewal, username: string | null): Promise<Given> {
    const { connection, of } = renewal;
    try {
      return await flow.authorize(askedBy(renewal), {
        interactive: false,
        asks: { prompt: 'none', ...(username !== null && { login_hint: username }) },
      });
    } catch (cause) {
      const account = await accountOf(connection, of.user);
      if (!isUnknownToPage(cause) || account === null || account.refreshToken !== null) throw cause;
      // There is only the page, and it would say the same of every tenant.
      const trouble = failureOfEntra(cause, asItIs);
      await secrets.updateAccount(connection, of.user, (now) => ({ ...now, trouble }));
      throw new NeedsPerson(trouble);
    }
  }

  /** Keeps the refresh token that came, for all tenants. @throws where it is not that account's */
  async function taken({ connection, of }: Renewal, given: Given): Promise<Given> {
    const { account } = whoseIs(given, of.tenant);
    if (account.user !== of.user) throw new AnotherPerson('Entra gave tokens of another account');
    const { refreshToken } = given;
    if (refreshToken !== null) await secrets.updateAccount(connection, of.user, (now) => ({ ...now, refreshToken }));
    return given;
  }

  async function attempt(connection: EntraConnection, { user, tenant }: EntraWanted): Promise<EntraOutcome> {
    problems.delete(connection.id);
    if (tenant !== null && parseTenant(tenant) === null) return { kind: 'failed', failure: NO_SUCH_TENANT };
    const known = user === null ? null : await accountOf(connection, user);
    const named = tenant === null ? (known?.homeTenant ?? homeOf(user)) : parseTenant(tenant);
    const of = known !== null && named !== null ? { user: known.user, tenant: named } : null;
    const kept = of === null ? null : await secrets.readTenantTokens(connection, of);
    try {
      if (named === PERSONAL) throw new PersonalAccount('No tenant was named');
      const hint = known?.username ?? null;
      const given = await flow.authorize(
        { connection, tenant: named, claims: kept?.claims ?? null },
        { interactive: true, asks: hint === null ? { prompt: 'select_account' } : { login_hint: hint } },
      );
      return await keep(connection, given, whoseIs(given, named), { user, claims: kept?.claims ?? null });
    } catch (cause) {
      const verdict = entraVerdict(cause);
      if (verdict === 'cancelled') return { kind: 'cancelled' };
      log.error('Signing in at Entra did not work', cause);
      const failure = failureOfEntra(cause, asItIs);
      // Where the account was before, it stays signed in; until it is tried again this is why that tenant has no token.
      if (of !== null && kept !== null && verdict === 'no') {
        await inTurn(connection, of, () => noteTrouble(connection, of, failure));
      } else problems.set(connection.id, failure);
      return { kind: 'failed', failure };
    }
  }

  async function noteTrouble(connection: EntraConnection, of: TenantSignIn, trouble: Failure): Promise<void> {
    const tokens = await secrets.readTenantTokens(connection, of);
    const at = { tenant: of.tenant, tokens: { ...tokens, trouble } };
    await secrets.updateAccount(connection, of.user, asItIs, at);
  }

  /** Keeps what the person's sign-in brought, once whoever asks for a token of that account there has ended: it would undo this. */
  async function keep(
    connection: EntraConnection,
    given: Given,
    { account, tenant, objectId }: Whose,
    asked: { readonly user: string | null; readonly claims: string | null },
  ): Promise<EntraOutcome> {
    const of = { user: account.user, tenant };
    const signedIn = await inTurn(connection, of, async () => {
      const before = await accountOf(connection, account.user);
      const { refreshToken } = given;
      const merged = {
        ...account,
        // A personal account's first tenant stays its own.
        homeTenant: before?.homeTenant ?? account.homeTenant,
        username: account.username ?? before?.username ?? null,
        name: account.name ?? before?.name ?? null,
      };
      ages.came(nameOf(connection, of), given);
      await secrets.saveAccount(
        connection,
        { ...merged, refreshToken, trouble: null },
        {
          tenant,
          tokens: { access: { ...given.access, objectId, askedWith: asked.claims }, claims: null, trouble: null },
        },
      );
      return merged;
    });
    const { user: wanted } = asked;
    if (wanted !== null && wanted !== account.user) return { kind: 'otherAccount', account: signedIn, wanted };
    return { kind: 'signedIn', account: signedIn, tenant };
  }

  return {
    accounts: async (connection) => (await secrets.readAccounts(connection)).map(withoutSecrets),

    token,

    async needsPerson(connection, of) {
      const account = await accountOf(connection, of.user);
      return account === null || (account.trouble ?? (await secrets.readTenantTokens(connection, of)).trouble) !== null;
    },

    start(connection, wanted) {
      const key = JSON.stringify([connection.id, wanted.user, wanted.tenant]);
      const underWay = starting.get(key);
      if (underWay !== undefined) return underWay;
      const started = attempt(connection, wanted).finally(() => starting.delete(key));
      starting.set(key, started);
      return started;
    },

    mayStart: ({ address }) =>
      browser.permissions.contains({ origins: [matchPatternOf(address)], permissions: ['identity'] }),

    async end(connection, user) {
      problems.delete(connection.id);
      await secrets.forgetAccount(connection, user);
    },
  };
}

/** @throws for a connection to no cloud, which no form and no file makes */
function endpointsOf({ address }: EntraConnection): AzureEndpoints {
  const cloud = azureCloudAt(address);
  if (cloud === null) throw new Error('The connection is to none of Azure’s clouds');
  return AZURE_ENDPOINTS[cloud];
}

function credentialOf(
  connection: EntraConnection,
  account: AzureAccount,
  tenantId: string,
  { token, objectId }: { readonly token: string; readonly objectId: string },
): Credential {
  const person = personOfAccount(account, endpointsOf(connection));
  return { token, person, directoryUser: { tenantId, objectId } };
}

function withoutSecrets({ user, homeTenant, username, name }: SignedInAccount): AzureAccount {
  return { user, homeTenant, username, name };
}

/** What locks and ages of an account in one tenant go by. */
function nameOf({ id }: EntraConnection, { user, tenant }: TenantSignIn): string {
  return `${id} ${user} ${tenant}`;
}

/** The tenant that an account is of, by its home account ID. */
function homeOf(user: string | null): string | null {
  return user?.split('.')[1] ?? null;
}

function asItIs<T>(one: T): T {
  return one;
}

function isTenantId(tenant: string): boolean {
  return !tenant.includes('.');
}
