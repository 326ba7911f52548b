import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../database/schema';
import type { SignedIn } from './signed-in';

/** What can be shown of an access token: nothing by which anybody could sign in. */
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

/** What the table holds of an access token: of the token itself only the hash. */
interface NewToken {
  readonly hash: string;
  readonly principalId: string;
  readonly madeAt: Date;
  readonly endsAt: Date | null;
}

function selectCallers(db: Kysely<Schema>) {
  return db
    .selectFrom('callers')
    .select([
      'callers.principal_id as principalId',
      'callers.name',
      'callers.organization',
      'callers.partner_id as partnerId',
    ]);
}

/** The caller of this principal ID, exactly; null when the directory names none. */
export async function readCaller(db: Kysely<Schema>, principalId: string): Promise<SignedIn | null> {
  const caller = await selectCallers(db).where('callers.principal_id', '=', principalId).executeTakeFirst();
  return caller ?? null;
}

/** Whether the directory names any caller at all. */
export async function isAnyCaller(db: Kysely<Schema>): Promise<boolean> {
  return (await selectCallers(db).limit(1).executeTakeFirst()) !== undefined;
}

/** Keeps a new access token. */
export async function insertToken(db: Kysely<Schema>, { hash, principalId, madeAt, endsAt }: NewToken): Promise<void> {
  await db
    .insertInto('access_tokens')
    .values({ token_hash: hash, principal_id: principalId, created_at: madeAt, ends_at: endsAt })
    .execute();
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
export function listTokens(db: Kysely<Schema>, principalId: string | null): Promise<TokenFacts[]> {
  const all = db.selectFrom('access_tokens');
  return (principalId === null ? all : all.where('principal_id', '=', principalId))
    .orderBy('principal_id')
    .orderBy('number')
    .select([
      'number',
      'principal_id as principalId',
      'created_at as madeAt',
      'ends_at as endsAt',
      'last_used_at as lastUsedAt',
    ])
    .execute();
}

/** Whether any of these callers has an access token, be it one that has ended. */
export async function isAnyToken(db: Kysely<Schema>, principalIds: readonly string[]): Promise<boolean> {
  const token = await db
    .selectFrom('access_tokens')
    .where('principal_id', 'in', principalIds)
    .select('number')
    .limit(1)
    .executeTakeFirst();
  return token !== undefined;
}

/** The token of this hash with whose it is, whether it has ended or not; null when there is none. */
export async function readToken(
  db: Kysely<Schema>,
  hash: string,
): Promise<{ readonly caller: SignedIn; readonly token: Omit<TokenFacts, 'principalId' | 'madeAt'> } | null> {
  const row = await selectCallers(db)
    .innerJoin('access_tokens', 'access_tokens.principal_id', 'callers.principal_id')
    .where('access_tokens.token_hash', '=', hash)
    .select(['number', 'ends_at as endsAt', 'last_used_at as lastUsedAt'])
    .executeTakeFirst();
  if (row === undefined) return null;
  const { number, endsAt, lastUsedAt, ...caller } = row;
  return { caller, token: { number, endsAt, lastUsedAt } };
}

/**
 * Writes down when tokens were last used, by number, where nothing was written for `apartMs` before: another process may have
 * written a use of the same token meanwhile.
 */
export async function writeUses(
  trx: Transaction<Schema>,
  uses: readonly (readonly [number: string, at: Date])[],
  apartMs: number,
): Promise<void> {
  const numbers = uses.map(([number]) => number);
  const times = uses.map(([, at]) => at.toISOString());
  await sql`update access_tokens set last_used_at = used.at
    from unnest(${numbers}::bigint[], ${times}::timestamptz[]) as used (number, at)
    where access_tokens.number = used.number and (last_used_at is null
      or used.at - last_used_at >= ${apartMs / 1000} * interval '1 second')`.execute(trx);
}
