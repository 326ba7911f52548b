import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FABRIKAM, NORTHWIND, type Tokens } from './service';

const execute = promisify(execFile);
const REPOSITORY = join(import.meta.dirname, '../..');
const LIMIT_MS = 120_000;
const ALL_HOLD = /^(\d+) hold, 0 fail, 0 could not be checked\.$/;

/**
 * Runs `npm run conformance` against a service that has our directory, and answers how many lines hold. Throws an Error that names
 * those that do not, or could not be checked.
 * @param certificate one to trust, in PEM
 */
export async function conform(baseUrl: string, tokens: Tokens, certificate: string | null): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'por-conformance-'));
  try {
    const trusted = join(folder, 'certificate.pem');
    if (certificate !== null) await writeFile(trusted, certificate);
    const partners = [FABRIKAM, NORTHWIND].flatMap(({ partnerId }) => ['--partner', partnerId]);
    const callers = ['--other', tokens.otherAdmin, '--partner-caller', tokens.partner];
    const said = await run(
      [baseUrl, tokens.admin, ...callers, ...partners],
      // Node takes it at its start alone.
      certificate === null ? {} : { NODE_EXTRA_CA_CERTS: trusted },
    );
    return judge(said.trim().split('\n'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What the command printed, also when it ended with 1 because a line fails. */
async function run(operands: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const args = ['node_modules/tsx/dist/cli.mjs', 'scripts/conformance.ts', ...operands];
  const options = { cwd: REPOSITORY, env: { ...process.env, ...env }, timeout: LIMIT_MS };
  return execute(process.execPath, args, options).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string' && error.stdout !== '') {
        return error.stdout;
      }
      throw error;
    },
  );
}

function judge(lines: readonly string[]): string {
  const summary = lines.at(-1) ?? '';
  const count = ALL_HOLD.exec(summary)?.[1];
  if (count !== undefined) return `${count} lines hold`;
  const wrong = lines.flatMap((line, index) => (/^(?:FAILS| {2}- )/.test(line) ? [line, lines[index + 1] ?? ''] : []));
  throw new Error([summary, ...wrong.map((line) => line.trim())].join(' | '));
}
