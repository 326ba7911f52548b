import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem, type } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Latest, MeasuredRow } from '../test/bench/latest';
import { measure } from '../test/bench/measure';
import type { Peer } from '../test/bench/stage/stage';
import { SUBJECTS } from '../test/bench/subjects';
import { missesOf, tableOf, withTable } from '../test/bench/table';
import { chromiumPath } from './chromium';

/**
 * Measures what we hold to a number, side by side with what it is compared with:
 * `npm run bench -- [--only NAME]… [--runs N] [--peer NAME=FOLDER]…`. A run of all of it writes `bench/latest.json` and the README's
 * table. Ends with 1 when something could not be measured; a number that is missed is told.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    runs: { type: 'string' },
    peer: { type: 'string', multiple: true, default: [] },
  },
});
const rounds = values.runs === undefined ? undefined : Number(values.runs);
if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0))
  throw new Error('--runs is a number above 0');
const names = SUBJECTS.map(({ name }) => name);
const unknown = values.only.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`--only ${unknown.join(', ')}: it is one of ${names.join(', ')}`);
const peers = values.peer.map(peerOf);

process.chdir(join(import.meta.dirname, '..'));
const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
if (status !== 0) throw new Error(`The build ended with ${status}.`);

const rows: MeasuredRow[] = [];
const notMeasured: Latest['notMeasured'] = [];
const chosen = SUBJECTS.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
for (const subject of chosen) {
  const began = performance.now();
  try {
    rows.push(...(await measure(subject, { peers, print: console.log, ...(rounds !== undefined && { rounds }) })));
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    notMeasured.push({ subject: subject.name, why });
    console.error(`${subject.name} could not be measured:`, error);
  }
  console.log(`${subject.name}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

const latest: Latest = { ...(await whereAndWhen()), rows, notMeasured };
console.log(`\n${tableOf(latest)}\n`);
for (const miss of missesOf(rows)) console.log(`MISSED  ${miss}`);
for (const { subject } of notMeasured) console.log(`NOT MEASURED  ${subject}`);
if (chosen.length === SUBJECTS.length) {
  await mkdir('bench', { recursive: true });
  await writeFile('bench/latest.json', `${JSON.stringify(latest, null, 2)}\n`);
  await writeFile('README.md', withTable(await readFile('README.md', 'utf8'), latest));
}
process.exitCode = notMeasured.length === 0 ? 0 : 1;

function peerOf(text: string): Peer {
  const [name = '', ...folder] = text.split('=');
  if (name === '' || folder.length === 0) throw new Error('--peer has the form NAME=FOLDER');
  return { name, folder: resolve(folder.join('=')) };
}

async function whereAndWhen() {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
  return {
    date: new Date().toISOString(),
    commit: git('rev-parse', '--short=10', 'HEAD') + (isChanged ? ', changed since' : ''),
    machine: {
      processor: cpus()[0]?.model ?? 'an unknown processor',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${release()}`,
    },
    browser: execFileSync(await chromiumPath(), ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim(),
    node: process.version,
  };
}
