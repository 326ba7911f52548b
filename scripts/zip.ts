import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import * as v from 'valibot';
import { BROWSERS } from '../vite.config';
import { haveInstalled } from './counterparts/program';

/**
 * Packs the built extension for the stores, one zip a browser, beside what was built: `npm run zip`, or
 * `tsx scripts/zip.ts FOLDER [BROWSER]` for a build in another folder than `dist`, or for one browser alone. The same build gives the
 * same bytes on every machine.
 */

const NAME = 'partner-of-record-helper';

/** Packs a zip that is there as tightly as its format allows, 6 % smaller than a fast packer. */
const PACKER = '/usr/bin/advzip';
const AS_TIGHT_AS_CAN_BE = ['--recompress', '--shrink-insane', '--iter', '100', '--quiet'];

/** The earliest time a zip can hold, as local time, which is what a zip holds. */
const MTIME = new Date(1980, 0, 1);
/** A plain file that its owner may write and all may read, as Unix (3) tells it. */
const FILE = { mtime: MTIME, os: 3, attrs: (0o100644 << 16) >>> 0, level: 9 } as const;

const Manifest = v.looseObject({ version: v.string() });

/** The manifest without `key`, which pins the ID of an unpacked extension; the store gives the ID itself and refuses it. */
function forStore(manifest: string) {
  const { key: _key, ...rest } = v.parse(Manifest, JSON.parse(manifest));
  return { version: rest.version, bytes: new TextEncoder().encode(JSON.stringify(rest)) };
}

async function pack(folder: string): Promise<{ version: string; zip: Uint8Array }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
  const manifest = forStore(await readFile(join(folder, 'manifest.json'), 'utf8'));
  const files: Zippable = {};
  for (const name of names) {
    files[name] = [name === 'manifest.json' ? manifest.bytes : await readFile(join(folder, name)), FILE];
  }
  return { version: manifest.version, zip: zipSync(files) };
}

await haveInstalled([PACKER], ['advancecomp']);
const [, , folder, only] = process.argv;
const dist = resolve(folder ?? join(import.meta.dirname, '../dist'));
for (const file of await readdir(dist)) {
  if (file.startsWith(`${NAME}-`) && file.endsWith('.zip')) await rm(join(dist, file));
}
for (const browser of BROWSERS.filter((name) => only === undefined || name === only)) {
  const { version, zip: loose } = await pack(join(dist, browser));
  const file = join(dist, `${NAME}-${browser}-${version}.zip`);
  await writeFile(file, loose);
  execFileSync(PACKER, [...AS_TIGHT_AS_CAN_BE, file]);
  const zip = await readFile(file);
  const digest = createHash('sha256').update(zip).digest('hex');
  console.log(`${relative(process.cwd(), file)}  ${(zip.length / 1000).toFixed(1)} kB  sha256 ${digest}`);
}
