import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../../server/src');
const FILES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const IMPORTED = /(?:^|\n)(?:import|export)\b[^;]*?from '([^']+)'|import\('([^']+)'\)/g;

/** What a file of the service imports, types too: other files of it by their path, packages by their name. */
const IMPORTS = new Map(
  FILES.map((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const named = [...text.matchAll(IMPORTED)].map(([, from, dynamic]) => from ?? dynamic ?? '');
    return [file, named.map((name) => (name.startsWith('.') ? ours(file, name) : name))] as const;
  }),
);

function ours(file: string, name: string): string {
  return `${relative(ROOT, join(ROOT, dirname(file), name))}.ts`;
}

const importersOf = (wanted: string) => FILES.filter((file) => IMPORTS.get(file)?.includes(wanted));

test('what puts the service together is imported by the command that runs it, and by nothing else', () => {
  expect(importersOf('service.ts')).toEqual(['commands/run.ts']);
  expect(importersOf('main.ts')).toEqual([]);
  const fromCommands = FILES.filter((file) => file !== 'main.ts' && !file.startsWith('commands/')).filter((file) =>
    IMPORTS.get(file)?.some((name) => name.startsWith('commands/')),
  );
  expect(fromCommands).toEqual([]);
});

test('no file of the service imports itself by way of others', () => {
  const circles: string[] = [];
  const done = new Set<string>();
  function visit(file: string, way: readonly string[]): void {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
    if (done.has(file) || way.includes(file)) return;
    for (const next of IMPORTS.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  }
  for (const file of FILES) visit(file, []);
  expect(circles).toEqual([]);
});

test('a route holds no SQL and knows no table', () => {
  const routes = FILES.filter((file) => file.endsWith('routes.ts'));
  expect(routes.length).toBeGreaterThan(5);
  for (const file of routes) {
    expect([file, IMPORTS.get(file)?.filter((name) => ['kysely', 'pg', 'database/schema.ts'].includes(name))]).toEqual([
      file,
      [],
    ]);
    expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(/\b(?:selectFrom|insertInto|updateTable|deleteFrom)\(/);
  }
  // All routes are in such files.
  const declaring = FILES.filter((file) =>
    /\.(?:get|put|delete|post)(?:<\w+>)?\(\s*[`'"]\//.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  expect(declaring.filter((file) => !file.endsWith('routes.ts'))).toEqual([]);
});
