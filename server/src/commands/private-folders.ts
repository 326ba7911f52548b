import { access, chmod, constants, stat } from 'node:fs/promises';
import type { Configuration } from '../configuration';
import { embeddedFolder } from '../database/data-folder';
import { makeFolder } from '../make-folder';
import { messageOf } from '../thrown';
import { CommandError, print } from './terminal';

const OTHERS = 0o077;

/**
 * Closes the service's own folders to the other users of this machine, where they were left open: by an earlier version, or by
 * whoever copied them here. Throws a {@link CommandError} where that cannot be done.
 */
export async function keepFoldersPrivate({ database, mail }: Configuration): Promise<void> {
  // Windows has no such modes: whom a folder is open to is inherited there, and stands in no number.
  if (process.platform === 'win32') return;
  if (database.kind === 'folder') await keepPrivate(embeddedFolder(database.folder));
  if (mail.kind === 'folder') await keepPrivate(mail.folder);
}

async function keepPrivate(folder: string): Promise<void> {
  const before = await modeOf(folder);
  if (before === null || (before & OTHERS) === 0) return;
  const problem = await chmod(folder, 0o700).then(() => null, messageOf);
  const after = (await modeOf(folder)) ?? before;
  if ((after & OTHERS) !== 0) {
    throw new CommandError(
      `The folder ${folder} is open to other users of this machine (mode ${octal(after)}) and cannot be closed to them: ${problem ?? 'its file system keeps no modes'}. Make it 700 as its owner, or choose another folder with DATA_DIR.`,
    );
  }
  print(
    `The folder ${folder} was open to other users of this machine (mode ${octal(before)}); it is closed to them now.`,
  );
}

/** Null when it is no folder that we can look at: it is made private, or whoever opens it says why it cannot be. */
async function modeOf(folder: string): Promise<number | null> {
  return stat(folder).then(
    (found) => (found.isDirectory() ? found.mode & 0o777 : null),
    () => null,
  );
}

/** Makes the folder that mails are written to, where there is none. Throws a {@link CommandError} where none could be written. */
export async function makeMailFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new CommandError(
      `The folder ${folder}, which mails to partners go to, cannot be written: ${messageOf(cause)}. Let the service's user write there, choose another place with DATA_DIR, or name a mail server in SMTP_URL.`,
      { cause },
    );
  }
}

const octal = (mode: number) => mode.toString(8);
