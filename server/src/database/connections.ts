import { once } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import pg from 'pg';
import { codeOf } from '../thrown';
import { asLoss, DatabaseLost, endsConnection, isLockTimeout } from './away';

/** What went wrong with connections so far, by how. */
export interface Troubles {
  /** No connection was to be had in time, or none at all. */
  notConnected: number;
  /** A connection was lost, in use or at rest, those broken off among them. */
  broken: number;
  /** A query had no answer in time, so its connection was broken off. */
  unanswered: number;
  /** A lock was not had in time. */
  locked: number;
}

/** How connections are used. */
export interface Usage {
  /** The statement that every transaction begins with. */
  readonly begin: string;
  /** Whether a statement on its own is made a transaction too, so that what `begin` sets holds for it. */
  readonly guardsEach: boolean;
  /** How long a query may take before its connection is broken off; null: as long as it takes. */
  readonly queryLimitMs: number | null;
  /** Counted up as troubles come. */
  readonly troubles: Troubles;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** What rests this long is closed, so that no dead connection waits much longer for somebody to find out. */
const IDLE_TIMEOUT_MS = 10_000;
/** A busy one rests never: it would go on asking a server whose name has long led to another one. */
const LONGEST_LIFE_SECONDS = 60;
const KEEP_ALIVE_AFTER_MS = 30_000;
/** How long a server may take to close its side of connections that are closed here. */
const CLOSE_WITHIN_MS = 1000;

/** Connections to one server, at most so many at once. */
export interface ServerPool {
  readonly pool: pg.Pool;
  /** Closes them all. A peer that does not answer is not waited for. */
  readonly close: () => Promise<void>;
  /** Breaks them off, whatever is under way on them: whoever waits for it hears of a loss. */
  readonly breakOff: () => void;
}

/** Makes a pool for the server at `url`; it connects once there is work. */
export function openServerPool(url: string, connections: number): ServerPool {
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    maxLifetimeSeconds: LONGEST_LIFE_SECONDS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    application_name: 'partner-of-record-service',
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
  });
  const breakOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    pool,
    close: async () => {
      const ended = pool.end();
      // The pool waits for connections that are still being made, also for nobody any more.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      await ended;
      // Over a wire that takes bytes and brings none back, a goodbye would keep the process from ending for minutes.
      const closed = Promise.allSettled([...sockets].map((socket) => once(socket, 'close')));
      await Promise.race([closed, wait(CLOSE_WITHIN_MS, undefined, { ref: false })]);
      breakOff();
    },
    breakOff,
  };
}

/**
 * Kysely's PostgreSQL over a pool, for a database that can go away at any moment. The loss of a connection in use reaches whoever
 * uses it as an error, and nobody else; a query without an answer is given up with its connection; a broken connection is not
 * used again.
 */
export function guardedDialect(pool: pg.Pool, usage: Usage): Dialect {
  const losses = watchForLosses(pool, usage.troubles);
  return {
    createDriver: () => guardedDriver(pool, usage, losses),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}

function guardedDriver(pool: pg.Pool, usage: Usage, losses: Losses): Driver {
  const all = new WeakMap<DatabaseConnection, Acquired>();
  const say = async (connection: DatabaseConnection, statement: string) => {
    await connection.executeQuery(CompiledQuery.raw(statement));
  };
  return {
    init: async () => undefined,
    acquireConnection: async () => {
      const acquired = await acquire(pool, usage, losses);
      all.set(acquired.connection, acquired);
      return acquired.connection;
    },
    releaseConnection: async (connection) => all.get(connection)?.release(),
    beginTransaction: async (connection) => all.get(connection)?.begin(),
    commitTransaction: (connection) => say(connection, 'commit'),
    rollbackTransaction: (connection) => say(connection, 'rollback'),
    destroy: async () => undefined,
  };
}

/** What connections were lost by. */
interface Losses {
  /** What the client's connection was lost by; undefined while it is good. */
  readonly of: (client: pg.PoolClient) => Error | undefined;
  /** Notes the loss. Only the first of a client counts: what comes after follows from it. */
  readonly note: (client: pg.PoolClient, error: Error) => void;
}

/**
 * Listens to each connection from the moment it is made to its end. The pool listens to those at rest only, and an error that
 * nobody listens for ends the process; a server's last words can come in one packet with what made the connection ready, before
 * whoever waits for it has it.
 */
function watchForLosses(pool: pg.Pool, troubles: Troubles): Losses {
  const losses = new WeakMap<pg.PoolClient, Error>();
  const note = (client: pg.PoolClient, error: Error) => {
    if (losses.has(client)) return;
    troubles.broken++;
    losses.set(client, asLoss(error));
  };
  pool.on('connect', (client) => client.on('error', (error) => note(client, error)));
  return { of: (client) => losses.get(client), note };
}

/** A connection in use, for one statement or one transaction. */
interface Acquired {
  readonly connection: DatabaseConnection;
  readonly begin: () => Promise<void>;
  readonly release: () => void;
}

async function acquire(pool: pg.Pool, usage: Usage, losses: Losses): Promise<Acquired> {
  const { queryLimitMs, troubles } = usage;
  const client = await pool.connect().catch((error: Error) => {
    troubles.notConnected++;
    throw asLoss(error);
  });
  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    client.release(losses.of(client));
  };

  const giveUp = (limitMs: number) => {
    troubles.unanswered++;
    losses.note(client, new DatabaseLost(`The database did not answer a query within ${limitMs / 1000} s.`));
    // To release a broken client is to end it, and pg destroys the socket of one that is ended with a query under way.
    release();
  };

  async function execute<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const lost = losses.of(client);
    if (lost !== undefined) throw lost;
    const limit = queryLimitMs === null ? undefined : setTimeout(giveUp, queryLimitMs, queryLimitMs);
    try {
      const { command, rowCount, rows } = await client.query<R & pg.QueryResultRow>(sql, [...parameters]);
      const isWrite = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
      return { rows, ...(isWrite && { numAffectedRows: BigInt(rowCount ?? 0) }) };
    } catch (error) {
      if (isLockTimeout(error)) troubles.locked++;
      if (error instanceof Error && saysLoss(error)) losses.note(client, error);
      throw losses.of(client) ?? error;
    } finally {
      clearTimeout(limit);
    }
  }

  let begun = false;
  const begin = async () => {
    begun = true;
    await execute(CompiledQuery.raw(usage.begin));
  };

  /** A statement in a transaction of its own. */
  async function executeAlone<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    await begin();
    const result = await execute<R>(query).catch(async (error: unknown) => {
      await execute(CompiledQuery.raw('rollback'));
      throw error;
    });
    await execute(CompiledQuery.raw('commit'));
    return result;
  }

  const connection: DatabaseConnection = {
    executeQuery: (query) => (usage.guardsEach && !begun ? executeAlone(query) : execute(query)),
    streamQuery() {
      throw new Error('Nothing here is read row by row.');
    },
  };
  return { connection, begin, release };
}

/** A statement's own error has an SQLSTATE, and one of the program's is a `TypeError`; all else is about the connection. */
function saysLoss(error: Error): boolean {
  return endsConnection(error) || (codeOf(error) === undefined && !(error instanceof TypeError));
}
