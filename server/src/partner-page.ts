import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The files of the page at `/partner`, by name, as the build left them. */
export type PartnerPage = ReadonlyMap<string, PageFile>;

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

const FILES = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/** Reads the page from the folder that the build put beside the service. */
export async function readPartnerPage(folder: string): Promise<PartnerPage> {
  const entries = Object.entries(FILES).map(
    async ([name, type]) => [name, { type, content: await readFile(path.join(folder, name)) }] as const,
  );
  return new Map(await Promise.all(entries));
}
