import { type Kysely, sql } from 'kysely';

/** Partners that the directory did not name, but Partner Center did when it was asked. */
const STATEMENTS = [
  sql`alter table partners add column source text not null default 'directory'
    check (source in ('directory', 'partnerCenter'))`,
  sql`alter table partners add column confirmed_at timestamptz`,
];

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(db);
}
