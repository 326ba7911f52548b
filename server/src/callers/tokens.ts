import { createHash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema';
import type { SignedIn } from './signed-in';
import type { TokenUse } from './token-uses';

/** What can be told of an access token: nothing by which anybody could sign in. */
export interface TokenFacts {
  /** Names it to people, among all tokens of the service. */
  readonly number: string;
  readonly principalId: string;
  readonly madeAt: Date;
  /** Null for one without an end. */
  readonly endsAt: Date | null;
  /** An hour behind at most; null for one that was never used. */
  readonly lastUsedAt: Date | null;
}

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
  await db
    .insertInto('access_tokens')
    .values({ token_hash: hash(token), principal_id: principalId, created_at: now, ends_at: endsAt })
    .execute();
  return token;
}

/** Ends all access tokens of a caller at once, or the one of this number. Returns how many there were. */
export async function revokeTokens(
  db: Kysely<Schema>,
  principalId: string,
  number: string | null = null,
): Promise<number> {
  const ofCaller = db.deleteFrom('access_tokens').where('principal_id', '=', principalId);
  const meant = number === null ? ofCaller : ofCaller.where('number', '=', number);
  const { numDeletedRows } = await meant.executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** The access tokens of a caller, or of everybody, those that have ended too; a caller's oldest first. */
export async function listTokens(db: Kysely<Schema>, principalId: string | null): Promise<TokenFacts[]> {
  const all = db.selectFrom('access_tokens');
  const rows = await (principalId === null ? all : all.where('principal_id', '=', principalId))
    .orderBy('principal_id')
    .orderBy('number')
    .select(['number', 'principal_id', 'created_at', 'ends_at', 'last_used_at'])
    .execute();
  return rows.map((row) => ({
    number: row.number,
    principalId: row.principal_id,
    madeAt: row.created_at,
    endsAt: row.ends_at,
    lastUsedAt: row.last_used_at,
  }));
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
  const row = await db
    .selectFrom('access_tokens')
    .innerJoin('callers', 'callers.principal_id', 'access_tokens.principal_id')
    .where('token_hash', '=', hash(token))
    .select(['callers.principal_id', 'name', 'organization', 'partner_id', 'number', 'ends_at', 'last_used_at'])
    .executeTakeFirst();
  if (row === undefined) return { kind: 'unknown' };
  if (hasEnded({ endsAt: row.ends_at }, now)) return { kind: 'ended' };
  const { principal_id: principalId, name, organization, partner_id: partnerId, number, last_used_at: before } = row;
  return {
    kind: 'caller',
    caller: { principalId, name, organization, partnerId },
    use: { number, before, at: now },
  };
}

// A plain hash is enough: the tokens are 256 random bits, which nobody can guess their way to.
function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
