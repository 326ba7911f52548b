import type { Configuration } from '../configuration';
import { print } from './terminal';
import { withDatabase } from './with-database';

/** Brings the schema up to date, as every command does when it opens the database, and does nothing else. */
export async function bringUpToDate(configuration: Configuration): Promise<void> {
  await withDatabase(configuration, async () => print('The tables of the service are up to date.'));
}
