import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from './proof';

const PAGE = join(import.meta.dirname, '../../docs/interop.md');

const BEFORE = `# What was tried with what

\`npm run interop\` installs each of these from Debian's packages when it is absent (as root), runs it from a folder of its own on a
free port of this machine, never by its init script, and ends with 1 when something does not hold. This page is what its last run
wrote (\`npm run interop -- --write\`). What has not held stands in bold.
`;

/** Writes docs/interop.md: what was tried, in which version, and what held. */
export async function writeTable(reports: readonly Report[]): Promise<void> {
  await writeFile(PAGE, pageOf(reports));
}

/** The page with the table. */
export function pageOf(reports: readonly Report[]): string {
  const rows = reports.flatMap(({ name, versions, held, failed }) => {
    const findings = [
      ...held.map(({ what, how }) => [what, how || 'held']),
      ...failed.map(({ what, why }) => [what, `**did not hold**: ${why}`]),
    ];
    const tried = versions.join(', ') || `${name}, which was not to be had`;
    return findings.map((finding, index) => [index === 0 ? tried : '', ...finding]);
  });
  const lines = [['with', 'what', 'how it went'], ['---', '---', '---'], ...rows].map(
    (cells) => `| ${cells.map(cellOf).join(' | ')} |`,
  );
  return `${BEFORE}\n${lines.join('\n')}\n`;
}

function cellOf(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
