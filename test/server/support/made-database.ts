import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { embeddedFolder, hasEmbedded } from '../../../server/src/database/data-folder';
import { copyFolder } from '../../support/copy-folder';
import { NODE_SWITCHES } from './node-switches';
import { buildCommand, start } from './process';

/** What a made database holds: nothing yet, or the tables of the present version. */
export type MadeWith = 'nothing' | 'tables';

/** The variable that names the folder with a data folder for each of those, by its name. */
const MADE_DATABASES = 'MADE_DATABASES';

/** Makes embedded databases once for all suites, which takes seconds, as the tables in them do; each then starts with a copy of one. */
export default async function makeDatabases(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'por-made-'));
  const placeOf = (made: MadeWith) => path.join(folder, made);
  for (const made of ['nothing', 'tables'] as const) await mkdir(placeOf(made));
  await makeEmbedded(embeddedFolder(placeOf('nothing')));
  await copyFolder(placeOf('nothing'), placeOf('tables'));
  const { main, dispose } = await buildCommand();
  const { ended, output } = start(main, ['migrate'], { DATA_DIR: placeOf('tables') });
  if ((await ended) !== 0) throw new Error(`The tables could not be made: ${output.told}`);
  await dispose();
  process.env[MADE_DATABASES] = folder;
  return () => rm(folder, { recursive: true, force: true });
}

/** In a process of its own, whose switches halve the work: it does each thing once. */
async function makeEmbedded(folder: string): Promise<void> {
  const script = `import { PGlite } from '@electric-sql/pglite'; await (await PGlite.create(process.argv[1])).close();`;
  const args = [...NODE_SWITCHES, '--input-type=module', '--eval', script, folder];
  await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
}

/** Puts a database into a data folder. */
export async function copyMadeDatabase(folder: string, made: MadeWith): Promise<void> {
  const all = process.env[MADE_DATABASES];
  if (all === undefined) return;
  await copyFolder(path.join(all, made), folder);
  if (!(await hasEmbedded(folder))) throw new Error(`The service looks elsewhere for the database in ${folder}.`);
}
