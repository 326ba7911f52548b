import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { embeddedFolder } from '../../../server/src/database/data-folder';

/** The variable that names a data folder with an embedded database in it that holds nothing yet. */
const MADE_DATABASE = 'MADE_DATABASE';

/** Makes an embedded database once for all suites, which takes seconds; each then starts with a copy of it. */
export default async function makeDatabase(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'por-made-'));
  const lite = await PGlite.create(embeddedFolder(folder));
  await lite.close();
  process.env[MADE_DATABASE] = folder;
  return () => rm(folder, { recursive: true, force: true });
}

/** Puts a database that holds nothing yet into a data folder. A thousand small files: Node's own copying takes twice the work of `cp`. */
export async function copyMadeDatabase(folder: string): Promise<void> {
  const made = process.env[MADE_DATABASE];
  if (made !== undefined) await promisify(execFile)('cp', ['-R', path.join(made, '.'), folder]);
}
