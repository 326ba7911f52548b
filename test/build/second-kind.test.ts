import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withLedger } from '../second-kind/ledger';
import { within } from '../within';

const root = join(import.meta.dirname, '../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
/** The compiler works for a while, and has the processors for itself seldom. */
const COMPILED_WITHIN_MS = 240_000;
let folder = '';

/** A folder that TypeScript lays over `src`: what stands in both is one tree to it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partner-of-record-second-kind-'));
  const backends = join(folder, 'src/backends');
  await mkdir(backends, { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const { ledger, kinds } = withLedger();
  await writeFile(join(backends, 'ledger.ts'), ledger);
  await writeFile(join(backends, 'kinds.ts'), kinds);
  const compilerOptions = {
    rootDirs: [join(folder, 'src'), join(root, 'src')],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['src'] }),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(name: string, args: readonly string[], input = ''): Promise<string> {
  const running = promisify(execFile)(bin(name), args, { cwd: root });
  running.child.stdin?.end(input);
  const { stdout } = await within(`the end of ${name}`, running, COMPILED_WITHIN_MS);
  return stdout;
}

describe('The kind of backend that CONTRIBUTING prints', { timeout: COMPILED_WITHIN_MS + 10_000 }, () => {
  test('compiles as a file beside the others, with its line in the table, and casts nothing', async () => {
    await expect(run('tsc', ['--project', folder])).resolves.toBe('');
    expect(withLedger().ledger).not.toMatch(/[\w)\]}] as (?!const\b)|@ts-/);
  });

  test('is formatted as the house is', async () => {
    const { ledger } = withLedger();
    expect(await run('biome', ['format', '--stdin-file-path=src/backends/ledger.ts'], ledger)).toBe(ledger);
  });
});
