import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from './thrown';

/**
 * Makes a folder, and those above it that are missing, for the service's own user alone; one that is there stays as it is. Throws
 * what the system says of the folder that cannot be made. Not by `recursive`: Node (20) says ENOENT then where a file system only
 * reads, and asks without end where one takes no folder.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeOne(folder);
  } catch (error) {
    const above = path.dirname(folder);
    if (above === folder || codeOf(error) !== 'ENOENT') throw error;
    await makeFolder(above);
    await makeOne(folder);
  }
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    // A file system that only reads may say so of a folder that is there.
    const isThere = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isThere) throw error;
  }
}
