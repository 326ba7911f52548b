import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { copyExtension } from '../../e2e/harness/browser';
import type { Subject } from '../subject';

const ROOT = join(import.meta.dirname, '../../..');

/** How much is loaded into pages, and how much is installed. The same in every round. */
export const sizes: Subject = {
  name: 'sizes',
  rounds: 1,
  warmsUp: false,
  limitMs: 240_000,
  rows: [
    {
      what: 'detect script, minified and gzipped',
      figure: 'detect',
      unit: 'kB',
      holds: [{ kind: 'atMost', most: 2 }],
    },
    { what: 'panel script, minified and gzipped', figure: 'panel', unit: 'kB', holds: [{ kind: 'atMost', most: 25 }] },
    { what: 'package for Chromium, zipped', figure: 'zip', unit: 'kB', holds: [{ kind: 'atMost', most: 200 }] },
  ],
  async prepare(stage) {
    const folder = await stage.folder();
    const extension = join(folder, 'chromium');
    await copyExtension(extension, (manifest) => manifest);
    const { content_scripts } = JSON.parse(await readFile(join(extension, 'manifest.json'), 'utf8'));
    const gzipped = async (...files: readonly string[]) => {
      const codes = await Promise.all(files.map((file) => readFile(join(extension, file))));
      return gzipSync(Buffer.concat(codes), { level: 9 }).length / 1000;
    };
    const measure = async () => {
      const tsx = join(ROOT, 'node_modules/.bin/tsx');
      await promisify(execFile)(tsx, [join(ROOT, 'scripts/zip.ts'), folder, 'chromium']);
      const zip = (await readdir(folder)).find((name) => name.endsWith('.zip'));
      if (zip === undefined) throw new Error('There is no zip');
      return {
        detect: await gzipped(content_scripts[0].js[0]),
        // With what it shares with the pages.
        panel: await gzipped('common.js', 'panel.js'),
        zip: (await stat(join(folder, zip))).size / 1000,
      };
    };
    return [{ name: 'ours', measure }];
  },
};
