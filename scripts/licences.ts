import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

/** The file, in each folder that we ship, which names every package whose code is in that folder, with its licence. */
export const LICENCES_FILE = 'LICENCES.txt';

/** Where, in the folder being built, each pass of Vite leaves what it bundled: its `build.license`, in JSON. */
const PASSES = '.licences';

/** The texts of packages that bring no file of it, taken from what they say in their readme, as `NAME.txt`. */
const TEXTS = join(import.meta.dirname, 'licences');

const Bundled = v.object({
  name: v.string(),
  version: v.string(),
  identifier: v.string(),
  text: v.optional(v.string()),
});
type Bundled = v.InferOutput<typeof Bundled>;

const Project = v.object({ name: v.string(), version: v.string(), license: v.string() });

/** Rolldown puts a few functions of its own into what it bundles, and Vite does not count them. */
async function bundler(): Promise<Bundled> {
  const folder = join(import.meta.dirname, '../node_modules/rolldown');
  const { name, version, license } = v.parse(Project, JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  return { name, version, identifier: license, text: (await readFile(join(folder, 'LICENSE'), 'utf8')).trim() };
}

/** What stands for a licence's text where its own terms (MPL 2.0, 3.2 and Exhibit A) ask for no more: where the text and the source are. */
const NOTICES: Readonly<Partial<Record<string, string>>> = {
  'MPL-2.0':
    'This code is subject to the terms of the Mozilla Public License, v. 2.0, which you can read at\nhttps://mozilla.org/MPL/2.0/. Its source code can be had at the address told at the top.',
};

const RULE = '='.repeat(80);

/** Where the terms of the MIT licence begin, behind the title and whose copyright it is. */
const MIT_TERMS = /^Permission is hereby granted, free of charge,[\s\S]*/m;

/** A text whatever its lines and marks are, in which many copies of one licence differ. */
export function asOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[“”]/g, '"').trim();
}

/** The entries of packages: terms that several have stand once, in the first entry that has them. */
async function entries(packages: readonly Bundled[]): Promise<readonly string[]> {
  const told = new Map<string, string>();
  const texts = await Promise.all(
    packages.map(
      async ({ name, identifier, text }) =>
        NOTICES[identifier] ?? text ?? (await readFile(join(TEXTS, `${name}.txt`), 'utf8')).trim(),
    ),
  );
  return packages.map(({ name, version, identifier }, at) => {
    const licence = (texts[at] ?? '').replace(MIT_TERMS, (terms) => {
      const first = told.get(asOneLine(terms));
      if (first !== undefined) return `The terms are, word for word, those of ${first} above.`;
      told.set(asOneLine(terms), name);
      return terms;
    });
    return `${RULE}\n${name} ${version}\nLicence: ${identifier}\n${RULE}\n\n${licence}\n`;
  });
}

/**
 * Turns what the passes over a built folder left there into its `LICENCES.txt`, ended by the notices given.
 * Throws when a bundled package names no licence, or has no text of it: what it asks is then to be found out by hand.
 */
export async function writeLicences(folder: string, notices = ''): Promise<void> {
  const own = await bundler();
  const found = new Map([[`${own.name} ${own.version}`, own]]);
  const passes = join(folder, PASSES);
  for (const file of await readdir(passes)) {
    for (const bundled of v.parse(v.array(Bundled), JSON.parse(await readFile(join(passes, file), 'utf8')))) {
      found.set(`${bundled.name} ${bundled.version}`, bundled);
    }
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bundled]) => bundled);
  const intro =
    'Partner of Record Helper contains code of these packages, each under its own licence. Each one’s source is at\nhttps://www.npmjs.com/package/NAME/v/VERSION\n';
  const parts = [intro, ...(await entries(sorted)), notices];
  await writeFile(join(folder, LICENCES_FILE), parts.filter(Boolean).join('\n'));
  await rm(passes, { recursive: true });
}
