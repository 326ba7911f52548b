import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Another process holds the folder; the message is a sentence for the person who started this one. */
export class DataFolderInUse extends Error {}

/**
 * Takes the data folder for this process by a lock file with its process id. A lock whose process is gone is taken over.
 * Returns what lets the folder go. Throws {@link DataFolderInUse}.
 */
export async function holdDataFolder(folder: string): Promise<() => Promise<void>> {
  const lock = path.join(folder, 'service.lock');
  const own = path.join(folder, `service.lock.${process.pid}`);
  await writeFile(own, `${process.pid}\n`);
  try {
    // Linking a finished file is atomic: nobody ever reads a lock that is there but still empty.
    while (!(await linked(own, lock))) await setAsideIfStale(folder, lock);
  } finally {
    await rm(own, { force: true });
  }
  return async () => {
    if ((await holder(lock)) === process.pid) await rm(lock, { force: true });
  };
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  }
}

async function setAsideIfStale(folder: string, lock: string): Promise<void> {
  refuseIfAlive(folder, lock, await holder(lock));
  const aside = path.join(folder, `service.lock.stale.${process.pid}`);
  try {
    await rename(lock, aside);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw error;
  }
  const moved = await holder(aside);
  try {
    // Another process may have taken the stale lock over between the look and the move: give it back its lock.
    if (isAlive(moved)) await linked(aside, lock);
    refuseIfAlive(folder, lock, moved);
  } finally {
    await rm(aside, { force: true });
  }
}

function refuseIfAlive(folder: string, lock: string, pid: number | null): void {
  if (!isAlive(pid)) return;
  throw new DataFolderInUse(
    `The data folder ${folder} is in use by another service (process ${pid}). Stop it first, or choose another folder with DATA_DIR. If no service runs, remove ${lock}.`,
  );
}

/** The process id in the lock file; null when the file is gone or holds none. */
async function holder(lock: string): Promise<number | null> {
  try {
    const pid = Number.parseInt(await readFile(lock, 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

function isAlive(pid: number | null): boolean {
  // In a container every start has the same process id: one's own id in a lock is that of an earlier life.
  if (pid === null || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isSystemError(error, 'EPERM');
  }
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
