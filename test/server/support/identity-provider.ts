import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import {
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { type ClientMetadata, Provider } from 'oidc-provider';
import { freePort } from '../../../scripts/counterparts/free-port';
import { within } from '../../within';

/** What the tokens are meant for: the service, by the name it goes by at the provider. */
export const AUDIENCE = 'https://partner-of-record.example';
const MACHINE = { client_id: 'machine', client_secret: 'of-the-tests-alone' };

export interface ProviderOptions {
  /** Clients that sign people in; by authorization code, without a secret. */
  readonly clients?: readonly ClientMetadata[];
  /** More claims for every access token. */
  readonly claims?: JWTPayload;
  readonly accessTokenSeconds?: number;
  /** More scopes that it knows. */
  readonly scopes?: readonly string[];
}

export type Between = (url: URL, request: IncomingMessage, response: ServerResponse) => boolean;

/** A real OpenID provider on loopback. People sign in by typing any name and password, which the page of the provider asks for. */
export interface TestProvider {
  readonly issuer: string;
  /** Every request that came, as `GET /jwks`. */
  readonly requests: string[];
  /** An access token as the provider gives one to a machine. */
  accessToken(): Promise<string>;
  /** A token of any content, signed by the provider's present key unless another is given. */
  sign(payload: JWTPayload, header?: Partial<JWTHeaderParameters>, key?: CryptoKey | Uint8Array): Promise<string>;
  publicKey(): JWK;
  /** From now on tokens are signed by a new key, and the one before is not published any more. */
  rotateKeys(): Promise<void>;
  /** Ends a grant given to a client: its refresh tokens are no good any more. */
  revokeRefreshTokens(): Promise<void>;
  setAccessTokenSeconds(seconds: number): void;
  /** What stands between clients and the provider from now on; answers whether it has answered. Null: nothing any more. */
  standBetween(between: Between | null): void;
  stop(): Promise<void>;
  /** Answers again, at the same address. */
  start(): Promise<void>;
}

export async function startIdentityProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  let accessTokenSeconds = options.accessTokenSeconds ?? 300;
  const requests: string[] = [];
  let answer: RequestListener = () => undefined;
  let between: Between | null = null;
  let key = await newKey();
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split('?')[0]}`);
    const isAnswered = between?.(new URL(request.url ?? '/', 'http://localhost'), request, response) ?? false;
    if (!isAnswered) answer(request, response);
  });
  // It comes back to the same port after a stop.
  const port = await freePort();
  await listen();
  const issuer = `http://localhost:${port}`;
  const refreshTokens = new Set<string>();
  let provider = serve();

  async function listen(): Promise<void> {
    server.listen(port, 'localhost');
    await once(server, 'listening');
  }

  function serve(): Provider {
    const made = new Provider(issuer, {
      jwks: { keys: [key] },
      clients: [
        { ...MACHINE, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
        ...(options.clients ?? []),
      ],
      scopes: ['openid', 'profile', 'offline_access', ...(options.scopes ?? [])],
      claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
      // Names stand in ID tokens, as at most providers.
      conformIdTokenClaims: false,
      clientBasedCORS: () => true,
      findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: `${id}’s name` }) }),
      extraTokenClaims: () => options.claims,
      ttl: { Session: 3600, Grant: 3600, Interaction: 3600, IdToken: 300 },
      features: {
        clientCredentials: { enabled: true },
        revocation: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => AUDIENCE,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: 'openid',
            audience: AUDIENCE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: accessTokenSeconds,
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
    });
    made.on('refresh_token.saved', ({ jti }) => refreshTokens.add(jti));
    answer = made.callback();
    return made;
  }

  return {
    issuer,
    requests,
    async accessToken() {
      const { client_id, client_secret } = MACHINE;
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: AUDIENCE }),
      });
      const { access_token } = await response.json();
      return access_token;
    },
    async sign(payload, header, signingKey) {
      return new SignJWT({ iss: issuer, aud: AUDIENCE, sub: 'someone', ...payload })
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: key.kid ?? '', ...header })
        .sign(signingKey ?? (await importJWK(key, 'RS256')));
    },
    publicKey: () => ({ kty: 'RSA', kid: key.kid ?? '', n: key.n ?? '', e: key.e ?? '' }),
    async rotateKeys() {
      key = await newKey();
      provider = serve();
    },
    async revokeRefreshTokens() {
      for (const jti of refreshTokens) await (await provider.RefreshToken.find(jti))?.destroy();
    },
    standBetween(stands) {
      between = stands;
    },
    setAccessTokenSeconds(seconds) {
      accessTokenSeconds = seconds;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await within('the provider to close', closed);
    },
    start: listen,
  };
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: crypto.randomUUID(), alg: 'RS256', use: 'sig' };
}
