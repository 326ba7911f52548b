import { openDB } from 'idb';
import { StorageError, type StorageProblem } from '../domain/storage-problem';
import type { Database, Schema, StoreName, Writing } from './schema';
import { STEPS, takeSteps } from './versions';

const NAME = 'partner-of-record';
/** Held, among all contexts of the extension, by the one that brings the database to a new version. */
const UPDATING_LOCK = 'database-update';

/** Thrown by every write when the browser's storage is full. */
export class StorageFull extends StorageError {
  override readonly name = 'StorageFull';

  constructor(message: string, options?: ErrorOptions) {
    super('full', message, options);
  }
}

/**
 * Far above what opening takes. The browser fires no event while our open waits behind another (Chromium 156; Indexed Database API 3.0,
 * connection queue).
 */
const OPENING_MS = 5000;

/**
 * Gives a function that answers the one open connection to the database, opening it (again) when there is none. The
 * connection makes way for a later version or a deletion, and is opened again after the browser ended it. While another
 * context keeps it from being opened, because it does not make way or brings it to a new version, everybody who asks is told so,
 * and the opening goes on.
 * The function throws {@link StorageError}.
 * @param onBlocked called when somebody else holds the database, and opening waits for it
 */
export function createDatabase(onBlocked: () => void, steps = STEPS): () => Promise<Database> {
  let current: Promise<Database> | null = null;

  function open(): Promise<Database> {
    const waiting = new AbortController();
    let failedOver: unknown;
    // A browser may refuse by throwing, too.
    const ask = async () =>
      openDB<Schema>(NAME, steps.length, {
        upgrade(database, oldVersion, _version, transaction) {
          // Its turn has come; how long this takes depends on the rows.
          clearTimeout(tooLong);
          if (oldVersion > 0) holdLockUntil(opened);
          // Whether it fails is what the opening tells.
          transaction.done.catch(() => undefined);
          takeSteps(steps, oldVersion, database, transaction).catch((cause: unknown) => {
            failedOver = cause;
            abort(transaction);
          });
        },
        blocked: tellBlocked,
        blocking() {
          forget();
          opened.then((database) => database.close(), forget);
        },
        terminated: forget,
      });
    const blocked = new Promise<never>((_, reject) => {
      waiting.signal.addEventListener('abort', () => reject(waiting.signal.reason));
    });
    const tooLong = setTimeout(() => {
      isUpdating().then(
        (updating) => (updating ? waiting.abort(new StorageError('updating', 'It is being updated')) : tellBlocked()),
        tellBlocked,
      );
    }, OPENING_MS);
    function tellBlocked(): void {
      clearTimeout(tooLong);
      onBlocked();
      waiting.abort(new StorageError('blocked', 'Somebody else holds it'));
    }
    const opened = ask()
      .catch((browsers: unknown) => {
        // Why a step failed says more than that its transaction has ended.
        const cause = failedOver ?? browsers;
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

/** The browser does not tell those who wait in line who holds the database, and for what (Chromium 156). */
function holdLockUntil(ended: Promise<unknown>): void {
  const whatever = (): undefined => undefined;
  // Without it the others say that somebody holds the database, and no more.
  navigator.locks.request(UPDATING_LOCK, () => ended.then(whatever, whatever)).catch(whatever);
}

async function isUpdating(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === UPDATING_LOCK);
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

/** Whether it is an error that the browser gives that name. */
export function hasName(cause: unknown, name: string): boolean {
  return cause instanceof Error && cause.name === name;
}
