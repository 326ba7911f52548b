import type { Configuration } from '../configuration';
import { type Database, openDatabase } from '../database/database';
import { print } from './terminal';

/** Does work of one command on the database, and closes it. */
export async function withDatabase<T>(
  configuration: Configuration,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(configuration.database, { patient: true, print });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
