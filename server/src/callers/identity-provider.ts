import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import * as v from 'valibot';
import { readAtMost } from '../bounded-answer';
import { invalidToken } from './sign-in';
import { Refusal } from '../refusal';
import { REFUSALS } from '../refusals';

/** Which identity provider is believed, about what, and what its clients are to ask it for. */
export interface OpenIdConnect {
  /** Exactly as the provider's own metadata has it. */
  readonly issuer: string;
  /** What a token must be meant for, in its `aud`. */
  readonly audience: string;
  /** Accept access tokens whose `typ` is only `JWT`: some providers say no better. */
  readonly plainJwt: boolean;
  /** The claims that say who the caller is, where the directory does not. */
  readonly claims: ClaimNames;
  /** The partner page's own client ID at the provider; null: the page takes access tokens in a form. */
  readonly clientId: string | null;
  /** What clients ask for when they sign in; null: they choose. */
  readonly scopes: readonly string[] | null;
}

export interface ClaimNames {
  readonly principal: string;
  readonly name: string;
  readonly organization: string;
  /** Null: no token makes anybody a partner's own. */
  readonly partner: string | null;
}

const url = v.pipe(v.string(), v.url());

const metadataSchema = v.object({
  issuer: v.string(),
  jwks_uri: url,
  authorization_endpoint: v.optional(url),
  token_endpoint: v.optional(url),
  revocation_endpoint: v.optional(url),
  id_token_signing_alg_values_supported: v.optional(v.array(v.string())),
  authorization_response_iss_parameter_supported: v.optional(v.boolean()),
});
/** What the provider publishes about itself, as far as it is used here. */
export type ProviderMetadata = v.InferOutput<typeof metadataSchema>;

export interface IdentityProvider {
  readonly configuration: OpenIdConnect;
  /** Throws a {@link Refusal} 503 while the provider does not answer and has not answered before. */
  metadata(): Promise<ProviderMetadata>;
  /** The claims of an access token. Throws a {@link Refusal}: 401 that says what is wrong with it, or 503. */
  verify(token: string, now: Date): Promise<JWTPayload>;
}

/** Only signatures whose verifying key is public: `none` and the HMAC kinds, which a public key could be passed off for, are not there. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_SKEW_SECONDS = 30;
const ANSWER_WITHIN_MS = 5000;
/** Of metadata and of keys: a hundred times what the large providers send. */
const LARGEST_ANSWER_BYTES = 512 * 1024;
/** Keys are read again after this, so that one the provider took away is soon believed no more. */
const KEYS_FRESH_MS = 10 * 60 * 1000;
/** An unknown key makes the keys be read anew, at most this often: enough for a rotation to pass unnoticed. */
const KEYS_AGAIN_AFTER_MS = 1000;
/** A provider that did not answer is left alone for a while, so that not every request waits for it. */
const PROVIDER_AGAIN_AFTER_MS = 10_000;
const RETRY_AFTER_SECONDS = '5';
const METADATA_PATH = '/.well-known/openid-configuration';
const ACCESS_TOKEN_TYPES = ['at+jwt', 'application/at+jwt'];
/** Longer than any provider's access tokens live by default (Auth0's is a day); a token that is lost ends some time. */
const LONGEST_LIFE_SECONDS = 24 * 60 * 60;
/** What only ID tokens have: hashes of what was handed over with them. */
const ID_TOKEN_CLAIMS = ['at_hash', 'c_hash', 's_hash'];
/** What Keycloak calls its other tokens in a claim `typ`; their header says `JWT` like that of its access tokens. */
const OTHER_TOKEN_TYPES = ['id', 'refresh', 'offline', 'logout'];
/** Where providers write the ID of the client that a token was given to. */
const CLIENT_CLAIMS = ['azp', 'client_id', 'appid', 'cid'];

const BECAUSE = REFUSALS.SignInRequired.because;

/** Whether a bearer token could be of an identity provider: the service's own have no such shape. */
export function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}

/** `onTrouble` hears why the provider could not be asked; callers read only that it could not. */
export function createIdentityProvider(
  configuration: OpenIdConnect,
  onTrouble: (error: unknown, what: string) => void,
): IdentityProvider {
  const { issuer, audience } = configuration;
  let discovered: Promise<ProviderMetadata> | null = null;
  let remoteKeys: ReturnType<typeof createRemoteJWKSet> | null = null;
  let leftAloneUntil = 0;

  function metadata(): Promise<ProviderMetadata> {
    discovered ??= discover(issuer).catch((error: unknown) => {
      discovered = null;
      onTrouble(error, 'The identity provider did not tell about itself');
      throw providerAway();
    });
    return discovered;
  }

  const key: JWTVerifyGetKey = async (header, token) => {
    remoteKeys ??= createRemoteJWKSet(new URL((await metadata()).jwks_uri), {
      [customFetch]: fetchKeys,
      timeoutDuration: ANSWER_WITHIN_MS,
      cooldownDuration: KEYS_AGAIN_AFTER_MS,
      cacheMaxAge: KEYS_FRESH_MS,
    });
    // Asked for only where they are needed: each time it is a copy of all of them.
    const known = Date.now() < leftAloneUntil ? remoteKeys.jwks() : undefined;
    if (known !== undefined) return keyAmong(known, header, token);
    try {
      return await remoteKeys(header, token);
    } catch (error) {
      if (!isAboutReading(error)) throw error;
      onTrouble(error, 'The keys of the identity provider could not be read');
      const known = remoteKeys.jwks();
      if (known === undefined) throw providerAway();
      leftAloneUntil = Date.now() + PROVIDER_AGAIN_AFTER_MS;
      return keyAmong(known, header, token);
    }
  };

  return {
    configuration,
    metadata,
    async verify(token, now) {
      const { payload, protectedHeader } = await jwtVerify(token, key, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: now,
        requiredClaims: ['exp'],
      }).catch((error: unknown) => {
        if (error instanceof Refusal) throw error;
        if (error instanceof errors.JOSEError) throw invalidToken(whyNot(error));
        // The provider publishes a key that is broken, or too short to be believed: no fault of ours, and of no other token.
        onTrouble(error, 'A key of the identity provider cannot be used');
        throw invalidToken(BECAUSE.unusableKey);
      });
      if (!isAccessToken(protectedHeader.typ, configuration.plainJwt)) throw invalidToken(BECAUSE.otherType);
      const flaw = whyNoAccessToken(payload, configuration) ?? whyTooLong(payload, now);
      if (flaw !== null) throw invalidToken(flaw);
      return payload;
    },
  };
}

/**
 * Reads the keys here, since jose would read them however many there are; its own signal ends that. Fails with one kind of error
 * whatever became of the wire, so that nobody takes it for a key that cannot be used.
 */
const fetchKeys: FetchImplementation = async (address, options) => {
  try {
    const answer = await fetch(address, options);
    return new Response(await readAtMost(answer, LARGEST_ANSWER_BYTES), { status: answer.status });
  } catch (cause) {
    throw new errors.JWKSTimeout('The keys were not answered.', { cause });
  }
};

/** While the provider is away the keys it gave last still show which tokens are its own; about any other key nobody can say. */
async function keyAmong(known: JSONWebKeySet, ...[header, token]: Parameters<JWTVerifyGetKey>) {
  try {
    return await createLocalJWKSet(known)(header, token);
  } catch (error) {
    throw error instanceof errors.JWKSNoMatchingKey ? providerAway() : error;
  }
}

async function discover(issuer: string): Promise<ProviderMetadata> {
  const answer = await fetch(issuer.replace(/\/$/, '') + METADATA_PATH, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (!answer.ok) throw new Error(`The metadata of ${issuer} was answered with ${answer.status}`);
  const metadata = v.parse(metadataSchema, JSON.parse(await readAtMost(answer, LARGEST_ANSWER_BYTES)));
  if (metadata.issuer !== issuer) throw new Error(`The metadata of ${issuer} is of another issuer, ${metadata.issuer}`);
  return metadata;
}

function providerAway(): Refusal {
  return new Refusal('Unavailable', {
    sentence: REFUSALS.Unavailable.because.identityProvider,
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
  });
}

/** Whether the keys could not be read, of all that can be wrong with looking for one. */
function isAboutReading(error: unknown): boolean {
  const isAboutTheKey =
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported;
  return error instanceof errors.JOSEError && !isAboutTheKey;
}

/** `typ` is the token's own word, which nobody has checked to be a text. */
function isAccessToken(typ: unknown, plainJwt: boolean): boolean {
  const type = typeof typ === 'string' ? typ.toLowerCase() : undefined;
  return type !== undefined && (ACCESS_TOKEN_TYPES.includes(type) || (plainJwt && type === 'jwt'));
}

/** Null when nothing in the claims says that this is some other token, made for the client and not for the service. */
function whyNoAccessToken(payload: JWTPayload, { clientId }: OpenIdConnect): string | null {
  const hash = ID_TOKEN_CLAIMS.find((claim) => claim in payload);
  if (hash !== undefined) return BECAUSE.idToken(hash);
  const { typ, events, aud = [] } = payload;
  if (typeof typ === 'string' && OTHER_TOKEN_TYPES.includes(typ.toLowerCase())) {
    return BECAUSE.otherTypeClaim(typ);
  }
  if (events !== undefined) return BECAUSE.eventToken;
  const clients = [clientId, ...CLIENT_CLAIMS.map((claim) => payload[claim])];
  return [aud].flat().some((audience) => clients.includes(audience)) ? BECAUSE.ofTheClient : null;
}

/** Null when the token ends within reason, from now and from when it was given. */
function whyTooLong({ exp = 0, iat }: JWTPayload, now: Date): string | null {
  const seconds = now.getTime() / 1000;
  const begin = Math.min(iat ?? seconds, seconds);
  return exp - begin > LONGEST_LIFE_SECONDS + CLOCK_SKEW_SECONDS ? BECAUSE.livesTooLong : null;
}

function whyNot(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return BECAUSE.expired;
  if (error instanceof errors.JWTClaimValidationFailed) {
    switch (error.claim) {
      case 'aud':
        return BECAUSE.otherAudience;
      case 'iss':
        return BECAUSE.otherIssuer;
      case 'nbf':
        return BECAUSE.notYet;
      default:
        return BECAUSE.claimDoesNotHold(error.claim);
    }
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return BECAUSE.unusableAlgorithm;
  }
  if (error instanceof errors.JWKSNoMatchingKey) return BECAUSE.unknownKey;
  if (error instanceof errors.JWSSignatureVerificationFailed) return BECAUSE.wrongSignature;
  return BECAUSE.notValid;
}
