import { readdir, readFile } from 'node:fs/promises';

/**
 * The memory, in MB, of all processes that this one has started and that these have: a browser's are many. What several of them share
 * counts once. Linux alone tells.
 */
export async function memoryOfStarted(): Promise<number> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const parents = new Map(await Promise.all(ids.map(async (id) => [id, await parentOf(id)] as const)));
  const isOurs = (id: string | undefined): boolean =>
    id !== undefined && (parents.get(id) === String(process.pid) || isOurs(parents.get(id)));
  const sizes = await Promise.all(ids.filter(isOurs).map(shareOf));
  return sizes.reduce((total, size) => total + size, 0) / 1024;
}

async function parentOf(id: string): Promise<string | undefined> {
  return /^PPid:\s+(\d+)/m.exec(await read(id, 'status'))?.[1];
}

/** In kB. */
async function shareOf(id: string): Promise<number> {
  return Number(/^Pss:\s+(\d+)/m.exec(await read(id, 'smaps_rollup'))?.[1] ?? 0);
}

/** Empty of a process that is gone. */
async function read(id: string, file: 'status' | 'smaps_rollup'): Promise<string> {
  return readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '');
}
