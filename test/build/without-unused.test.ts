import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withoutUnused } from '../../scripts/without-unused';

const ATOMS = ['a', '"', '""', ',', '\n', '\t', ';', ' ', 'é', '\ufeff', '1', '"x"', '"x,y"', '"a\nb"', '\r'];
const TEXTS = 5000;

let folder = '';
let shipped = Papa;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'papaparse-'));
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [withoutUnused()],
    build: {
      outDir: folder,
      lib: { entry: 'node_modules/papaparse/papaparse.js', formats: ['es'], fileName: () => 'less.mjs' },
    },
  });
  ({ default: shipped } = await import(join(folder, 'less.mjs')));
});

afterAll(() => rm(folder, { recursive: true }));

test('The papaparse that is shipped reads and writes every text as the whole one does', () => {
  expect(shipped).not.toBe(Papa);
  let seed = 1;
  const next = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  for (let at = 0; at < TEXTS; at++) {
    const text = Array.from({ length: next(12) }, () => ATOMS[next(ATOMS.length)]).join('');
    const delimiter = [',', ';', '\t'][at % 3] ?? ',';
    const read = (papa: typeof Papa) => {
      const { data, errors } = papa.parse<string[]>(text, { delimiter, newline: '\n' });
      return { data, errors };
    };
    expect(read(shipped), JSON.stringify(text)).toEqual(read(Papa));
    const table = { fields: ['one', 'other'], data: [[text, 'a']] };
    expect(shipped.unparse(table, { delimiter })).toBe(Papa.unparse(table, { delimiter }));
  }
});
