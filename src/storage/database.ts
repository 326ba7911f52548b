import { type DBSchema, type IDBPDatabase, type IDBPTransaction, type IndexNames, openDB, type StoreNames } from 'idb';
import type { HistoryRow } from '../domain/history';
import { StorageError, type StorageProblem } from '../domain/storage-problem';
import type { Snapshot } from './snapshots';

/** A history row and, beside it, what its indexes hold. An absent field keeps the row out of that index. */
export interface StoredRow {
  readonly id: string;
  /** The negative of the row's time, so that the natural order is newest first and `getAll` serves it. */
  readonly order: number;
  /** There while the change is open: the index is unique, so the database itself holds one open change per target. */
  readonly openTarget?: string;
  readonly attention?: 1;
  readonly target?: string;
  /** The partner that a check found or a change that is done attached. */
  readonly usedPartner?: string;
  readonly checkedPartner?: string;
  /** Of which shape `row` is; absent in the rows of the first. */
  readonly shape?: number;
  /** As it was written. What the disk gives back is checked before it is believed. */
  readonly row: HistoryRow;
}

interface Schema extends DBSchema {
  history: {
    key: string;
    value: StoredRow;
    indexes: {
      newestFirst: [order: number, id: string];
      openTarget: string;
      attention: number;
      target: [target: string, order: number, id: string];
      usedPartner: [partnerId: string, order: number, id: string];
      checkedPartner: [partnerId: string, order: number, id: string];
    };
  };
  /** Rows that could not be read, kept as they were. */
  damaged: { key: string; value: StoredRow };
  snapshots: {
    key: [connectionId: string, of: string];
    value: Snapshot;
  };
  /** Access tokens to be remembered on this device, by connection. */
  tokens: { key: string; value: string };
}

export type Database = IDBPDatabase<Schema>;
export type StoreName = StoreNames<Schema>;
export type HistoryIndex = IndexNames<Schema, 'history'>;
export type Writing<Names extends StoreName[]> = IDBPTransaction<Schema, Names, 'readwrite'>;

const NAME = 'partner-of-record';

type Step = (database: Database) => void;

/**
 * One step per version, each from the version before; a shipped step is never altered, a later version appends one.
 * `test/unit/storage/fixtures` has a database of every version that was shipped.
 */
export const STEPS: readonly Step[] = [
  (database) => {
    const history = database.createObjectStore('history', { keyPath: 'id' });
    history.createIndex('newestFirst', ['order', 'id']);
    history.createIndex('openTarget', 'openTarget', { unique: true });
    history.createIndex('attention', 'attention');
    history.createIndex('target', ['target', 'order', 'id']);
    history.createIndex('usedPartner', ['usedPartner', 'order', 'id']);
    history.createIndex('checkedPartner', ['checkedPartner', 'order', 'id']);
    database.createObjectStore('damaged', { keyPath: 'id' });
    database.createObjectStore('snapshots');
    database.createObjectStore('tokens');
  },
];

/** Thrown by every write when the browser's storage is full. */
export class StorageFull extends StorageError {
  override readonly name = 'StorageFull';

  constructor(message: string, options?: ErrorOptions) {
    super('full', message, options);
  }
}

/** Far above what opening takes. Nobody is told by the browser that an opening stands in line behind another's. */
const OPENING_MS = 5000;

/**
 * Gives a function that answers the one open connection to the database, opening it (again) when there is none. The
 * connection makes way for a later version or a deletion, and is opened again after the browser ended it. While another
 * context that does not make way keeps it from being opened, everybody who asks is told so, and the opening goes on.
 * The function throws {@link StorageError}.
 * @param onBlocked called when somebody else holds the database, and opening waits for it
 */
export function createDatabase(onBlocked: () => void, steps = STEPS): () => Promise<Database> {
  let current: Promise<Database> | null = null;

  function open(): Promise<Database> {
    const waiting = new AbortController();
    // A browser may refuse by throwing, too.
    const ask = async () =>
      openDB<Schema>(NAME, steps.length, {
        upgrade(database, oldVersion) {
          // Its turn has come; how long this takes depends on the rows.
          clearTimeout(tooLong);
          for (const step of steps.slice(oldVersion)) step(database);
        },
        blocked: tellBlocked,
        blocking() {
          forget();
          opened.then((database) => database.close(), forget);
        },
        terminated: forget,
      });
    const blocked = new Promise<never>((_, reject) => {
      waiting.signal.addEventListener('abort', () => reject(new StorageError('blocked', 'Somebody else holds it')));
    });
    const tooLong = setTimeout(tellBlocked, OPENING_MS);
    function tellBlocked(): void {
      clearTimeout(tooLong);
      onBlocked();
      waiting.abort();
    }
    const opened = ask()
      .catch((cause: unknown) => {
        throw new StorageError(problemOf(cause), 'It could not be opened', { cause });
      })
      .finally(() => clearTimeout(tooLong));
    const openedInTime = Promise.race([opened, blocked]);
    function forget(): void {
      if (current === openedInTime || current === opened) current = null;
    }
    opened.then(() => {
      if (current === openedInTime) current = opened;
    }, forget);
    return openedInTime;
  }

  return async () => {
    current ??= open();
    return current;
  };
}

/**
 * Runs one transaction that writes: all of it or nothing. `work` may wait for nothing but the transaction's own requests.
 * @param durability `strict`: it is on the disk when this answers, power loss or not; that costs a few milliseconds
 * @throws {StorageFull} when there is no room
 */
export async function write<const Names extends StoreName[], T>(
  open: () => Promise<Database>,
  stores: Names,
  durability: 'strict' | 'relaxed',
  work: (transaction: Writing<Names>) => Promise<T>,
): Promise<T> {
  const transaction = (await open()).transaction(stores, 'readwrite', { durability });
  // Waited for in any case, so that a rejection is never left unheard.
  const committed = transaction.done.then(
    () => ({ ok: true }) as const,
    (cause: unknown) => ({ ok: false, cause }) as const,
  );
  try {
    const result = await work(transaction);
    const end = await committed;
    if (end.ok) return result;
    throw end.cause;
  } catch (cause) {
    abort(transaction);
    await committed;
    throw isQuotaError(cause) || isQuotaError(transaction.error) ? new StorageFull('No room', { cause }) : cause;
  }
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch (cause) {
    // It has ended already, by the very error that leads here.
    if (!hasName(cause, 'InvalidStateError')) throw cause;
  }
}

function problemOf(cause: unknown): StorageProblem {
  if (isQuotaError(cause)) return 'full';
  return hasName(cause, 'VersionError') ? 'newer' : 'broken';
}

function isQuotaError(cause: unknown): boolean {
  return hasName(cause, 'QuotaExceededError');
}

function hasName(cause: unknown, name: string): boolean {
  return cause instanceof Error && cause.name === name;
}
