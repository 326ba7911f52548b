import { setTimeout as wait } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, type Transaction } from 'kysely';
import pg from 'pg';
import { openProgress, type Progress, sentencesBy } from '../progress';
import { codeOf } from '../thrown';
import { isLockTimeout } from './away';
import { guardedDialect, openServerPool, type Troubles, type Usage } from './connections';
import { beginMaking, cannotOpenDatabase, embeddedFolder, hasEmbedded, makeDataFolder } from './data-folder';
import { holdDataFolder } from './folder-holder';
import { migrate } from './migrations';
import type { Schema } from './schema';
import { readServerFacts, tablesMissing, tablesWithoutRights, tablesWithRowSecurity } from './server-facts';
import {
  DatabaseNotOpened,
  type DatabasePlace,
  placeOf,
  whyNotEnoughRights,
  whyNotOpened,
  whyNotWhole,
  whyRowsAreHidden,
  whyUnfit,
} from './why-not-opened';

/** Where the rows are kept: PostgreSQL embedded in a folder of this machine, or a PostgreSQL server. */
export type DatabaseLocation =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'server';
      readonly url: string;
      /** The most that are held at once; 20 when it is not said. */
      readonly connections?: number;
    };

export interface Database {
  /**
   * For reading. On a server it has connections of its own: however many writers wait for a lock, readers do not wait for them.
   * What writes does so in a transaction, where no lock is waited for without end.
   */
  readonly db: Kysely<Schema>;
  /** Whether it runs in this process, on the one connection that it has. */
  readonly embedded: boolean;
  /** How many connections there are now, how many of them rest, and how many requests wait for one. */
  readonly connections: () => { readonly open: number; readonly idle: number; readonly waiting: number };
  /** What went wrong with connections since it was opened. */
  readonly troubles: () => Readonly<Troubles>;
  /** Runs the work in one transaction, again when the database gave up on it for the sake of another one. */
  transaction<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** The same by the connections of readers: for short work that no waiting writer is to hold up. */
  transactionAside<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T>;
  /**
   * Does work of statements that no transaction may hold, on a connection of its own, on which none has a limit. It is broken off once
   * the signal is aborted.
   */
  outside<T>(work: (db: Kysely<Schema>) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Hears of connections to a server lost while idle. */
  readonly onIdleError?: (error: Error) => void;
  /** For one command at work on its own: a query takes as long as it takes. Whoever serves others has a limit for each. */
  readonly patient?: boolean;
  /** Hears, in sentences for the person who waits, of what takes long. */
  readonly print?: (sentence: string) => void;
}

const SERVER_CONNECTIONS = 20;
const COMMAND_CONNECTIONS = 2;
/** One in three is for readers: they are many and short. */
const READERS_SHARE = 1 / 3;
const QUERY_LIMIT_MS = 10_000;
const MAX_TRIES = 6;
/** How long somebody may hold a table that a migration changes, before the start is given up. */
const TABLES_FREE_WITHIN_MS = 60_000;
const BETWEEN_TRIES_MS = 1000;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

// Named because the order of locks and reads in a change relies on each statement seeing what was committed before it.
const BEGIN = 'start transaction isolation level read committed';

/** The same statement and message as the beginning, so that no server has the one without the others. */
const beginWithLimits = (...limits: readonly [name: string, value: string][]) =>
  `${BEGIN}; select ${limits.map(([name, value]) => `set_config('${name}', '${value}', true)`).join(', ')}`;

/** Nobody waits for a lock for long; and when we are gone, the server ends what we left open, and its locks with it. */
const BEGIN_ON_SERVER = beginWithLimits(['lock_timeout', '3s'], ['idle_in_transaction_session_timeout', '10s']);
/** Holds a lock for the work that is done outside of it, which takes as long as it takes. */
const BEGIN_OUTSIDE = beginWithLimits(['idle_in_transaction_session_timeout', '0']);
/** Migrations of several processes wait for each other, however long the first one takes, and whatever limit the role has. */
const BEGIN_MIGRATION = beginWithLimits(['statement_timeout', '0'], ['idle_in_transaction_session_timeout', '10s']);

/**
 * Opens the database and brings its schema up to date. Throws DataFolderInUse when another process holds the folder, DataFolderUnfit
 * when none can, NewerSchema, and DatabaseNotOpened for whatever else the person who started this can put right.
 */
export function openDatabase(location: DatabaseLocation, options: OpenOptions = {}): Promise<Database> {
  return location.kind === 'folder' ? openFolder(location.folder, options) : openServer(location, options);
}

async function openFolder(folder: string, { onIdleError, print = unheard }: OpenOptions): Promise<Database> {
  await makeDataFolder(folder);
  const letGo = await holdDataFolder(folder);
  const lite = await openEmbedded(folder, print).catch(async (error: unknown) => {
    await letGo();
    throw error;
  });
  // PGlite is a single connection. The pool queues for it, and must never replace it for having been idle.
  const pool = new pg.Pool({ ...createPgConfig(lite), max: 1, idleTimeoutMillis: 0 });
  const lane = openLane(
    pool,
    { begin: BEGIN, guardsEach: false, queryLimitMs: null, troubles: noTroubles() },
    onIdleError,
  );
  const close = async () => {
    await pool.end();
    await lite.close();
    await letGo();
  };
  try {
    await withProgress(print, (progress) => inTransaction(lane.db, (trx) => migrate(trx, progress, 'any')));
  } catch (error) {
    await close();
    throw error;
  }
  return { ...databaseOf({ readers: lane, writers: lane }), embedded: true, outside: (work) => work(lane.db), close };
}

/** Opens the embedded database of a data folder that is held, or makes it where there is none yet. */
async function openEmbedded(folder: string, print: (sentence: string) => void): Promise<PGlite> {
  const open = () =>
    PGlite.create(embeddedFolder(folder)).catch((error: unknown) => {
      throw cannotOpenDatabase(folder, error);
    });
  if (await hasEmbedded(folder)) return open();
  print(`Making the database in ${folder}, which takes some seconds…`);
  const finish = await beginMaking(folder);
  const lite = await open();
  await finish();
  print(`The database in ${folder} is made.`);
  return lite;
}

async function openServer(
  { url, connections = SERVER_CONNECTIONS }: Extract<DatabaseLocation, { kind: 'server' }>,
  { onIdleError, patient = false, print = unheard }: OpenOptions,
): Promise<Database> {
  const place = placeOf(url);
  await withProgress(print, (progress) => migrateServer(url, place, progress, onIdleError)).catch((error: unknown) => {
    const sentence = error instanceof DatabaseNotOpened ? null : whyNotOpened(error, place);
    throw sentence === null ? error : new DatabaseNotOpened(sentence, { cause: error });
  });
  const usage: Usage = {
    begin: BEGIN_ON_SERVER,
    guardsEach: true,
    queryLimitMs: patient ? null : QUERY_LIMIT_MS,
    troubles: noTroubles(),
  };
  const most = patient ? COMMAND_CONNECTIONS : connections;
  const forReaders = Math.max(1, Math.floor(most * READERS_SHARE));
  const pools = [openServerPool(url, forReaders)];
  // A single connection is everybody's.
  if (most > forReaders) pools.push(openServerPool(url, most - forReaders));
  const [readers, writers = readers] = pools.map(({ pool }) => openLane(pool, usage, onIdleError));
  if (readers === undefined || writers === undefined) throw new Error('Readers always have a connection.');
  return {
    ...databaseOf({ readers, writers }),
    embedded: false,
    outside: (work, signal) => outsideOn(url, work, signal, onIdleError),
    close: async () => {
      await Promise.all(pools.map(({ close }) => close()));
    },
  };
}

async function outsideOn<T>(
  url: string,
  work: (db: Kysely<Schema>) => Promise<T>,
  signal: AbortSignal,
  onIdleError: OpenOptions['onIdleError'],
): Promise<T> {
  signal.throwIfAborted();
  const { pool, breakOff, close } = openServerPool(url, 1);
  const usage = { begin: BEGIN_OUTSIDE, guardsEach: false, queryLimitMs: null, troubles: noTroubles() };
  signal.addEventListener('abort', breakOff, { once: true });
  try {
    return await work(openLane(pool, usage, onIdleError).db);
  } finally {
    signal.removeEventListener('abort', breakOff);
    await close();
  }
}

/** Brings the schema up to date on a connection of its own, on which no statement has a limit. */
async function migrateServer(
  url: string,
  place: DatabasePlace,
  progress: Progress,
  onIdleError: OpenOptions['onIdleError'],
): Promise<void> {
  const { pool, close } = openServerPool(url, 1);
  const usage = { begin: BEGIN_MIGRATION, guardsEach: false, queryLimitMs: null, troubles: noTroubles() };
  const { db } = openLane(pool, usage, onIdleError);
  const giveUpAt = performance.now() + TABLES_FREE_WITHIN_MS;
  try {
    for (;;) {
      try {
        return await inTransaction(db, (trx) => prepare(trx, place, progress));
      } catch (error) {
        if (!isLockTimeout(error) || performance.now() > giveUpAt) throw error;
      }
      progress.at(() => 'Somebody holds a table that is to be brought up to date; trying again…');
      // Those who queued behind us meanwhile have their turn.
      await wait(BETWEEN_TRIES_MS);
    }
  } finally {
    await close();
  }
}

/** Sees to it that the service can work with a server. Throws DatabaseNotOpened and NewerSchema. */
async function prepare(trx: Transaction<Schema>, place: DatabasePlace, progress: Progress): Promise<void> {
  const unfit = whyUnfit(await readServerFacts(trx));
  if (unfit !== null) throw new DatabaseNotOpened(unfit);
  await migrate(trx, progress, 'small');
  const missing = await tablesMissing(trx);
  if (missing.length > 0) throw new DatabaseNotOpened(whyNotWhole(place, missing));
  const closed = await tablesWithoutRights(trx);
  if (closed.length > 0) throw new DatabaseNotOpened(whyNotEnoughRights(place, closed));
  const filtered = await tablesWithRowSecurity(trx);
  if (filtered.length > 0) throw new DatabaseNotOpened(whyRowsAreHidden(place, filtered));
}

async function withProgress(
  print: (sentence: string) => void,
  work: (progress: Progress) => Promise<void>,
): Promise<void> {
  const progress = openProgress(sentencesBy(print));
  try {
    await work(progress);
  } finally {
    progress.end();
  }
}

const unheard = () => undefined;

/** Connections that are used alike and for the same. */
interface Lane {
  readonly pool: pg.Pool;
  readonly db: Kysely<Schema>;
  readonly troubles: Troubles;
}

function openLane(pool: pg.Pool, usage: Usage, onIdleError: (error: Error) => void = unheard): Lane {
  pool.on('error', onIdleError);
  return { pool, db: new Kysely<Schema>({ dialect: guardedDialect(pool, usage) }), troubles: usage.troubles };
}

interface Lanes {
  readonly readers: Lane;
  readonly writers: Lane;
}

function databaseOf({ readers, writers }: Lanes): Omit<Database, 'embedded' | 'outside' | 'close'> {
  const pools = [...new Set([readers.pool, writers.pool])];
  const sum = (count: (pool: pg.Pool) => number) => pools.reduce((total, pool) => total + count(pool), 0);
  return {
    db: readers.db,
    connections: () => ({
      open: sum(({ totalCount }) => totalCount),
      idle: sum(({ idleCount }) => idleCount),
      waiting: sum(({ waitingCount }) => waitingCount),
    }),
    troubles: () => readers.troubles,
    transaction: (work) => inTransaction(writers.db, work),
    transactionAside: (work) => inTransaction(readers.db, work),
  };
}

function noTroubles(): Troubles {
  return { notConnected: 0, broken: 0, unanswered: 0, locked: 0 };
}

async function inTransaction<T>(db: Kysely<Schema>, work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (tries === MAX_TRIES || !mayWorkNextTime(error)) throw error;
      await wait(Math.random() * 20 * 2 ** tries);
    }
  }
}

function mayWorkNextTime(error: unknown): boolean {
  const code = codeOf(error);
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
}
