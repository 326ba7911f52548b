import type pg from 'pg';

/** Of the advisory locks, one that the service has no use for. */
const LOCK = 1;

/** Others' transactions that stand still at a statement, for as long as we like. */
export interface StandingStill {
  /** How many of them there are. */
  readonly count: () => Promise<number>;
  /** Ends their connections. */
  readonly cutOff: () => Promise<void>;
  /** Lets them go on, and whoever comes after them. */
  readonly letGo: () => Promise<void>;
}

/**
 * Has whoever comes to a statement stand still at it, in the midst of its transaction. A row that is held would do so for the three
 * seconds of the service's limit only, and on a busy machine they may be over before anybody looked.
 * @param at - when a trigger is to fire, as in `before insert on caller_roles`.
 */
export async function standStill(client: pg.Client, at: string): Promise<StandingStill> {
  await client.query(`create function stand_still() returns trigger language plpgsql as $$ begin
    perform set_config('lock_timeout', '0', true);
    perform pg_advisory_xact_lock(${LOCK});
    return new;
  end $$`);
  await client.query(`create trigger stand_still ${at} execute function stand_still()`);
  await client.query(`select pg_advisory_lock(${LOCK})`);
  const among = (select: string) =>
    client.query(
      `select ${select} from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`,
    );
  return {
    count: async () => (await among('1')).rows.length,
    cutOff: async () => {
      await among('pg_terminate_backend(pid)');
    },
    letGo: async () => {
      await client.query(`select pg_advisory_unlock(${LOCK})`);
      await client.query('drop function stand_still cascade');
    },
  };
}
