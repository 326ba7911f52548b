import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { buildCommand } from '../test/server/support/process';
import { startPostgres } from './postgres';
import { rowsOf, writeSampleDirectory } from './sample-directory';

/**
 * How much more memory an import of many subscriptions takes than one of a single one, on the embedded database and on a PostgreSQL
 * server: `npm run bench:import -- [--subscriptions N]`. Ends with 1 when it is more than it may be.
 */
const { values } = parseArgs({ options: { subscriptions: { type: 'string', default: '100000' } } });
const many = Number(values.subscriptions);
if (!Number.isSafeInteger(many) || many < 1) throw new Error('Usage: npm run bench:import -- [--subscriptions N]');

/** Above an import of one subscription. */
const MOST_MB = { PGlite: 200, PostgreSQL: 250 };

/**
 * Tells, in kilobytes, the most that a process had in memory. Linux alone counts that for the program itself: in `maxRSS` it begins
 * with what the parent had.
 */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(`
  import { readFileSync } from 'node:fs';
  process.on('exit', () => console.log(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]));
`)}`;

interface Measured {
  readonly peakMb: number;
  readonly seconds: number;
}

const folder = await mkdtemp(path.join(tmpdir(), 'por-import-memory-'));
const { main, dispose } = await buildCommand();
const postgres = await startPostgres();
try {
  const files = { one: path.join(folder, 'one.json'), many: path.join(folder, 'many.json') };
  await writeSampleDirectory(files.one, 1);
  await writeSampleDirectory(files.many, many);

  const empty = path.join(folder, 'empty');
  await makeEmpty({ DATA_DIR: empty });
  const onPglite = async (file: string) => {
    const data = path.join(folder, 'data');
    await cp(empty, data, { recursive: true });
    const measured = await importing(file, { DATA_DIR: data });
    await rm(data, { recursive: true });
    return measured;
  };
  // The one subscription comes first, so that the many find the database as empty but for it.
  await makeEmpty({ DATABASE_URL: postgres.url });
  const onPostgres = (file: string) => importing(file, { DATABASE_URL: postgres.url });

  console.log(`database | subscriptions | rows | peak | above one | may be | time`);
  for (const [name, measure] of [
    ['PGlite', onPglite],
    ['PostgreSQL', onPostgres],
  ] as const) {
    const one = await measure(files.one);
    tellLine(name, 1, one, null);
    const all = await measure(files.many);
    tellLine(name, many, all, { above: all.peakMb - one.peakMb, most: MOST_MB[name] });
    if (all.peakMb - one.peakMb > MOST_MB[name]) process.exitCode = 1;
  }
} finally {
  await postgres.stop();
  await dispose();
  await rm(folder, { recursive: true });
}

/** Makes the schema: what a first start costs is no part of what is measured. */
async function makeEmpty(env: Record<string, string>): Promise<void> {
  const nothing = path.join(folder, 'nothing.json');
  await writeFile(nothing, '{"partners": [], "customers": [], "callers": [], "subscriptions": []}');
  await importing(nothing, env);
}

async function importing(file: string, env: Record<string, string>): Promise<Measured> {
  const begun = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', TELL_PEAK, main, 'import', file], {
    env: { PATH: process.env['PATH'], ...env },
  });
  return { peakMb: Math.round(Number(stdout) / 1024), seconds: Math.round((performance.now() - begun) / 1000) };
}

function tellLine(
  name: string,
  subscriptions: number,
  { peakMb, seconds }: Measured,
  limit: { readonly above: number; readonly most: number } | null,
): void {
  const compared = limit === null ? '' : `${limit.above} MB | ${limit.most} MB`;
  console.log(
    [name, subscriptions, rowsOf(subscriptions), `${peakMb} MB`, compared || ' | ', `${seconds} s`].join(' | '),
  );
}
