import pg from 'pg';
import type { Ground, RoundDatabase } from './ground';

/** Something that happens to the database while the service is at work. */
export interface Fault {
  readonly name: string;
  /** Whether it takes a pooler to happen. */
  readonly onlyPooled?: boolean;
  /** Lets it happen, and resolves once its cause is gone. Odd and even rounds may differ in how. */
  readonly happen: (ground: Ground, database: RoundDatabase, round: number) => Promise<void>;
  /** Where nothing that stands still is anybody else's: what others ask for must be answered as if nothing were. */
  readonly sparesOthers?: boolean;
}

/** By this the wire knows that a change is in the midst of its transaction. */
const IN_A_TRANSACTION = 'for update';
const LOCKED_MS = 12_000;
/** How many of the writers' subscriptions somebody holds: more than there are connections for writers. */
export const LOCKED_SUBSCRIPTIONS = 20;

export const FAULTS: readonly Fault[] = [
  {
    name: 'every backend killed, three times',
    happen: async (_ground, { directUrl }) => {
      for (let time = 0; time < 3; time++) {
        await beside(directUrl, (client) =>
          client.query(
            'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
          ),
        );
      }
    },
  },
  {
    name: 'the server restarted',
    happen: ({ postgres }, _database, round) => postgres.restart(round % 2 === 0 ? 'fast' : 'crash'),
  },
  {
    name: 'the pooler restarted',
    onlyPooled: true,
    happen: async ({ pooler }, _database, round) => pooler?.server.restart(round % 2 === 0 ? 'fast' : 'crash'),
  },
  {
    name: 'the wire swallowing everything in the middle of a transaction',
    happen: async ({ wire }) => {
      await wire.vanishAfter(IN_A_TRANSACTION);
    },
  },
  {
    name: 'the wire between pooler and server swallowing everything in the middle of a transaction',
    onlyPooled: true,
    happen: async ({ pooler }) => {
      await pooler?.wireBehind.vanishAfter(IN_A_TRANSACTION);
    },
  },
  {
    name: 'a lock held',
    sparesOthers: true,
    happen: (_ground, { directUrl }) =>
      beside(directUrl, async (client) => {
        await client.query('begin');
        await client.query('select 1 from subscriptions where display_name = $1 for update', ['Held']);
        // How long somebody keeps a lock is no event that could be awaited.
        await client.query('select pg_sleep($1)', [LOCKED_MS / 1000]);
        await client.query('rollback');
      }),
  },
];

/** Works on the database past pooler and wire. */
async function beside(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await work(client);
  await client.end();
}
