import { type Kysely, sql } from 'kysely';
import { codeOf } from '../thrown';
import type { Schema } from './schema';

/** A connection broke, could not be had or did not answer in time. What was under way may have had its effect, or not. */
export class DatabaseLost extends Error {}

const CONNECTION_CODES = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * SQLSTATEs by their beginning: connection exception; a server that has handed its writing over to another one; a transaction
 * ended for having been idle or for having taken too long; transaction given up for the sake of others (after all tries of it);
 * insufficient resources; a lock not had in time; operator intervention; an error of the server's own system.
 */
const AWAY = ['08', '25006', '25P03', '25P04', '40', '53', '55P03', '57', '58'];

/**
 * After one of these the server, or the pooler before it, closes the connection; but for 25006, after which it would go on refusing
 * every write. Who has taken the writing over is found by connecting anew.
 */
const LAST_WORDS = ['08', '25006', '25P03', '25P04', '57P'];

const LOCK_NOT_AVAILABLE = '55P03';

/** Whether something failed because of the database and not of what was asked of it, so that it may work another time. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseLost) return true;
  const code = codeOf(error);
  return code !== undefined && (CONNECTION_CODES.has(code) || isState(code, AWAY));
}

/** Whether the connection that said this is of no more use. */
export function endsConnection(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && isState(code, LAST_WORDS);
}

/** Whether somebody else held a lock for longer than anybody is to wait for it. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === LOCK_NOT_AVAILABLE;
}

/** SQLSTATEs that say of a transaction that it is at its end and had none: its session idle for too long, rolled back, no lock. */
const ROLLED_BACK = ['25P03', '25P04', '40001', '40P01', '40002', '55P03'];

/** Whether COMMIT, answered so or not at all, may have had its effect all the same. */
export function mayHaveCommitted(error: unknown): boolean {
  const code = codeOf(error);
  return isDatabaseAway(error) && (code === undefined || !ROLLED_BACK.includes(code));
}

/** What broke a connection, in a form that {@link isDatabaseAway} knows: drivers say much of it without any code. */
export function asLoss(error: Error): Error {
  return isDatabaseAway(error) ? error : new DatabaseLost(error.message, { cause: error });
}

function isState(code: string, beginnings: readonly string[]): boolean {
  return code.length === 5 && beginnings.some((beginning) => code.startsWith(beginning));
}

/** Resolves once the database answers a question that costs it nothing. */
export async function answers(db: Kysely<Schema>): Promise<void> {
  await sql`select 1`.execute(db);
}
