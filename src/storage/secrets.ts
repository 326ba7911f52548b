import * as v from 'valibot';
import type { Connection } from '../domain/settings';
import { browser } from '../platform/browser';
import { type Database, write } from './database';

/** Where an access token is kept: nowhere, until the browser closes, or on this device. */
export type TokenKept = 'not' | 'session' | 'device';

/** Access tokens, in `storage.session` and, when the person asked for it, in the extension's own database: nowhere else. */
export interface Secrets {
  /** Takes what a page handed over, at most once; null when there is nothing. */
  takeHandedOver(): Promise<string | null>;
  /** Reads it and leaves it there: a connection is tested before it is saved. */
  readHandedOver(): Promise<string | null>;
  readToken(connectionId: string): Promise<string | null>;
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

export type OpenIdConnection = Extract<Connection, { signIn: 'openIdConnect' }>;

/** What an identity provider gave. Times are milliseconds since the epoch. */
export interface Tokens {
  /** Null: only the refresh token outlived the browser. */
  readonly access: {
    readonly token: string;
    /** From then on another one is wanted; null when the provider does not say how long it lasts. */
    readonly freshUntil: number | null;
    readonly expiresAt: number | null;
  } | null;
  readonly refreshToken: string | null;
}

const TYPED = 'typedToken';
const sessionKey = (connectionId: string): string => `token ${connectionId}`;
const tokensKey = (connectionId: string): string => `signedIn ${connectionId}`;
const refreshKey = (connectionId: string): string => `refresh ${connectionId}`;

// Tokens go with the provider that gave them, and are never shown to another one.
const from = { issuer: v.string(), clientId: v.string() };
const inSessionSchema = v.object({
  ...from,
  access: v.nullable(
    v.object({ token: v.string(), freshUntil: v.nullable(v.number()), expiresAt: v.nullable(v.number()) }),
  ),
  refreshToken: v.nullable(v.string()),
});
const rememberedSchema = v.pipe(v.string(), v.parseJson(), v.object({ ...from, refreshToken: v.string() }));

/** The options page leaves a typed access token here for the worker to take: no message carries one. */
export async function handOver(token: string): Promise<void> {
  await browser.storage.session.set({ [TYPED]: token.trim() });
}

export function createSecrets(open: () => Promise<Database>): Secrets {
  return {
    async takeHandedOver() {
      const token = await readSession(TYPED);
      await browser.storage.session.remove(TYPED);
      return token;
    },

    readHandedOver: () => readSession(TYPED),

    async readToken(connectionId) {
      const inSession = await readSession(sessionKey(connectionId));
      if (inSession !== null) return inSession;
      const remembered = await readRemembered(open, connectionId);
      if (remembered !== null) await browser.storage.session.set({ [sessionKey(connectionId)]: remembered });
      return remembered;
    },

    async saveToken(connectionId, token, remember) {
      await write(open, ['tokens'], 'relaxed', async ({ store }) => {
        if (remember) await store.put(token, connectionId);
        else await store.delete(connectionId);
      });
      await browser.storage.session.set({ [sessionKey(connectionId)]: token });
    },

    async forgetToken(connectionId) {
      await write(open, ['tokens'], 'relaxed', ({ store }) => store.delete(connectionId));
      await browser.storage.session.remove(sessionKey(connectionId));
    },

    async readTokens({ id, issuer, clientId }) {
      const key = tokensKey(id);
      const stored = (await browser.storage.session.get(key))[key];
      const inSession = v.safeParse(inSessionSchema, stored);
      const remembered = v.safeParse(rememberedSchema, await (await open()).get('tokens', refreshKey(id)));
      const isFromThere = (found: { issuer: string; clientId: string }) =>
        found.issuer === issuer && found.clientId === clientId;
      if (inSession.success && isFromThere(inSession.output)) {
        const { access, refreshToken } = inSession.output;
        return { access, refreshToken };
      }
      if (!remembered.success || !isFromThere(remembered.output)) return null;
      return { access: null, refreshToken: remembered.output.refreshToken };
    },

    async saveTokens({ id, issuer, clientId, staySignedIn }, { access, refreshToken }) {
      await write(open, ['tokens'], 'relaxed', async ({ store }) => {
        if (staySignedIn && refreshToken !== null)
          await store.put(JSON.stringify({ issuer, clientId, refreshToken }), refreshKey(id));
        else await store.delete(refreshKey(id));
      });
      await browser.storage.session.set({ [tokensKey(id)]: { issuer, clientId, access, refreshToken } });
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

async function readSession(key: string): Promise<string | null> {
  return textOrNull((await browser.storage.session.get(key))[key]);
}

async function readRemembered(open: () => Promise<Database>, connectionId: string): Promise<string | null> {
  return textOrNull(await (await open()).get('tokens', connectionId));
}

function textOrNull(stored: unknown): string | null {
  return typeof stored === 'string' && stored !== '' ? stored : null;
}
