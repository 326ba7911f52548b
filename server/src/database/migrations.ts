import { type Kysely, type Migration, Migrator } from 'kysely';
import * as partnersOfRecord from './migrations/0001-partners-of-record';
import * as mail from './migrations/0002-mail';
import * as livePartners from './migrations/0003-live-partners';
import * as usageMeters from './migrations/0004-usage-meters';
import type { Schema } from './schema';

/** Applied in the order of their names; one that has been shipped is never edited. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-partners-of-record': partnersOfRecord,
  '0002-mail': mail,
  '0003-live-partners': livePartners,
  '0004-usage-meters': usageMeters,
};

/** Brings the schema up to date. Several processes may do so at once: the migrator holds a lock while it works. */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
