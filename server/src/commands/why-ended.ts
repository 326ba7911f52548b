import { InvalidConfiguration } from '../configuration';
import { isDatabaseAway, isLockTimeout } from '../database/away';
import { DataFolderUnfit } from '../database/data-folder';
import { DataFolderInUse } from '../database/folder-holder';
import { NewerSchema } from '../database/migrations';
import { DatabaseNotOpened } from '../database/why-not-opened';
import { messageOf } from '../thrown';
import { CommandError } from './terminal';

/** Errors whose message is a sentence for the person who gave the command. */
const SAID_AS_THEY_ARE = [
  CommandError,
  InvalidConfiguration,
  DataFolderInUse,
  DataFolderUnfit,
  DatabaseNotOpened,
  NewerSchema,
];

/** Why a command came to its end, for the person who gave it: what happened and what to do. */
export function whyEnded(error: unknown): string {
  const message = messageOf(error);
  if (SAID_AS_THEY_ARE.some((kind) => error instanceof kind)) return message;
  if (isLockTimeout(error)) {
    return `Something else holds what the command needs in the database: ${message}. End it (see pg_stat_activity), or give the command again once it is done.`;
  }
  if (isDatabaseAway(error)) return `The database went away: ${message}. Give the command again once it is back.`;
  return `The service met an error that it does not know: ${message || 'it has no words'}. Please report it as an issue of the project, with what LOG_LEVEL=debug shows besides.`;
}

/** Where in the program an error came from, and those that it came of. Other properties of an error may hold secrets. */
export function stacksOf(error: unknown): string[] {
  return error instanceof Error ? [error.stack ?? error.message, ...stacksOf(error.cause)] : [];
}
