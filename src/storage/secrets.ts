import * as v from 'valibot';
import { pastedToken } from '../domain/pasted-text';
import type { Credential, Person } from '../domain/person';
import type { Connection, OpenIdConnection } from '../domain/connection';
import { browser } from '../platform/browser';
import { type AccessToken, accessTokenEntries } from './access-token';
import { write } from './database';
import { sha256 } from './digest';
import { inPresentWords } from './earlier-targets';
import { createEntraSecrets, ENTRA_KEYS, type EntraSecrets } from './entra-secrets';
import type { Database } from './schema';

/** Where an access token is kept: nowhere, until the browser closes, or on this device. */
export type TokenKept = 'not' | 'session' | 'device';

/** Access tokens, in `storage.session` and, when the person asked for it, in the extension's own database: nowhere else. */
export interface Secrets extends EntraSecrets {
  /** Takes what a page handed over, at most once; null when there is nothing. */
  takeHandedOver(): Promise<string | null>;
  /** Reads it and leaves it there: a connection is tested before it is saved. */
  readHandedOver(): Promise<string | null>;
  readToken(connectionId: string): Promise<string | null>;
  /** The access token that was pasted, and whose it is: its owner once the service has told, until then the token itself. */
  readCredential(connection: Pick<Connection, 'id' | 'address'>): Promise<Credential | null>;
  /** Whose that token is, where it is the one of the connection and the service has told; null otherwise. */
  readOwner(connectionId: string, fingerprint: string): Promise<Principal | null>;
  /**
   * Keeps beside the token whose it is.
   * @param fingerprint of the token that the service told it of; nothing happens when another one is there by now
   */
  rememberOwner(connectionId: string, fingerprint: string, owner: Principal): Promise<void>;
  /**
   * `remember`: also keep it on this device when the browser closes.
   * @throws {StorageFull} when there is no room
   */
  saveToken(connectionId: string, token: string, remember: boolean): Promise<void>;
  forgetToken(connectionId: string): Promise<void>;
  /** What an identity provider gave for the connection; null when it is another provider's, or nobody is signed in. */
  readTokens(connection: OpenIdConnection): Promise<Tokens | null>;
  /** The refresh token is kept on this device when the connection says to remember; the access token never is. */
  saveTokens(connection: OpenIdConnection, tokens: Tokens): Promise<void>;
  forgetTokens(connectionId: string): Promise<void>;
  tokenKept(connectionId: string): Promise<TokenKept>;
}

/** Whose a pasted token is, as the service tells. */
export type Principal = Extract<Person, { kind: 'principal' }>;
/** Who signed in at an identity provider. */
export type SignedInPerson = Extract<Person, { kind: 'openIdConnect' }>;

/** What an identity provider gave. */
export interface Tokens {
  /** Null: only the refresh token outlived the browser. */
  readonly access: AccessToken | null;
  readonly refreshToken: string | null;
  /** Whose they are; null: kept by a version that did not ask, so that they are good for nothing but to learn it. */
  readonly person: SignedInPerson | null;
  /** The newest one that proves who the person is, until the browser closes. */
  readonly idToken: string | null;
  /** The name that the person types at the provider, where it told. */
  readonly loginHint: string | null;
}

const TYPED = 'typedToken';
const sessionKey = (connectionId: string): string => `token ${connectionId}`;
const tokensKey = (connectionId: string): string => `signedIn ${connectionId}`;
const ownerKey = (connectionId: string): string => `owner ${connectionId}`;
const refreshKey = (connectionId: string): string => `refresh ${connectionId}`;

/** Whether that key of `storage.session` holds any of what {@link Secrets} reads. */
export function isSecretKey(key: string): boolean {
  return ['token ', 'signedIn ', 'owner ', ...ENTRA_KEYS].some((beginning) => key.startsWith(beginning));
}

// Tokens go with the provider that gave them, and are never shown to another one.
const from = { issuer: v.string(), clientId: v.string() };
// Entries of earlier versions do not say whose they are.
const whose = {
  sub: v.optional(v.nullable(v.string()), null),
  name: v.optional(v.nullable(v.string()), null),
  loginHint: v.optional(v.nullable(v.string()), null),
};
const accessSchema = v.union([
  v.object(accessTokenEntries),
  // An earlier version kept moments of a clock that may have been set since: such a token is good until it is refused.
  v.pipe(
    v.object({ token: v.string(), freshUntil: v.nullable(v.number()) }),
    v.transform(({ token }) => ({ token, since: 0, lastsMs: null })),
  ),
]);
const inSessionSchema = v.object({
  ...from,
  ...whose,
  access: v.nullable(accessSchema),
  refreshToken: v.nullable(v.string()),
  idToken: v.optional(v.nullable(v.string()), null),
});
const rememberedSchema = v.pipe(v.string(), v.parseJson(), v.object({ ...from, ...whose, refreshToken: v.string() }));

// An owner is one token's: with another token there, the entry is as good as absent.
const ownerSchema = v.object({
  fingerprint: v.string(),
  owner: v.pipe(
    v.unknown(),
    v.transform(inPresentWords),
    v.object({
      kind: v.literal('principal'),
      issuer: v.string(),
      principalId: v.string(),
      name: v.nullable(v.string()),
    }),
  ),
});
const rememberedOwnerSchema = v.pipe(v.string(), v.parseJson(), ownerSchema);
type Owner = v.InferOutput<typeof ownerSchema>;

/** The options page leaves a typed access token here for the worker to take: no message carries one. */
export async function handOver(token: string): Promise<void> {
  await browser.storage.session.set({ [TYPED]: pastedToken(token) });
}

/** What stands for a token where the token itself must not: its SHA-256, in hexadecimal digits. */
export function fingerprintOf(token: string): Promise<string> {
  return sha256(token);
}

export function createSecrets(open: () => Promise<Database>): Secrets {
  async function readToken(connectionId: string): Promise<string | null> {
    const inSession = await readSession(sessionKey(connectionId));
    if (inSession !== null) return inSession;
    const remembered = await readRemembered(open, connectionId);
    if (remembered !== null) await browser.storage.session.set({ [sessionKey(connectionId)]: remembered });
    return remembered;
  }

  async function readOwner(connectionId: string, fingerprint: string): Promise<Owner | null> {
    const key = ownerKey(connectionId);
    const inSession = v.safeParse(ownerSchema, (await browser.storage.session.get(key))[key]);
    if (inSession.success && inSession.output.fingerprint === fingerprint) return inSession.output;
    const remembered = v.safeParse(rememberedOwnerSchema, await (await open()).get('tokens', key));
    return remembered.success && remembered.output.fingerprint === fingerprint ? remembered.output : null;
  }

  return {
    ...createEntraSecrets(open),

    async takeHandedOver() {
      const token = await readSession(TYPED);
      await browser.storage.session.remove(TYPED);
      return token;
    },

    readHandedOver: () => readSession(TYPED),

    readToken,

    async readCredential({ id, address }) {
      const token = await readToken(id);
      if (token === null) return null;
      const fingerprint = await fingerprintOf(token);
      const known = await readOwner(id, fingerprint);
      return { token, person: known?.owner ?? { kind: 'token', issuer: address, fingerprint } };
    },

    readOwner: async (connectionId, fingerprint) => (await readOwner(connectionId, fingerprint))?.owner ?? null,

    async rememberOwner(connectionId, fingerprint, owner) {
      const token = await readToken(connectionId);
      if (token === null || (await fingerprintOf(token)) !== fingerprint) return;
      const known: Owner = { fingerprint, owner };
      await write(open, ['tokens'], 'relaxed', async ({ store }) => {
        if ((await store.get(connectionId)) === token) await store.put(JSON.stringify(known), ownerKey(connectionId));
      });
      await browser.storage.session.set({ [ownerKey(connectionId)]: known });
    },

    async saveToken(connectionId, token, remember) {
      const known = await readOwner(connectionId, await fingerprintOf(token));
      await write(open, ['tokens'], 'relaxed', async ({ store }) => {
        if (remember) await store.put(token, connectionId);
        else await store.delete(connectionId);
        if (remember && known !== null) await store.put(JSON.stringify(known), ownerKey(connectionId));
        else await store.delete(ownerKey(connectionId));
      });
      if (known === null) await browser.storage.session.remove(ownerKey(connectionId));
      else await browser.storage.session.set({ [ownerKey(connectionId)]: known });
      await browser.storage.session.set({ [sessionKey(connectionId)]: token });
    },

    async forgetToken(connectionId) {
      await write(open, ['tokens'], 'relaxed', async ({ store }) => {
        await store.delete(connectionId);
        await store.delete(ownerKey(connectionId));
      });
      await browser.storage.session.remove(sessionKey(connectionId));
      await browser.storage.session.remove(ownerKey(connectionId));
    },

    async readTokens({ id, issuer, clientId }) {
      const key = tokensKey(id);
      const stored = (await browser.storage.session.get(key))[key];
      const inSession = v.safeParse(inSessionSchema, stored);
      const remembered = v.safeParse(rememberedSchema, await (await open()).get('tokens', refreshKey(id)));
      const isFromThere = (found: { issuer: string; clientId: string }) =>
        found.issuer === issuer && found.clientId === clientId;
      if (inSession.success && isFromThere(inSession.output)) {
        const { access, refreshToken, idToken, loginHint } = inSession.output;
        return { access, refreshToken, person: personOf(inSession.output), idToken, loginHint };
      }
      if (!remembered.success || !isFromThere(remembered.output)) return null;
      const { refreshToken, loginHint } = remembered.output;
      return { access: null, refreshToken, person: personOf(remembered.output), idToken: null, loginHint };
    },

    async saveTokens({ id, issuer, clientId, staySignedIn }, { access, refreshToken, person, idToken, loginHint }) {
      const whose = { issuer, clientId, sub: person?.sub ?? null, name: person?.name ?? null, loginHint };
      await write(open, ['tokens'], 'relaxed', async ({ store }) => {
        if (staySignedIn && refreshToken !== null)
          await store.put(JSON.stringify({ ...whose, refreshToken }), refreshKey(id));
        else await store.delete(refreshKey(id));
      });
      await browser.storage.session.set({ [tokensKey(id)]: { ...whose, access, refreshToken, idToken } });
    },

    async forgetTokens(connectionId) {
      await write(open, ['tokens'], 'relaxed', ({ store }) => store.delete(refreshKey(connectionId)));
      await browser.storage.session.remove(tokensKey(connectionId));
    },

    async tokenKept(connectionId) {
      if ((await readRemembered(open, connectionId)) !== null) return 'device';
      return (await readSession(sessionKey(connectionId))) === null ? 'not' : 'session';
    },
  };
}

function personOf({ issuer, sub, name }: Pick<SignedInPerson, 'issuer' | 'name'> & { readonly sub: string | null }) {
  return sub === null ? null : ({ kind: 'openIdConnect', issuer, sub, name } as const);
}

async function readSession(key: string): Promise<string | null> {
  return textOrNull((await browser.storage.session.get(key))[key]);
}

async function readRemembered(open: () => Promise<Database>, connectionId: string): Promise<string | null> {
  return textOrNull(await (await open()).get('tokens', connectionId));
}

function textOrNull(stored: unknown): string | null {
  return typeof stored === 'string' && stored !== '' ? stored : null;
}
