import { createHash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema';
import { insertToken, readToken, type TokenFacts } from './repository';
import type { SignedIn } from './signed-in';
import type { TokenUse } from './token-uses';

const TOKEN_BYTES = 32;

/**
 * Makes an access token for a caller and stores its hash. The token is nowhere else: show it now or never. It is good until
 * `endsAt`; null: until it is revoked.
 */
export async function issueToken(
  db: Kysely<Schema>,
  principalId: string,
  now: Date,
  endsAt: Date | null = null,
): Promise<string> {
  const token = `por_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  await insertToken(db, { hash: hashOf(token), principalId, madeAt: now, endsAt });
  return token;
}

/** Whether a token is good no more. */
export function hasEnded({ endsAt }: Pick<TokenFacts, 'endsAt'>, now: Date): boolean {
  return endsAt !== null && endsAt.getTime() <= now.getTime();
}

/** Whose an access token is, as what it was used; once it has ended it is nobody's any more. */
export type TokenOwner =
  | { readonly kind: 'caller'; readonly caller: SignedIn; readonly use: TokenUse }
  | { readonly kind: 'ended' | 'unknown' };

/** Finds whose an access token is. */
export async function ownerOfToken(db: Kysely<Schema>, token: string, now: Date): Promise<TokenOwner> {
  const found = await readToken(db, hashOf(token));
  if (found === null) return { kind: 'unknown' };
  if (hasEnded(found.token, now)) return { kind: 'ended' };
  const { number, lastUsedAt } = found.token;
  return { kind: 'caller', caller: found.caller, use: { number, before: lastUsedAt, at: now } };
}

// A plain hash is enough: the tokens are 256 random bits, which nobody can guess their way to.
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
