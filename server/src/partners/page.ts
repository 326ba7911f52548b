import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Key, Words } from '../../words/words';

/** The files of the page at `/partner`, by name. */
export type PartnerPage = ReadonlyMap<string, PageFile>;

export interface PageFile {
  readonly type: string;
  readonly content: Buffer | string;
}

const FILES = {
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/** Reads the page from the folder that the build put beside the service, and puts its words into its HTML. */
export async function readPartnerPage(folder: string, words: Words): Promise<PartnerPage> {
  const html = await readFile(path.join(folder, 'index.html'), 'utf8');
  const entries = Object.entries(FILES).map(
    async ([name, type]) => [name, { type, content: await readFile(path.join(folder, name)) }] as const,
  );
  return new Map<string, PageFile>([
    ['index.html', { type: 'text/html; charset=utf-8', content: withWords(html, words) }],
    ...(await Promise.all(entries)),
  ]);
}

/** The sentences that stand in the HTML itself, by their key in braces: they are shown before the script runs, or without it. */
const IN_HTML = [
  'partnerPage.tab',
  'partnerPage.needsJavaScript',
  'partnerPage.otherAddress',
] as const satisfies readonly Key[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;' };

function withWords(html: string, { language, t }: Words): string {
  return IN_HTML.reduce(
    (filled, key) => {
      const escaped = t(key).replace(/[&<]/g, (character) => ESCAPES[character] ?? '');
      // As a text it would have its `$&` filled in.
      return filled.replaceAll(`{${key}}`, () => escaped);
    },
    html.replace('<html lang="en">', `<html lang="${language}">`),
  );
}
