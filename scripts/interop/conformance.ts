import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const REPOSITORY = join(import.meta.dirname, '../..');
const LIMIT_MS = 120_000;

/**
 * Runs `npm run conformance` against a backend and answers its last line. Throws an Error that names the lines that do not
 * hold, or could not be checked.
 * @param trusted the file of a certificate to trust, which Node takes at its start alone
 */
export async function conform(baseUrl: string, options: readonly string[], trusted: string | null): Promise<string> {
  const env = { ...process.env, ...(trusted !== null && { NODE_EXTRA_CA_CERTS: trusted }) };
  const args = ['node_modules/tsx/dist/cli.mjs', 'scripts/conformance.ts', baseUrl, ...options];
  const run = execute(process.execPath, args, { cwd: REPOSITORY, env, timeout: LIMIT_MS });
  const said = await run.then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      // It ends with 1 when a line fails, and has then said which.
      if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string' && error.stdout !== '') {
        return error.stdout;
      }
      throw error;
    },
  );
  const lines = said.trim().split('\n');
  const summary = lines.at(-1) ?? '';
  if (!/^\d+ hold, 0 fail, 0 could not be checked\.$/.test(summary)) {
    const wrong = lines.flatMap((line, index) =>
      /^(?:FAILS| {2}- )/.test(line) ? [line, lines[index + 1] ?? ''] : [],
    );
    throw new Error([summary, ...wrong.map((line) => line.trim())].join(' | '));
  }
  return summary.replace(/ hold, .*/, ' lines hold');
}
