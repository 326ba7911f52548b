import type { DBSchema, IDBPDatabase } from 'idb';

interface Schema extends DBSchema {
  tokens: { key: string; value: string };
}
export type Database = IDBPDatabase<Schema>;

/** Thrown by every write when the browser's storage is full. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull';
}

/**
 * Gives a function that answers the one open connection to the database, opening it (again) when there is none.
 * @param onBlocked called when an older version of the extension still holds the database open, and opening waits for it
 */
export function createDatabase(_onBlocked: () => void): () => Promise<Database> {
  throw new Error('In the making');
}
