import { type Kysely, sql } from 'kysely';

/** Usage is kept as it was metered: several rows for a month and service. Whoever is shown it is shown their sum. */
const STATEMENTS = [
  sql`alter table usage add column meter text not null default ''`,
  sql`alter table usage drop constraint usage_pkey`,
  sql`alter table usage add primary key (subscription_id, month, service, meter)`,
];

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(db);
}
