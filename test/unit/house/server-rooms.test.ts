import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../../server/src');
const FILES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const IMPORTED = /(?:^|\n)(?:import|export)\b[^;]*?from '([^']+)'|import\('([^']+)'\)/g;

const TEXTS = new Map(FILES.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const));

/** What a file of the service imports, types too: other files of it by their path, packages by their name. */
const IMPORTS = new Map(
  [...TEXTS].map(([file, text]) => {
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

/** Kysely's builders of statements, and its tag for SQL that is written out. */
const SQL = /\b(?:selectFrom|insertInto|updateTable|deleteFrom|mergeInto)\(|\bsql(?:\.\w+\(|<[^`]*>`|`)/;
const isRepository = (file: string) => /(?:\/|-)repository\.ts$/.test(file);

test('SQL stands in the repositories of the subjects and beneath them in the database folder, and nowhere else', () => {
  const withSql = [...TEXTS].filter(([, text]) => SQL.test(text)).map(([file]) => file);
  expect(withSql.filter(isRepository).length).toBeGreaterThan(5);
  expect(withSql.filter((file) => !isRepository(file) && !file.startsWith('database/'))).toEqual([]);
  const withDrivers = FILES.filter((file) => IMPORTS.get(file)?.some((name) => /^(?:pg|@electric-sql\/)/.test(name)));
  expect(withDrivers.filter((file) => !file.startsWith('database/'))).toEqual([]);
});

test('a repository refuses nobody and answers no request', () => {
  const imported = FILES.filter(isRepository).flatMap((file) => IMPORTS.get(file) ?? []);
  expect(imported.filter((name) => name === 'refusal.ts' || name === 'fastify' || name.endsWith('routes.ts'))).toEqual(
    [],
  );
});

test('a route knows no table, and all routes are in files of routes', () => {
  const routes = FILES.filter((file) => file.endsWith('routes.ts'));
  expect(routes.length).toBeGreaterThan(5);
  const known = routes.flatMap((file) => IMPORTS.get(file) ?? []);
  expect(known.filter((name) => ['kysely', 'database/schema.ts'].includes(name))).toEqual([]);
  const declaring = [...TEXTS].filter(([, text]) => /\.(?:get|put|delete|post)(?:<\w+>)?\(\s*[`'"]\//.test(text));
  expect(declaring.map(([file]) => file).filter((file) => !file.endsWith('routes.ts'))).toEqual([]);
});

test('what a refusal says stands beside its code', () => {
  // What a text may be is said of imported files too, so those few sentences stand with the rule.
  const refusing = FILES.filter((file) => file !== 'edge.ts').filter((file) =>
    IMPORTS.get(file)?.some((name) => name === 'refusal.ts' || name === 'callers/sign-in.ts'),
  );
  expect(refusing.length).toBeGreaterThan(10);
  const sentence = /(?<!new [\w.]+\()(['"`])[A-Z](?:(?!\1).)* (?:(?!\1).)*\.\1/g;
  const own = refusing.flatMap((file) => [...(TEXTS.get(file) ?? '').matchAll(sentence)].map(([text]) => [file, text]));
  expect(own).toEqual([]);
});
