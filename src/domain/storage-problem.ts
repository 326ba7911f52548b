/**
 * Why the extension's own storage does not do its part. The sentence for each stands in `src/words/en`.
 *
 * - `full`: the browser has no room left
 * - `blocked`: another page or version of the extension holds the database and does not make way
 * - `updating`: another page, or the worker, is bringing it to a new version
 * - `newer`: a later version of the extension wrote the database
 * - `broken`: the browser cannot open it
 * - `settingsLater`: a later version of the extension wrote the settings, which are left as they are
 */
export type StorageProblem = 'full' | 'blocked' | 'updating' | 'newer' | 'broken' | 'settingsLater';

export class StorageError extends Error {
  override readonly name: string = 'StorageError';

  constructor(
    readonly problem: StorageProblem,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What an error tells of the extension's storage, itself or by its cause; null when it is about something else. */
export function storageProblemIn(error: unknown): StorageProblem | null {
  if (error instanceof StorageError) return error.problem;
  return error instanceof Error && error.cause instanceof StorageError ? error.cause.problem : null;
}
