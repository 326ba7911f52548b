import type { Configuration } from '../configuration';
import { makeIndexesBeside } from '../database/search-indexes-beside';
import { print } from './terminal';
import { withDatabase } from './with-database';

/** Brings the schema up to date, as every command does when it opens the database, and indexes names where there are many. */
export async function bringUpToDate(configuration: Configuration): Promise<void> {
  await withDatabase(configuration, async (database) => {
    print('The tables of the service are up to date.');
    const { made, left } = await makeIndexesBeside(database, new AbortController().signal);
    if (made.length > 0) print('Names are indexed for searching.');
    if (left.length > 0)
      print('Names are searched slowly where there are many: run this once as the role that owns the tables.');
  });
}
