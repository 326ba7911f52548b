import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Who may import whom: the one table of the house, which biome.json enforces. */
const TABLE: Record<string, readonly string[]> = {
  domain: [],
  platform: [],
  portals: ['domain', 'platform'],
  backends: ['domain', 'platform'],
  storage: ['domain', 'platform'],
  messaging: ['domain', 'platform'],
  words: ['domain'],
  ui: ['domain', 'portals', 'words'],
  background: ['domain', 'platform', 'portals', 'backends', 'storage', 'messaging', 'words'],
  content: ['domain', 'platform', 'portals', 'messaging', 'words', 'ui'],
  popup: ['domain', 'platform', 'portals', 'storage', 'messaging', 'words', 'ui'],
  options: ['domain', 'platform', 'portals', 'storage', 'messaging', 'words', 'ui'],
  subscriptions: ['domain', 'platform', 'portals', 'storage', 'messaging', 'words', 'ui'],
  tenants: ['domain', 'platform', 'portals', 'storage', 'messaging', 'words', 'ui'],
  confirm: ['domain', 'platform', 'portals', 'storage', 'messaging', 'words', 'ui'],
};
const FOLDERS = Object.keys(TABLE);

/** A file that uses another by a static import, as most cases need no other way. */
const staticImport = (from: string) => `import { thing } from '${from}';\n\nexport const mine = thing;\n`;

/** Every way to reach another file. */
const FORMS: Record<string, (from: string) => string> = {
  static: staticImport,
  'side effect': (from) => `import '${from}';\n`,
  dynamic: (from) => `export const mine = () => import('${from}');\n`,
  're-export': (from) => `export { thing } from '${from}';\n`,
  're-export of all': (from) => `export * from '${from}';\n`,
  type: (from) => `import type { Thing } from '${from}';\n\nexport type Mine = Thing;\n`,
  're-exported type': (from) => `export type { Thing } from '${from}';\n`,
};

const root = join(import.meta.dirname, '../../..');
const house = mkdtempSync(join(tmpdir(), 'house-'));
afterAll(() => rmSync(house, { recursive: true }));

/** The kinds of complaint that Biome has of each file put into the house; known after its one run. */
const complaints = new Map<string, string[]>();

type Verdict = () => readonly string[];

/** Puts a file into a folder of the house and answers how to ask, within a test, what Biome says of it. */
function put(folder: string, code: string): Verdict {
  return putAs(`${folder}/case-${complaints.size}.ts`, code);
}

function putAs(file: string, code: string): Verdict {
  complaints.set(file, []);
  mkdirSync(join(house, dirname(file)), { recursive: true });
  writeFileSync(join(house, file), code);
  return () => complaints.get(file) ?? [];
}

/** One file for each way to reach `from`. */
function putEveryForm(folder: string, from: string): [form: string, verdict: Verdict][] {
  return Object.entries(FORMS).map(([form, code]) => [form, put(folder, code(from))]);
}

const Report = v.object({
  diagnostics: v.array(v.object({ category: v.string(), location: v.object({ path: v.string() }) })),
});

beforeAll(() => {
  for (const needed of ['biome.json', '.gitignore', 'scripts/lint']) {
    cpSync(join(root, needed), join(house, needed), { recursive: true });
  }
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', 'src', 'server'];
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/biome'), args, {
    cwd: house,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const { category, location } of v.parse(Report, JSON.parse(stdout)).diagnostics) {
    complaints.get(location.path)?.push(category);
  }
}, 120_000);

const IMPORT = ['lint/style/noRestrictedImports'];
const GLOBAL = ['lint/style/noRestrictedGlobals'];

test('every folder of src has its line in the table', () => {
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map((folder) => folder.name).toSorted()).toEqual(FOLDERS.toSorted());
});

describe.each(FOLDERS)('%s', (folder) => {
  const here = `src/${folder}`;
  const allowed = FOLDERS.filter((other) => TABLE[folder]?.includes(other));
  const forbidden = FOLDERS.filter((other) => other !== folder && !allowed.includes(other));

  for (const other of forbidden) {
    const forms = putEveryForm(here, `../${other}/thing`);
    const index = put(here, staticImport(`../${other}`));
    const roundabout = put(here, staticImport(`./../${other}/thing`));
    const deeper = put(`${here}/deeper`, staticImport(`../../${other}/thing`));
    test(`may not import ${other}, in whatever way`, () => {
      for (const [form, verdict] of forms) expect(verdict(), form).toEqual(IMPORT);
      expect([index(), roundabout(), deeper()]).toEqual([IMPORT, IMPORT, IMPORT]);
    });
  }

  for (const other of allowed) {
    const forms = putEveryForm(here, `../${other}/thing`);
    const deeper = put(`${here}/deeper`, staticImport(`../../${other}/thing`));
    test(`may import ${other}`, () => {
      for (const [form, verdict] of forms) expect(verdict(), form).toEqual([]);
      expect(deeper()).toEqual([]);
    });
  }

  const own = put(here, staticImport('./thing'));
  const service = put(here, staticImport('../../server/src/thing'));
  test('may import its own files, and nothing of the service', () => {
    expect(own()).toEqual([]);
    expect(service()).toEqual(IMPORT);
  });

  const inline = put(here, `export type Mine = import('./thing').Thing;\n`);
  test('may not hide an import inside a type', () => expect(inline()).toEqual(['plugin']));

  const polyfill = put(here, staticImport('webextension-polyfill'));
  const global = put(here, 'export const id = chrome.runtime.id;\n');
  test(folder === 'platform' ? 'speaks to the browser API' : 'reaches the browser API through platform only', () => {
    expect(polyfill()).toEqual(folder === 'platform' ? [] : IMPORT);
    expect(global()).toEqual(folder === 'platform' ? [] : GLOBAL);
  });
});

describe('domain', () => {
  const here = 'src/domain';

  const valibot = put(here, staticImport('valibot'));
  const preact = put(here, staticImport('preact'));
  test('may use valibot and no other library', () => {
    expect(valibot()).toEqual([]);
    expect(preact()).toEqual(IMPORT);
  });

  const impure = ['Date.now()', 'new Date()', 'Math.random()'].map((code) =>
    put(here, `export const mine = () => ${code};\n`),
  );
  const given = put(here, 'export const mine = (at: string) => new Date(at).getTime();\n');
  test('has no clock and no chance of its own, yet reads the dates it is given', () => {
    for (const verdict of impure) expect(verdict()).toEqual(['plugin']);
    expect(given()).toEqual([]);
  });

  const globals = ['fetch', 'document', 'window', 'browser', 'globalThis', 'crypto', 'setTimeout', 'localStorage'];
  const reaching = globals.map((name) => put(here, `export const mine = () => ${name};\n`));
  test('reaches no browser, no page, no network and no timer', () => {
    for (const verdict of reaching) expect(verdict()).toEqual(GLOBAL);
  });
});

describe('a change’s life', () => {
  const KNOW_IT = ['domain', 'storage'];

  for (const folder of FOLDERS.filter((one) => one !== 'domain' && one !== 'platform')) {
    const forms = putEveryForm(`src/${folder}`, '../domain/change');
    const deeper = put(`src/${folder}/deeper`, staticImport('../../domain/change'));
    const sibling = put(`src/${folder}`, staticImport('../domain/change-request'));
    const known = KNOW_IT.includes(folder);
    test(known ? `${folder} knows it` : `${folder} gets a Standing in its stead`, () => {
      for (const [form, verdict] of forms) expect(verdict(), form).toEqual(known ? [] : IMPORT);
      expect(deeper()).toEqual(known ? [] : IMPORT);
      expect(sibling()).toEqual([]);
    });
  }

  const engine = putAs('src/background/engine.ts', staticImport('../domain/change'));
  const engineElsewhere = putAs('src/background/engine-parts.ts', staticImport('../domain/change'));
  test('the engine knows it, and nothing beside it', () => {
    expect([engine(), engineElsewhere()]).toEqual([[], IMPORT]);
  });
});

describe('server', () => {
  for (const other of FOLDERS) {
    const forms = putEveryForm('server/src', `../../src/${other}/thing`);
    const deeper = put('server/src/deeper', staticImport(`../../../src/${other}/thing`));
    const verdict = other === 'domain' ? [] : IMPORT;
    test(other === 'domain' ? 'may import domain' : `may not import ${other}, in whatever way`, () => {
      for (const [form, actual] of forms) expect(actual(), form).toEqual(verdict);
      expect(deeper()).toEqual(verdict);
    });
  }
});
