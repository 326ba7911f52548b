import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../make-folder';
import { codeOf } from '../thrown';

/** The folder cannot be held at all; the message is a sentence for the person who chose it. */
export class DataFolderUnfit extends Error {}

/** The folder of the embedded database's own files, within the data folder. */
export const embeddedFolder = (folder: string): string => path.join(folder, 'postgres');

/** Makes the data folder where there is none yet. Throws {@link DataFolderUnfit}. */
export async function makeDataFolder(folder: string): Promise<void> {
  const isServers = await makeFolder(folder)
    .then(() => versionOf(folder))
    .catch((cause: unknown) => {
      const code = String(codeOf(cause));
      throw new DataFolderUnfit(
        `The data folder ${folder} cannot be made or entered (${code}). ${WHY_NOT_TAKEN[code] ?? ''}Choose another folder with DATA_DIR.`,
        { cause },
      );
    });
  if (isServers !== null) {
    throw new DataFolderUnfit(
      `The data folder ${folder} is a PostgreSQL server's own. Choose another folder with DATA_DIR, or name that server in DATABASE_URL.`,
    );
  }
}

/** What the system means, where its code says little. */
export const WHY_NOT_TAKEN: Readonly<Record<string, string>> = {
  EEXIST: 'Something is there that is no folder, or a link that leads to none. ',
  ENOENT: 'The folder above it takes none. ',
  ELOOP: 'Links on the way to it lead to each other. ',
  ENAMETOOLONG: 'Its name is too long. ',
  ENOTDIR: 'Something above it is no folder. ',
  EACCES: "The service's user may not. ",
  EPERM: "The service's user may not. ",
  EROFS: 'Its file system only reads. ',
  ENOSPC: 'The disk is full. ',
};

/** The PostgreSQL inside PGlite 0.5; the files of another one it cannot read. */
const EMBEDDED_VERSION = '18';
const VERSION_FILE = 'PG_VERSION';
/** In the data folder while the embedded database is being made. */
const UNFINISHED = 'postgres.unfinished';

/**
 * Whether the data folder has an embedded database; one whose making was cut short, which nobody has used, is removed. Throws
 * {@link DataFolderUnfit} for files that are none, in which PGlite would make a new one over whatever they are (0.5 does).
 */
export async function hasEmbedded(folder: string): Promise<boolean> {
  const inside = embeddedFolder(folder);
  try {
    if ((await identityOf(path.join(folder, UNFINISHED))) !== null) await rm(inside, { recursive: true, force: true });
    const version = await versionOf(inside);
    if (version === EMBEDDED_VERSION) return true;
    if (version !== null) {
      throw new DataFolderUnfit(
        `The folder ${inside} is the database of PostgreSQL ${version}, and the service has ${EMBEDDED_VERSION} inside. Choose another folder with DATA_DIR, or run that PostgreSQL and name it in DATABASE_URL.`,
      );
    }
    if ((await filesIn(inside)).length === 0) return false;
  } catch (error) {
    throw error instanceof DataFolderUnfit ? error : cannotOpenDatabase(folder, error);
  }
  throw new DataFolderUnfit(
    `The folder ${inside} has files, but no database that can be read (no ${VERSION_FILE}): it is damaged, or something else's. Restore it from a backup, or choose another folder with DATA_DIR.`,
  );
}

/** Notes that the embedded database is being made, until what is returned is called. Throws {@link DataFolderUnfit}. */
export async function beginMaking(folder: string): Promise<() => Promise<void>> {
  const note = path.join(folder, UNFINISHED);
  await writeFile(note, '').catch((error: unknown) => {
    throw cannotOpenDatabase(folder, error);
  });
  return () => rm(note, { force: true });
}

/** The version of the PostgreSQL whose files the folder has; null when it has none. */
async function versionOf(folder: string): Promise<string | null> {
  try {
    return (await readFile(path.join(folder, VERSION_FILE), 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** What to throw when the embedded database's own files could not be opened, or made at a first start. */
export function cannotOpenDatabase(folder: string, cause: unknown): DataFolderUnfit {
  // PGlite throws objects of its file system, which are no errors and have no words.
  const reason =
    cause instanceof Error && cause.message !== '' ? cause.message.replace(/\.$/, '') : 'it does not say why';
  return new DataFolderUnfit(
    `The embedded database in ${embeddedFolder(folder)} cannot be opened: ${reason}. The disk is full, or the files are somebody else's, or damaged: then restore the folder from a backup, or choose another one with DATA_DIR.`,
    { cause },
  );
}

/** What sets the file apart from any other that ever has its name; null when there is none. */
export async function identityOf(file: string): Promise<string | null> {
  try {
    const { ino, mtimeNs } = await stat(file, { bigint: true });
    return `${ino.toString(36)}-${mtimeNs.toString(36)}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
