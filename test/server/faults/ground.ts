import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type PgBouncer, startPgBouncer } from '../../../scripts/pgbouncer';
import { type Postgres, startPostgres } from '../../../scripts/postgres';
import { openWire, type Wire } from '../support/wire';

/** Where the service's database is in a round: a server of its own, with a wire before it and, if wanted, a pooler between. */
export interface Ground {
  readonly postgres: Postgres;
  /** Null where the service speaks to the server itself. */
  readonly pooler: { readonly server: PgBouncer; readonly wireBehind: Wire } | null;
  /** From the service to whatever it speaks to. */
  readonly wire: Wire;
  /** Makes an empty database: where the service finds it, and where somebody beside it does. */
  readonly createDatabase: () => Promise<RoundDatabase>;
  readonly close: () => Promise<void>;
}

export interface RoundDatabase {
  readonly serviceUrl: string;
  readonly directUrl: string;
  readonly drop: () => Promise<void>;
}

export type Way = 'PostgreSQL' | 'PostgreSQL through PgBouncer';
export const WAYS: readonly Way[] = ['PostgreSQL', 'PostgreSQL through PgBouncer'];

export async function openGround(way: Way): Promise<Ground> {
  const postgres = await startPostgres();
  const pooler = way === 'PostgreSQL' ? null : await startPooler(postgres);
  const wire = await openWire({ path: pooler === null ? postgres.socket : pooler.server.socket });
  return {
    postgres,
    pooler,
    wire,
    createDatabase: async () => {
      const name = `por_round_${randomUUID().replaceAll('-', '')}`;
      await execute(postgres.url, `create database ${name}`);
      const directUrl = new URL(postgres.url);
      directUrl.pathname = `/${name}`;
      return {
        serviceUrl: `postgres://postgres@127.0.0.1:${wire.port}/${name}`,
        directUrl: directUrl.href,
        drop: () => execute(postgres.url, `drop database ${name} with (force)`),
      };
    },
    close: async () => {
      await wire.close();
      await pooler?.wireBehind.close();
      await pooler?.server.stop();
      await postgres.stop();
    },
  };
}

async function startPooler({ socket }: Postgres) {
  const wireBehind = await openWire({ path: socket });
  return { server: await startPgBouncer('127.0.0.1', wireBehind.port), wireBehind };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
