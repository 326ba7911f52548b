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
  tokenKept(connectionId: string): Promise<TokenKept>;
}

const TYPED = 'typedToken';
const sessionKey = (connectionId: string): string => `token ${connectionId}`;

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
