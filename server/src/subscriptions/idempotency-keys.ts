import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../database/schema';
import { Refusal } from '../refusal';
import { type Answer, deleteKeys, insertKey, type KeyOf, readKey } from './idempotency-keys-repository';

/** Longer than the 24 h the contract promises, so that an attempt made at the last moment still meets its key. */
const KEEP_MS = 48 * 60 * 60 * 1000;
const FORGET_AT_ONCE = 5000;

/**
 * Claims the key for this transaction and returns null, or returns the answer that the same request had before. While
 * another transaction is at work on the key this waits for its end. Throws a {@link Refusal} when the key belongs to another request.
 */
export async function claimKey(
  trx: Transaction<Schema>,
  keyOf: KeyOf,
  request: readonly unknown[],
  now: Date,
): Promise<Answer | null> {
  const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('base64url');
  if (await insertKey(trx, keyOf, fingerprint, now)) return null;
  const kept = await readKey(trx, keyOf);
  if (kept.fingerprint !== fingerprint || kept.answer === null) {
    throw new Refusal('IdempotencyKeyReused', { target: 'Idempotency-Key' });
  }
  return kept.answer;
}

/** Forgets some of the keys whose time is over, few enough for one statement. False when there may be more of them. */
export async function forgetOldKeys(db: Kysely<Schema>, now: Date): Promise<boolean> {
  const deleted = await deleteKeys(db, new Date(now.getTime() - KEEP_MS), FORGET_AT_ONCE);
  return deleted < FORGET_AT_ONCE;
}
