import { createHash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { PartnerId } from '../../src/domain/partner';
import type { Schema } from './database/schema';

/** Who signed in. */
export interface SignedIn {
  readonly principalId: string;
  readonly name: string;
  readonly organization: string;
  /** Set for a partner's own people. */
  readonly partnerId: PartnerId | null;
}

const TOKEN_BYTES = 32;

/** Makes an access token for a caller and stores its hash. The token is nowhere else: show it now or never. */
export async function issueToken(db: Kysely<Schema>, principalId: string, now: Date): Promise<string> {
  const token = `por_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  await db
    .insertInto('access_tokens')
    .values({ token_hash: hash(token), principal_id: principalId, created_at: now })
    .execute();
  return token;
}

/** Ends all access tokens of a caller, at once. Returns how many there were. */
export async function revokeTokens(db: Kysely<Schema>, principalId: string): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('access_tokens')
    .where('principal_id', '=', principalId)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** The caller that an access token belongs to; null when it is nobody's. */
export async function callerOfToken(db: Kysely<Schema>, token: string): Promise<SignedIn | null> {
  const row = await db
    .selectFrom('access_tokens')
    .innerJoin('callers', 'callers.principal_id', 'access_tokens.principal_id')
    .where('token_hash', '=', hash(token))
    .select(['callers.principal_id', 'name', 'organization', 'partner_id'])
    .executeTakeFirst();
  return row === undefined
    ? null
    : { principalId: row.principal_id, name: row.name, organization: row.organization, partnerId: row.partner_id };
}

// A plain hash is enough: the tokens are 256 random bits, which nobody can guess their way to.
function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
