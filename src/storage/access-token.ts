import * as v from 'valibot';

/** An access token that an identity provider gave. */
export interface AccessToken {
  readonly token: string;
  /** When it was asked for, in milliseconds since the epoch, by a clock that may have been set since. */
  readonly since: number;
  /** Null when the provider does not say how long it lasts. */
  readonly lastsMs: number | null;
}

export const accessTokenEntries = { token: v.string(), since: v.number(), lastsMs: v.nullable(v.number()) };
