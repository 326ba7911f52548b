import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Papa from 'papaparse';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { withoutUnused } from '../../scripts/without-unused';

const ATOMS = ['a', '"', '""', ',', '\n', '\t', ';', ' ', 'é', '\ufeff', '1', '"x"', '"x,y"', '"a\nb"', '\r'];
const TEXTS = 5000;

let folder = '';
let shipped = Papa;

/** Builds what is shipped of a package; answers the file. */
async function lessOf(entry: string): Promise<string> {
  const name = basename(entry);
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [withoutUnused()],
    build: { outDir: folder, emptyOutDir: false, lib: { entry, formats: ['es'], fileName: () => name } },
  });
  return join(folder, name);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'papaparse-'));
  ({ default: shipped } = await import(await lessOf('node_modules/papaparse/papaparse.js')));
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
    const isQuoted = (cell: string) => cell.includes('x');
    for (const data of [[[text, 'a']], [[text], ['', text]], []]) {
      const written = (papa: typeof Papa) =>
        papa.unparse({ fields: ['one', 'other'], data }, { delimiter, quotes: isQuoted });
      expect(written(shipped)).toBe(written(Papa));
    }
  }
});

test('The polyfill that is shipped gives promises where the browser takes callbacks, and answers messages by promise', async () => {
  const listeners: ((message: unknown, sender: unknown, answer: (answer: unknown) => void) => boolean)[] = [];
  const chrome = {
    runtime: {
      id: 'abc',
      lastError: null as { message: string } | null,
      onMessage: { addListener: (listener: (typeof listeners)[0]) => listeners.push(listener) },
    },
    storage: { local: { get: (key: string, answer: (found: unknown) => void) => answer({ [key]: 1 }) } },
    tabs: {
      get(_id: number, answer: () => void) {
        chrome.runtime.lastError = { message: 'No tab' };
        answer();
        chrome.runtime.lastError = null;
      },
    },
    action: { setTitle: async () => 'the browser’s own promise' },
  };
  vi.stubGlobal('chrome', chrome);
  const file = await lessOf('node_modules/webextension-polyfill/dist/browser-polyfill.js');
  const { default: browser } = await import(file);
  expect(browser).not.toBe(chrome);
  expect(await browser.storage.local.get('a')).toEqual({ a: 1 });
  await expect(browser.tabs.get(1)).rejects.toThrow('No tab');
  expect(await browser.action.setTitle({})).toBe('the browser’s own promise');
  browser.runtime.onMessage.addListener(async (message: unknown) => ({ message }));
  const answer = vi.fn();
  expect(listeners[0]?.('asked', {}, answer)).toBe(true);
  await vi.waitFor(() => expect(answer).toHaveBeenCalledWith({ message: 'asked' }));

  vi.stubGlobal('browser', { runtime: { id: 'abc' } });
  expect((await import(`${file}?own`)).default).toBe(Reflect.get(globalThis, 'browser'));
  vi.unstubAllGlobals();
});
