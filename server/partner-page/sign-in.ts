import * as oauth from 'oauth4webapi';
import * as v from 'valibot';
import { visibleText } from '../../src/domain/visible-text';
import { SignInFailed, Trouble } from './trouble';

const meansSchema = v.variant('kind', [
  v.object({ kind: v.literal('accessToken') }),
  v.object({
    kind: v.literal('openIdConnect'),
    clientId: v.string(),
    scope: v.string(),
    provider: v.object({
      issuer: v.string(),
      authorization_endpoint: v.string(),
      token_endpoint: v.string(),
      revocation_endpoint: v.exactOptional(v.string()),
      id_token_signing_alg_values_supported: v.exactOptional(v.array(v.string())),
      authorization_response_iss_parameter_supported: v.exactOptional(v.boolean()),
    }),
  }),
]);
/** How one signs in at this service. */
export type Means = v.InferOutput<typeof meansSchema>;
export type OpenIdConnect = Extract<Means, { kind: 'openIdConnect' }>;

// Of this tab alone, and gone with it. The address never has a token.
const TOKEN = 'accessToken';
const PENDING = 'pendingSignIn';
// Of the browser, since the provider knows people there: in another tab, too, nobody is signed in again as who has just left.
const LEFT = 'leftAccount';
const REVOKED_WITHIN_MS = 5000;
const pendingSchema = v.object({ state: v.string(), nonce: v.string(), verifier: v.string() });

/** @throws {Trouble} */
export async function readMeans(): Promise<Means> {
  const response = await fetch(new URL('partner/sign-in.json', document.baseURI), { cache: 'no-store' }).catch(() => {
    throw new Trouble({ code: 'noAnswer' });
  });
  if (!response.ok) throw new Trouble({ code: 'noAnswer' });
  const parsed = v.safeParse(meansSchema, await response.json());
  if (!parsed.success) throw new Trouble({ code: 'unreadable' });
  return parsed.output;
}

export const keptToken = (): string | null => sessionStorage.getItem(TOKEN);
export const keepToken = (token: string): void => sessionStorage.setItem(TOKEN, token);
export const forgetToken = (): void => sessionStorage.removeItem(TOKEN);

/**
 * Leaves for the provider's page, which comes back to this one. Once somebody has signed out here, that page asks for the account
 * until one has signed in.
 */
export async function leaveToSignIn({ clientId, scope, provider }: OpenIdConnect): Promise<void> {
  const pending = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
  };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const address = new URL(provider.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: ownAddress(),
    scope,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    ...(localStorage.getItem(LEFT) !== null && { prompt: 'select_account' }),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  location.assign(address);
}

/**
 * Takes up what the provider's page came back with, keeps the access token and clears the address. Answers false when this
 * is no such return.
 * @throws {SignInFailed}
 */
export async function finishSignIn({ clientId, provider }: OpenIdConnect): Promise<boolean> {
  const address = new URL(location.href);
  if (!address.searchParams.has('state')) return false;
  history.replaceState(null, '', ownAddress());
  const pending = v.safeParse(v.pipe(v.string(), v.parseJson(), pendingSchema), sessionStorage.getItem(PENDING));
  sessionStorage.removeItem(PENDING);
  if (!pending.success) throw new SignInFailed({ code: 'interrupted' });
  const { state, nonce, verifier } = pending.output;
  const client = { client_id: clientId };
  try {
    const returned = oauth.validateAuthResponse(provider, client, address, state);
    const response = await oauth.authorizationCodeGrantRequest(
      provider,
      client,
      oauth.None(),
      returned,
      ownAddress(),
      verifier,
      whereAllowed(provider.token_endpoint),
    );
    const { access_token } = await oauth.processAuthorizationCodeResponse(provider, client, response, {
      expectedNonce: nonce,
    });
    keepToken(access_token);
    localStorage.removeItem(LEFT);
    return true;
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError && error.error === 'access_denied') {
      throw new SignInFailed({ code: 'cancelled' });
    }
    const said = isProvidersNo(error) ? error.error_description : undefined;
    throw new SignInFailed({ code: 'failed', said: said === undefined ? null : visibleText(said) });
  }
}

/** Forgets the access token, and has the provider end it where it can. Answers false when the provider could not be reached. */
export async function signOut(means: Means | null): Promise<boolean> {
  const token = keptToken();
  forgetToken();
  if (means?.kind !== 'openIdConnect') return true;
  localStorage.setItem(LEFT, 'yes');
  const { clientId, provider } = means;
  if (token === null || provider.revocation_endpoint === undefined) return true;
  try {
    await oauth.revocationRequest(provider, { client_id: clientId }, oauth.None(), token, {
      ...whereAllowed(provider.revocation_endpoint),
      signal: AbortSignal.timeout(REVOKED_WITHIN_MS),
    });
    return true;
  } catch {
    return false;
  }
}

function isProvidersNo(error: unknown): error is oauth.AuthorizationResponseError | oauth.ResponseBodyError {
  return error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError;
}

function ownAddress(): string {
  return location.origin + location.pathname;
}

/** Plain http is for a provider on this machine, while trying things out. */
function whereAllowed(endpoint: string) {
  return { [oauth.allowInsecureRequests]: ['localhost', '127.0.0.1', '[::1]'].includes(new URL(endpoint).hostname) };
}
