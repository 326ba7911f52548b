import * as oauth from 'oauth4webapi';
import { BackendError } from '../backends/backend';
import { withoutTokens } from '../backends/http';
import type { Skew } from '../backends/skew';
import type { Failure } from '../domain/failure';
import { type Credential, isSamePerson } from '../domain/person';
import { isSameScopes, type NamedScopes, OWN_SCOPES, scopesFor } from '../domain/scopes';
import type { OpenIdConnection } from '../domain/connection';
import type { SignInAnswer } from '../messaging/protocol';
import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import { matchPatternOf } from '../portals';
import type { Secrets, SignedInPerson, Tokens } from '../storage/secrets';
import { noteSignIn, readSignInNotes } from '../storage/sign-in-notes';
import { createAges, createCodeFlow, type Given, RENEW_BEFORE_MS } from './code-flow';
import { askedOf, discover, mayNameService, namedScopes, type Provider } from './provider';
import { AnotherPerson, ClockOff, failureOfSignIn, gaveNoToken, isAway, verdictOf, why } from './sign-in-errors';

export interface SignInParts {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly skew: Skew;
}

/** Signing in at identity providers, by authorization code with PKCE. */
export interface SignIn {
  /**
   * Has the person sign in on the provider's own page.
   * @param another the person wants to choose the account there
   */
  start(connection: OpenIdConnection, another: boolean): Promise<SignInOutcome>;
  /** Whether `start` may go ahead: the browser allows it, and what is asked for has been agreed to. */
  mayStart(connection: OpenIdConnection): Promise<boolean>;
  /** What the service names to be asked for. It decides nothing: the person does. */
  named(address: string): Promise<NamedScopes>;
  /**
   * An access token that is good for a while, and whose it is; renewed without the person where need be; null when the person
   * must sign in.
   * @param refused one that the service has just refused, so that another is wanted
   * @throws {BackendError} when the provider does not answer, or signing in did not work
   */
  token(connection: OpenIdConnection, refused?: string): Promise<Credential | null>;
  /** Forgets the tokens; answers whether the provider ended them too. The next to sign in chooses the account. */
  end(connection: OpenIdConnection): Promise<boolean>;
}

export type SignInOutcome = Exclude<SignInAnswer, 'optionsOpened' | 'tooMany'>;

/** How to go to the provider's page. `hint`: who is expected back. */
interface Way {
  readonly interactive: boolean;
  readonly prompts: readonly string[];
  readonly hint: Pick<Tokens, 'idToken' | 'loginHint'> | null;
}

export function createSignIn({ secrets, clock, log, skew }: SignInParts): SignIn {
  const asking = { fetch: skew.fetch, clock, log };
  const providers = new Map<string, Provider>();
  const starting = new Map<string, Promise<SignInOutcome>>();
  // Why the last attempt of each connection did not work, to be shown where the person is asked to sign in.
  const problems = new Map<string, Failure>();
  const ages = createAges(clock);
  const flow = createCodeFlow<OpenIdConnection>(
    {
      clientId: ({ clientId }) => clientId,
      provider: providerOf,
      asksPage: async (connection, provider) => ({
        scope: (await asksFor(connection, provider)).join(' '),
        ...resourceOf(connection, provider),
      }),
      asksTokens: resourceOf,
    },
    { clock, skew },
  );

  /**
   * Work that reads tokens and then writes them runs one after the other: a refresh token that is used twice looks stolen to a
   * provider, which then ends everything that came of it.
   */
  function inTurn<T>({ id }: OpenIdConnection, work: () => Promise<T>): Promise<T> {
    return navigator.locks.request(`tokens ${id}`, work);
  }

  async function providerOf(connection: OpenIdConnection): Promise<Provider> {
    const known = providers.get(connection.issuer);
    if (known !== undefined) return known;
    const provider = await discover(connection, skew.fetch);
    providers.set(connection.issuer, provider);
    return provider;
  }

  async function authorize(connection: OpenIdConnection, { interactive, prompts, hint }: Way): Promise<Tokens> {
    const prompt = prompts.length > 0 && { prompt: prompts.join(' ') };
    const given = await flow.authorize(connection, { interactive, asks: { ...prompt, ...asksFrom(hint) } });
    return tokensOf(connection, given, null);
  }

  /** @param before what was renewed: what the provider does not say anew goes on */
  function tokensOf({ id, issuer }: OpenIdConnection, given: Given, before: Tokens | null): Tokens {
    const { access, refreshToken, idToken, claims } = given;
    ages.came(id, given);
    return {
      access,
      refreshToken: refreshToken ?? before?.refreshToken ?? null,
      person: claims === null ? (before?.person ?? null) : personIn(issuer, claims, before?.person ?? null),
      idToken: idToken ?? before?.idToken ?? null,
      loginHint: textIn(claims, ['preferred_username', 'email']) ?? before?.loginHint ?? null,
    };
  }

  async function attempt(connection: OpenIdConnection, another: boolean): Promise<SignInOutcome> {
    problems.delete(connection.id);
    try {
      const notes = await readSignInNotes(connection);
      const choose = another || notes.chooseAccount;
      const first = await chosen(connection, choose, notes.askConsent);
      await inTurn(connection, () => secrets.saveTokens(connection, first));
      await noteSignIn(connection, { chooseAccount: false });
      // Nobody waits for this: work that waited for the sign-in goes on meanwhile.
      if (await lacksConsent(connection, first)) void consentTo(connection, first);
      return 'signedIn';
    } catch (cause) {
      if (verdictOf(cause) === 'cancelled') return 'cancelled';
      log.error('Signing in did not work', cause);
      problems.set(connection.id, failureOfSignIn(cause));
      if (cause instanceof ClockOff) return { problem: 'clockOff', aheadMs: cause.aheadMs };
      return isAway(cause) ? 'providerAway' : 'failed';
    }
  }

  /** Has the person sign in. A provider that offers no choice of account asks for a login, which is a choice too. */
  async function chosen(connection: OpenIdConnection, choose: boolean, consent: boolean): Promise<Tokens> {
    const way = (prompt: string): Way => ({
      interactive: true,
      prompts: [...(choose ? [prompt] : []), ...(consent ? ['consent'] : [])],
      hint: null,
    });
    try {
      return await authorize(connection, way('select_account'));
    } catch (cause) {
      const isUnknown = cause instanceof oauth.AuthorizationResponseError && cause.error === 'invalid_request';
      if (!choose || !isUnknown) throw cause;
      log.info('The identity provider does not let anyone choose an account', { why: why(cause) });
      return authorize(connection, way('login'));
    }
  }

  /** Whether the provider withheld a refresh token because the person had not consented; from then on consent is asked for. */
  async function lacksConsent(connection: OpenIdConnection, { refreshToken }: Tokens): Promise<boolean> {
    if (refreshToken !== null) return false;
    const asked = await asksFor(connection, await providerOf(connection));
    if (!asked.includes('offline_access') || (await readSignInNotes(connection)).askConsent) return false;
    await noteSignIn(connection, { askConsent: true });
    return connection.staySignedIn;
  }

  /** The person wants to stay signed in, so the provider's page asks for their consent at once. Without it they are signed in all the same. */
  async function consentTo(connection: OpenIdConnection, present: Tokens): Promise<void> {
    try {
      const tokens = await authorize(connection, { interactive: true, prompts: ['consent'], hint: present });
      await inTurn(connection, async () => {
        const now = (await secrets.readTokens(connection))?.person ?? null;
        // Meanwhile the person may have left, or somebody else may have come.
        const isStillThere = now !== null && tokens.person !== null && isSamePerson(now, tokens.person);
        if (isStillThere) await secrets.saveTokens(connection, tokens);
        else log.info('Consent came for somebody who is not signed in any more');
      });
    } catch (cause) {
      log.info('The person is signed in until the browser closes', { why: why(cause) });
    }
  }

  async function token(connection: OpenIdConnection, refused?: string): Promise<Credential | null> {
    const tokens = await secrets.readTokens(connection);
    const problem = problems.get(connection.id);
    if (tokens === null && problem !== undefined) throw new BackendError(problem);
    if (tokens === null) return null;
    const { access } = tokens;
    const isFresh = access !== null && ages.lasts(connection.id, access, RENEW_BEFORE_MS) === 'yes';
    const present = credentialOf(tokens);
    return present !== null && isFresh && present.token !== refused ? present : renewed(connection, tokens, refused);
  }

  async function renewed(connection: OpenIdConnection, tokens: Tokens, refused?: string): Promise<Credential | null> {
    const { access, refreshToken, idToken } = tokens;
    const clean = withoutTokens([access?.token ?? '', refreshToken ?? '', idToken ?? '']);
    try {
      if (ages.isResting(connection.id)) throw new Error('It did not answer a moment ago');
      const given = await renew(connection, tokens);
      const credential = credentialOf(given);
      if (credential === null) throw new AnotherPerson('The provider did not say whose the token is');
      if (tokens.person !== null && !isSamePerson(tokens.person, credential.person))
        throw new AnotherPerson('The provider now knows somebody else');
      await secrets.saveTokens(connection, given);
      return credential;
    } catch (cause) {
      if (verdictOf(cause) !== 'later') {
        log.info('The identity provider wants the person to sign in again', { why: clean(why(cause)) });
        await secrets.forgetTokens(connection.id);
        return null;
      }
      log.info('No access token could be had from the identity provider', { why: clean(why(cause)) });
      ages.rest(connection.id);
      const present = credentialOf(tokens);
      // Nobody knows the token's age: the service judges it.
      const isGood = access !== null && ages.lasts(connection.id, access, 0) !== 'no';
      if (present !== null && present.token !== refused && isGood) return present;
      throw gaveNoToken(cause, clean);
    }
  }

  /** Gets other tokens without the person: by the refresh token; where there is none or it is refused, by the provider's own session. */
  async function renew(connection: OpenIdConnection, tokens: Tokens): Promise<Tokens> {
    const silently = () => authorize(connection, { interactive: false, prompts: ['none'], hint: tokens });
    if (tokens.refreshToken === null) return silently();
    try {
      return tokensOf(connection, await flow.refresh(connection, tokens.refreshToken), tokens);
    } catch (cause) {
      if (verdictOf(cause) === 'later') throw cause;
      log.info('The identity provider refused the refresh token', { why: why(cause) });
      return silently();
    }
  }

  return {
    token: (connection, refused) => inTurn(connection, () => token(connection, refused)),

    start(connection, another) {
      const underWay = starting.get(connection.id);
      if (underWay !== undefined) return underWay;
      const started = attempt(connection, another).finally(() => starting.delete(connection.id));
      starting.set(connection.id, started);
      return started;
    },

    async mayStart(connection) {
      const wanted = { origins: [matchPatternOf(connection.issuer)], permissions: ['identity' as const] };
      if (!(await browser.permissions.contains(wanted))) return false;
      if ((await agreedTo(connection)) !== null) return true;
      // Nobody has decided yet: only scopes that open no API may be asked for without a question.
      const named = scopesFor(await namedScopes(connection.address, asking));
      return named === null || isSameScopes(named, OWN_SCOPES);
    },

    named: (address) => namedScopes(address, asking),

    async end(connection) {
      problems.delete(connection.id);
      const tokens = await inTurn(connection, async () => {
        const present = await secrets.readTokens(connection);
        await secrets.forgetTokens(connection.id);
        await noteSignIn(connection, { chooseAccount: true });
        return present;
      });
      if (tokens === null) return true;
      // A provider that ends the refresh token ends what came of it; most cannot end an access token that is a JWT.
      const last = tokens.refreshToken ?? tokens.access?.token;
      try {
        const provider = await providerOf(connection);
        if (provider.revocation_endpoint === undefined || last === undefined) return false;
        const client = { client_id: connection.clientId };
        const response = await oauth.revocationRequest(
          provider,
          client,
          oauth.None(),
          last,
          askedOf(connection.issuer, skew.fetch),
        );
        await oauth.processRevocationResponse(response);
        return true;
      } catch (cause) {
        log.info('The identity provider has not heard of the end', { why: why(cause) });
        return false;
      }
    },
  };
}

/** What the person, or policy, decided that the provider is asked for; null while nobody has. */
async function agreedTo(connection: OpenIdConnection): Promise<readonly string[] | null> {
  return connection.scopes ?? (await readSignInNotes(connection)).scopes;
}

/** What a request asks for: what was agreed to and nothing besides, however the service's metadata change. */
async function asksFor(connection: OpenIdConnection, provider: Provider): Promise<readonly string[]> {
  const agreed = (await agreedTo(connection)) ?? OWN_SCOPES;
  const known = provider.scopes_supported;
  const optional = ['profile', 'offline_access'];
  const asked = agreed.filter((scope) => !optional.includes(scope) || known === undefined || known.includes(scope));
  return [...new Set(['openid', ...asked])];
}

function resourceOf(connection: OpenIdConnection, provider: Provider): Record<string, string> {
  return mayNameService(provider, connection) ? { resource: connection.address } : {};
}

function asksFrom(hint: Way['hint']): Record<string, string> {
  if (hint === null) return {};
  if (hint.idToken !== null) return { id_token_hint: hint.idToken };
  return hint.loginHint === null ? {} : { login_hint: hint.loginHint };
}

/** Token and person as one; null where either is missing: no token is handed out without whose it is. */
function credentialOf({ access, person }: Tokens): Credential | null {
  return access === null || person === null ? null : { token: access.token, person };
}

/** @param before keeps its name where an ID token of a renewal leaves it out */
function personIn(issuer: string, claims: oauth.IDToken, before: SignedInPerson | null): SignedInPerson {
  const name = textIn(claims, ['name', 'preferred_username', 'email']);
  const person = { kind: 'openIdConnect', issuer, sub: claims.sub, name } as const;
  return before !== null && name === null && isSamePerson(before, person) ? before : person;
}

/** The first of the claims that is a text with something in it. */
function textIn(claims: oauth.IDToken | null, names: readonly string[]): string | null {
  const found = names.map((name) => claims?.[name]).find((claim) => typeof claim === 'string' && claim.trim() !== '');
  return typeof found === 'string' ? found : null;
}
