import { mkdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { embeddedFolder, holdDataFolder } from './data-folder';
import { migrate } from './migrations';
import type { Schema } from './schema';

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
  readonly db: Kysely<Schema>;
  /** How many connections there are now, how many of them rest, and how many requests wait for one. */
  readonly connections: () => { readonly open: number; readonly idle: number; readonly waiting: number };
  /** Runs the work in one transaction, again when the database gave up on it for the sake of another one. */
  transaction<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const SERVER_CONNECTIONS = 20;
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_TRIES = 6;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

/**
 * Opens the database and brings its schema up to date. `onIdleError` hears of connections to a server lost while idle.
 * Throws DataFolderInUse when another process holds the folder, and DataFolderUnfit when none can.
 */
export async function openDatabase(
  location: DatabaseLocation,
  onIdleError: (error: Error) => void = () => undefined,
): Promise<Database> {
  const { pool, release } = location.kind === 'folder' ? await openFolder(location.folder) : openServer(location);
  pool.on('error', onIdleError);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  const close = async () => {
    await db.destroy();
    await release();
  };
  try {
    await inTransaction(db, migrate);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    db,
    connections: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    transaction: (work) => inTransaction(db, work),
    close,
  };
}

type ServerLocation = Extract<DatabaseLocation, { kind: 'server' }>;

interface OpenPool {
  readonly pool: pg.Pool;
  readonly release: () => Promise<void>;
}

async function openFolder(folder: string): Promise<OpenPool> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const letGo = await holdDataFolder(folder);
  try {
    const lite = await PGlite.create(embeddedFolder(folder));
    // PGlite is a single connection. The pool queues for it, and must never replace it for having been idle.
    const pool = new pg.Pool({ ...createPgConfig(lite), max: 1, idleTimeoutMillis: 0 });
    return {
      pool,
      release: async () => {
        await lite.close();
        await letGo();
      },
    };
  } catch (error) {
    await letGo();
    throw error;
  }
}

function openServer({ url, connections = SERVER_CONNECTIONS }: ServerLocation): OpenPool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'partner-of-record-service',
  });
  return { pool, release: async () => undefined };
}

async function inTransaction<T>(db: Kysely<Schema>, work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      // Named because the order of locks and reads in a change relies on each statement seeing what was committed before it.
      return await db.transaction().setIsolationLevel('read committed').execute(work);
    } catch (error) {
      if (tries === MAX_TRIES || !mayWorkNextTime(error)) throw error;
      await wait(Math.random() * 20 * 2 ** tries);
    }
  }
}

function mayWorkNextTime(error: unknown): boolean {
  const code = databaseErrorCode(error);
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
}

/** The five-character SQLSTATE or the system's error code of a failed statement or connection; undefined for other errors. */
export function databaseErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
