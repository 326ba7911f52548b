import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { databaseSubjects } from './interop/databases';
import { docsSubject } from './interop/docs-commands';
import { mailSubject } from './interop/mail';
import { newcomerSubject } from './interop/newcomer';
import { type Report, report, type Subject } from './interop/proof';
import { proxySubjects } from './interop/proxies';
import { loadFolder } from './interop/service';
import { signInSubject } from './interop/sign-in';
import { spreadsheetSubject } from './interop/spreadsheets';
import { writeTable } from './interop/table';

/**
 * Tries the service against the servers and programs of others that stand around it: `npm run interop -- [--only TEXT | --write]`.
 * Each is installed from Debian's packages when absent, and run from a folder of its own. Ends with 0 when all of it holds.
 */
const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, write: { type: 'boolean', default: false } },
});
if (values.write && values.only !== '') throw new Error('--write writes what all of them did: leave --only out.');

process.chdir(join(import.meta.dirname, '..'));
const began = performance.now();
const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
if (status !== 0) throw new Error(`The build ended with ${status}.`);

const loaded = await loadFolder();
const reports: Report[] = [];
try {
  const all: readonly Subject[] = [
    ...databaseSubjects(),
    ...proxySubjects(loaded),
    mailSubject(loaded),
    signInSubject(loaded),
    spreadsheetSubject(),
    docsSubject(),
    newcomerSubject(),
  ];
  const chosen = all.filter(({ name }) => name.toLowerCase().includes(values.only.toLowerCase()));
  if (chosen.length === 0) {
    throw new Error(`--only ${values.only} names none of ${all.map(({ name }) => name).join(', ')}.`);
  }
  for (const subject of chosen) {
    const one = await report(subject);
    tell(one);
    reports.push(one);
  }
} finally {
  await loaded.remove();
}
if (values.write) await writeTable(reports);
const failing = reports.filter(({ failed }) => failed.length > 0).map(({ name }) => name);
console.log(
  `\n${reports.length - failing.length} held, ${failing.length} failed${failing.length > 0 ? `: ${failing.join(', ')}` : ''}; ${((performance.now() - began) / 1000).toFixed(0)} s`,
);
process.exitCode = failing.length === 0 ? 0 : 1;

function tell({ name, versions, held, failed, seconds }: Report): void {
  console.log(`\n${name} (${versions.join(', ') || 'not to be had'}), ${seconds.toFixed(1)} s`);
  for (const { what, how } of held) console.log(`  holds  ${what}${how && `: ${how}`}`);
  for (const { what, why } of failed) console.log(`  FAILS  ${what}\n         ${why}`);
}
