import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { AUDIT_EXCEPTIONS } from './audit-exceptions';
import { judgeAudit } from './audit-verdict';

/**
 * Asks the registry for known advisories on anything in the lock file: `npm run audit`. Ends with 0 when there is none without
 * an exception, 1 when there is, and 2 when the registry did not answer, which is no pass. `npm test` does not ask: whether
 * a registry answers says nothing about the code.
 */

process.chdir(`${import.meta.dirname}/..`);
const npm = spawn('npm', ['audit', '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
const today = new Date().toISOString().slice(0, 10);
const verdict = judgeAudit(await text(npm.stdout), AUDIT_EXCEPTIONS, today);

switch (verdict.kind) {
  case 'clean':
    console.log(`No known advisory without an exception (exceptions: ${verdict.excepted.join(', ') || 'none'}).`);
    break;
  case 'problems':
    console.error(`Known advisories:\n${verdict.problems.map((problem) => `  ${problem}\n`).join('')}`);
    process.exitCode = 1;
    break;
  case 'unanswered':
    console.error(
      `Not audited: the registry did not answer. ${verdict.reason}\nThis is not a pass: ask again where it does.`,
    );
    process.exitCode = 2;
    break;
}
