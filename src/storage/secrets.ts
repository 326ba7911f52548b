import type { Database } from './database';

/** Where an access token is kept: nowhere, until the browser closes, or on this device. */
export type TokenKept = 'not' | 'session' | 'device';

export interface Secrets {
  /** Takes what a page handed over, at most once; null when there is nothing. */
  takeHandedOver(): Promise<string | null>;
  readToken(connectionId: string): Promise<string | null>;
  /** `remember`: also keep it on this device when the browser closes. */
  saveToken(connectionId: string, token: string, remember: boolean): Promise<void>;
  forgetToken(connectionId: string): Promise<void>;
  tokenKept(connectionId: string): Promise<TokenKept>;
}

/** The options page leaves a typed access token here for the worker to take: no message carries one. */
export async function handOver(_token: string): Promise<void> {
  throw new Error('In the making');
}

export function createSecrets(_open: () => Promise<Database>): Secrets {
  throw new Error('In the making');
}
