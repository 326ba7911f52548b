import { type Kysely, sql } from 'kysely';

/** Who assigned the partner of record, by principal ID: names are not one person's alone. */
const STATEMENTS = [
  sql`alter table subscriptions add column assigned_by_id text`,
  // As the log has it, where its latest entry is the assignment of this very partner; of what was loaded nobody knows.
  sql`update subscriptions set assigned_by_id = (
    select case when changes.after_partner_id = subscriptions.partner_id then changes.principal_id end
    from changes
    where changes.subscription_id = subscriptions.subscription_id
    order by changes.sequence desc
    limit 1
  ) where partner_id is not null`,
];

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(db);
}
