import { createHash } from 'node:crypto';
import { setNewest } from '../newest';

/** Whose tokens were found good of late. It says who is worth checking, never who somebody is. */
export interface GoodTokens {
  /** The caller that the token was found to be of within that time; null when it was not. */
  callerOf(token: string): string | null;
  add(token: string, principalId: string): void;
  forget(token: string): void;
}

/**
 * Remembers tokens by their hash for `forMs` after each time that they were found good, at most `most` of them: beyond that those
 * found good longest ago are forgotten.
 * @param now in milliseconds, never backwards
 */
export function goodTokens(forMs: number, most: number, now: () => number): GoodTokens {
  const found = new Map<string, { readonly principalId: string; readonly at: number }>();
  return {
    callerOf(token) {
      const one = found.get(hash(token));
      return one !== undefined && now() < one.at + forMs ? one.principalId : null;
    },
    add: (token, principalId) => setNewest(found, hash(token), { principalId, at: now() }, most),
    forget(token) {
      found.delete(hash(token));
    },
  };
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
