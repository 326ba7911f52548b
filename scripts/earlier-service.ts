import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { LICENCES_FILE, writeLicences } from './licences';

/**
 * Makes the service of an earlier commit into one compressed file, beside which `test/server/versions-side-by-side.test.ts` runs the
 * present one: `tsx scripts/earlier-service.ts COMMIT`, to be done once a version is released, with that version's commit.
 *
 * The file is kept with the project. To build the commit in the test instead would need the history, which a shallow clone has not,
 * and that commit's dependencies; to take the present program with fewer migrations would not be the version before. It has no embedded
 * database, which makes a third of it: two versions meet on a server only, a data folder being one process's.
 */

const OUT = join(import.meta.dirname, '../test/server/earlier-service/main.js.gz');

/** What stands in for the embedded database. */
const WITHOUT_PGLITE = `
export const PGlite = { create: () => Promise.reject(new Error('There is no embedded database in this file.')) };
export const createPgConfig = () => ({});
`;

const [commit] = process.argv.slice(2);
if (commit === undefined) throw new Error('Usage: tsx scripts/earlier-service.ts COMMIT');
process.chdir(join(import.meta.dirname, '..'));
const execute = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'por-earlier-'));
try {
  const { stdout: archive } = await execute(
    'git',
    ['archive', commit, 'src', 'server', 'icons', 'package.json', 'tsconfig.json'],
    {
      encoding: 'buffer',
      maxBuffer: 1 << 30,
    },
  );
  await writeFile(join(folder, 'archive.tar'), archive);
  await execute('tar', ['-xf', 'archive.tar'], { cwd: folder });
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  const pglite = join(folder, 'without-pglite.js');
  await writeFile(pglite, WITHOUT_PGLITE);
  const built = join(folder, 'built');
  process.env['NODE_ENV'] = 'production';
  await build({
    configFile: join(folder, 'server/vite.config.ts'),
    logLevel: 'warn',
    resolve: { alias: [{ find: /^@electric-sql\/pglite(?:\/.*)?$/, replacement: pglite }] },
    build: { outDir: built, minify: true },
  });
  await writeLicences(built);
  const [program, licences] = await Promise.all(
    ['main.js', LICENCES_FILE].map((name) => readFile(join(built, name), 'utf8')),
  );
  const text = `${program}\n/*\n${licences?.replaceAll('*/', '* /')}*/\n`;
  await mkdir(join(OUT, '..'), { recursive: true });
  const file = gzipSync(text, { level: 9 });
  await writeFile(OUT, file);
  const { stdout: whole } = await execute('git', ['rev-parse', commit]);
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  console.log(`${OUT}: the service of ${whole.trim().slice(0, 12)}, ${Math.round(file.length / 1024)} kB, ${digest}.`);
} finally {
  await rm(folder, { recursive: true });
}
