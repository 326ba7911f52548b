import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fencesOf } from '../../scripts/markdown-fences';

const root = join(import.meta.dirname, '../..');

/** Where somebody who follows CONTRIBUTING would put the kind that it prints; there is no such file. */
export const LEDGER_FILE = join(root, 'src/backends/ledger.ts');
/** The table that gets one line. */
export const KINDS_FILE = join(root, 'src/backends/kinds.ts');

/** What both files hold once somebody has done what CONTRIBUTING says under “add a kind of backend”, and no more. */
export function withLedger(): { readonly ledger: string; readonly kinds: string } {
  const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  const [example] = fencesOf(page).filter(
    ({ language, heading }) => language === 'ts' && heading.includes('a kind of'),
  );
  const [, line] = /^and in `kinds\.ts`: `(.+)`\.$/m.exec(page) ?? [];
  if (example === undefined || line === undefined) throw new Error('CONTRIBUTING prints no kind of backend any more');
  const kinds = readFileSync(KINDS_FILE, 'utf8');
  const withLine = kinds.replace('  service: serviceKind,\n', (first) => `${first}  ${line}\n`);
  if (withLine === kinds) throw new Error('The table of kinds has no place for its line');
  return { ledger: example.text, kinds: `import { ledgerKind } from './ledger';\n${withLine}` };
}
