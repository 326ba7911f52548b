import { type RawBuilder, sql } from 'kysely';

/** The present by the database's clock, as a part of a statement: the same for all processes that share the database. */
export function databaseNow(): RawBuilder<Date> {
  return sql<Date>`now()`;
}
