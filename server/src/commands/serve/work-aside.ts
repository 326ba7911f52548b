import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { logged, loggedTrouble } from '../../errors-in-the-log';
import type { Database } from '../../database/database';
import { foldAnew } from '../../database/search';
import { makeIndexesBeside } from '../../database/search-indexes-beside';
import type { Gathering } from '../../mail/gathering';
import type { Letterhead } from '../../mail/letterhead';
import { sendMails } from '../../mail/sender';
import { forgetOldKeys } from '../../subscriptions/idempotency-keys';
import type { OpenParts } from './open-parts';

const FORGET_KEYS_EVERY_MS = 60 * 60 * 1000;
const WRITE_TOKEN_USES_EVERY_MS = 60 * 1000;

const NOT_INDEXED =
  'Names are searched slowly where there are many: run the command migrate once as the role that owns the tables';

type Log = Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;

interface WorkAside extends Pick<OpenParts, 'database' | 'delivery' | 'words' | 'mailPulse' | 'tokenUses'> {
  /** The address that mails come from. */
  readonly from: string;
  readonly letterhead: Letterhead;
  readonly gathering: Gathering;
  readonly log: Log;
  readonly clock: () => Date;
  readonly forgetKeysEveryMs?: number;
}

/**
 * Does what the service has to do that no caller waits for: it sends mails, folds and indexes names anew, forgets old keys and writes down when
 * tokens were used. Resolves once the signal is aborted and none of it is at work on the database any more.
 */
export async function workAside(
  {
    database,
    delivery,
    words,
    mailPulse,
    tokenUses,
    from,
    letterhead,
    gathering,
    log,
    clock,
    forgetKeysEveryMs = FORGET_KEYS_EVERY_MS,
  }: WorkAside,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all([
    sendMails({ database, delivery, from, words, letterhead, gathering, log, pulse: mailPulse }, signal),
    foldNamesAnew(database, log, signal),
    indexNames(database, log, signal),
    every(forgetKeysEveryMs, () => forgetAllOldKeys(database, log, clock(), signal), signal),
    every(WRITE_TOKEN_USES_EVERY_MS, tokenUses.write, signal),
  ]);
}

/** Does it again and again, with that pause before each time; for work that never fails. */
async function every(pauseMs: number, work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await work();
  }
}

/** Never fails: what is left the next start takes up. */
async function foldNamesAnew(database: Database, log: Log, signal: AbortSignal): Promise<void> {
  try {
    const rows = await foldAnew(database, {
      signal,
      onTrouble: (error) => log.warn(loggedTrouble(error), 'Names are not folded anew for searching yet'),
    });
    if (rows > 0) log.info({ event: 'foldedAnew', rows }, 'Names were folded anew for searching');
  } catch (error) {
    log.error(logged(error), 'Names were not folded anew for searching');
  }
}

/** Never fails: what is left the next start takes up. */
async function indexNames(database: Database, log: Log, signal: AbortSignal): Promise<void> {
  try {
    const { made, left } = await makeIndexesBeside(database, signal);
    if (made.length > 0) log.info({ event: 'indexed', indexes: made }, 'Names were indexed for searching');
    if (left.length > 0) log.warn({ event: 'notIndexed', indexes: left }, NOT_INDEXED);
  } catch (error) {
    if (!signal.aborted) log.warn(loggedTrouble(error), 'Names were not indexed for searching');
  }
}

/** Never fails: what is left the next time takes up. */
async function forgetAllOldKeys(database: Database, log: Log, now: Date, signal: AbortSignal): Promise<void> {
  try {
    while (!signal.aborted && !(await database.transaction((trx) => forgetOldKeys(trx, now))));
  } catch (error) {
    log.error(logged(error), 'Old keys were not forgotten');
  }
}
