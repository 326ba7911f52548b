import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { LICENCES_FILE } from '../../scripts/licences';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const Dependencies = v.optional(v.record(v.string(), v.string()), {});
const Project = v.object({ dependencies: Dependencies, devDependencies: Dependencies });

/** The rows of the table in the section that names the file: package, why, licence, shipped. */
function rowsOf(projectFile: string): string[][] {
  const section = read('docs/dependencies.md')
    .split(/^## /m)
    .find((part) => part.split('\n')[0]?.includes(`\`${projectFile}\``));
  const lines = (section ?? '').split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', ''))
      .slice(1, -1),
  );
}

/** Whether a built folder has code of a package, as its list of licences tells. */
function isIn(folder: string, name: string): boolean {
  return read(`dist/${folder}/${LICENCES_FILE}`)
    .split('\n')
    .some((line) => line.startsWith(`${name} `) && /^\S+ \d+\.\d+\.\d+\S*$/.test(line));
}

describe.each(['package.json', 'server/package.json'])('the page of dependencies and %s', (projectFile) => {
  const rows = rowsOf(projectFile);

  test('name the same packages, each once, in order', () => {
    const { dependencies, devDependencies } = v.parse(Project, JSON.parse(read(projectFile)));
    expect(rows.map(([name]) => name)).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
  });

  test.each(rows)(
    '%s has its reason, its own licence, and is shipped where the page says',
    (name, why, licence, shipped) => {
      expect(why).toMatch(/^\S.*\.\)?$/);
      const { license } = v.parse(
        v.object({ license: v.string() }),
        JSON.parse(read(`node_modules/${name}/package.json`)),
      );
      expect(licence).toBe(license);

      const inChromium = isIn('chromium', name ?? '');
      expect(isIn('firefox', name ?? '')).toBe(inChromium);
      const folders = [...(inChromium ? ['extension'] : []), ...(isIn('service', name ?? '') ? ['service'] : [])];
      expect(shipped).toBe(folders.join(', ') || 'no');
    },
  );
});
