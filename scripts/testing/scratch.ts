import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';

/** Where Linux has a file system in memory that everybody may write to. */
const IN_MEMORY = '/dev/shm';
/** Several times what all layers keep at once: databases, profiles of browsers, builds. */
const ROOM_BYTES = 8 * 2 ** 30;

/**
 * Has all that is started from here keep its temporary files in memory, where that is possible and leaves room: of a database's copy
 * alone, 40 MB in a thousand files, a disk takes eight times the work. They are gone when this process ends.
 */
export async function keepScratchInMemory(): Promise<void> {
  if (!(await hasRoom())) return;
  const folder = mkdtempSync(join(IN_MEMORY, 'partner-of-record-test-'));
  // As `/tmp` is: a database server runs as another user.
  chmodSync(folder, 0o1777);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  process.env['TMPDIR'] = folder;
}

/** Programs are put there, too, and containers often have one without room, or from which nothing may be run. */
async function hasRoom(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, place]) => place === IN_MEMORY);
  if (mount === undefined || mount[3]?.split(',').includes('noexec') !== false) return false;
  const { bavail, bsize } = await statfs(IN_MEMORY);
  return bavail * bsize > ROOM_BYTES && freemem() > ROOM_BYTES;
}
