import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../database/schema';

/** A 200 answer as it was sent. */
export interface Answer {
  readonly etag: string;
  readonly body: string;
}

/** Whose a key is: two callers may send the same one. */
export interface KeyOf {
  readonly principalId: string;
  readonly key: string;
}

/**
 * Writes the key down, without an answer, and returns true; false when it is there already. While another transaction is at work
 * on the key this waits for its end.
 */
export async function insertKey(
  trx: Transaction<Schema>,
  { principalId, key }: KeyOf,
  fingerprint: string,
  now: Date,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('idempotency_keys')
    .values({
      principal_id: principalId,
      idempotency_key: key,
      fingerprint,
      etag: null,
      body: null,
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Of which request a key that is there is, and what it was answered; null when it was not. */
export async function readKey(
  trx: Transaction<Schema>,
  { principalId, key }: KeyOf,
): Promise<{ readonly fingerprint: string; readonly answer: Answer | null }> {
  const { fingerprint, etag, body } = await trx
    .selectFrom('idempotency_keys')
    .where('principal_id', '=', principalId)
    .where('idempotency_key', '=', key)
    .select(['fingerprint', 'etag', 'body'])
    .executeTakeFirstOrThrow();
  return { fingerprint, answer: etag === null || body === null ? null : { etag, body } };
}

/**
 * Keeps the answer with its key; it becomes visible with the transaction's own effect or not at all. `commitWithinMs`: how long the
 * server waits for COMMIT afterwards before it rolls the transaction back by itself; null: for as long as always.
 */
export async function keepAnswer(
  trx: Transaction<Schema>,
  { principalId, key }: KeyOf,
  answer: Answer,
  commitWithinMs: number | null,
): Promise<void> {
  await trx
    .updateTable('idempotency_keys')
    .set({ etag: answer.etag, body: answer.body })
    .where('principal_id', '=', principalId)
    .where('idempotency_key', '=', key)
    // In this very statement, so that it costs nothing: it is the last one before COMMIT.
    .$if(commitWithinMs !== null, (query) =>
      query.returning(
        sql`set_config('idle_in_transaction_session_timeout', ${`${commitWithinMs}ms`}, true)`.as('commit_within'),
      ),
    )
    .execute();
}

/** Deletes keys that were made before a moment, at most so many, and returns how many they were. */
export async function deleteKeys(db: Kysely<Schema>, before: Date, most: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('idempotency_keys')
    .where(({ refTuple, selectFrom }) => {
      const old = selectFrom('idempotency_keys as old')
        .where('old.created_at', '<', before)
        .limit(most)
        .select(['old.principal_id', 'old.idempotency_key']);
      return sql<boolean>`${refTuple('principal_id', 'idempotency_key')} in (${old})`;
    })
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
