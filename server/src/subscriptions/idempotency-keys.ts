import { createHash } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../database/schema';
import { Refusal } from '../refusal';
import type { SignedIn } from '../callers/signed-in';

/** Longer than the 24 h the contract promises, so that an attempt made at the last moment still meets its key. */
const KEEP_MS = 48 * 60 * 60 * 1000;
const FORGET_AT_ONCE = 5000;

/** A 200 answer as it was sent. */
export interface Answer {
  readonly etag: string;
  readonly body: string;
}

/**
 * Claims the key for this transaction and returns null, or returns the answer that the same request had before. While
 * another transaction is at work on the key this waits for its end. Throws a {@link Refusal} when the key belongs to another request.
 */
export async function claimKey(
  trx: Transaction<Schema>,
  caller: SignedIn,
  key: string,
  request: readonly unknown[],
  now: Date,
): Promise<Answer | null> {
  const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('base64url');
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('idempotency_keys')
    .values({
      principal_id: caller.principalId,
      idempotency_key: key,
      fingerprint,
      etag: null,
      body: null,
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) return null;

  const kept = await trx
    .selectFrom('idempotency_keys')
    .where('principal_id', '=', caller.principalId)
    .where('idempotency_key', '=', key)
    .select(['fingerprint', 'etag', 'body'])
    .executeTakeFirstOrThrow();
  if (kept.fingerprint !== fingerprint || kept.etag === null || kept.body === null) {
    throw new Refusal('IdempotencyKeyReused', {
      target: 'Idempotency-Key',
    });
  }
  return { etag: kept.etag, body: kept.body };
}

/**
 * Keeps the answer with its key; it becomes visible with the transaction's own effect or not at all. `commitWithinMs`: how long the
 * server waits for COMMIT afterwards before it rolls the transaction back by itself; null: for as long as always.
 */
export async function keepAnswer(
  trx: Transaction<Schema>,
  caller: SignedIn,
  key: string,
  answer: Answer,
  commitWithinMs: number | null,
): Promise<void> {
  await trx
    .updateTable('idempotency_keys')
    .set({ etag: answer.etag, body: answer.body })
    .where('principal_id', '=', caller.principalId)
    .where('idempotency_key', '=', key)
    // In this very statement, so that it costs nothing: it is the last one before COMMIT.
    .$if(commitWithinMs !== null, (query) =>
      query.returning(
        sql`set_config('idle_in_transaction_session_timeout', ${`${commitWithinMs}ms`}, true)`.as('commit_within'),
      ),
    )
    .execute();
}

/** Forgets some of the keys whose time is over, few enough for one statement. False when there may be more of them. */
export async function forgetOldKeys(db: Kysely<Schema>, now: Date): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('idempotency_keys')
    .where(({ refTuple, selectFrom }) => {
      const old = selectFrom('idempotency_keys as old')
        .where('old.created_at', '<', new Date(now.getTime() - KEEP_MS))
        .limit(FORGET_AT_ONCE)
        .select(['old.principal_id', 'old.idempotency_key']);
      return sql<boolean>`${refTuple('principal_id', 'idempotency_key')} in (${old})`;
    })
    .executeTakeFirstOrThrow();
  return numDeletedRows < FORGET_AT_ONCE;
}
