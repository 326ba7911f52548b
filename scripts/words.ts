import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { languages, readWords, toMessages, toPlaceholders, toPanelIds, type Word } from './words-files';

/** Makes from the catalogues of extension and service what the browser and the compiler read: `npm run words`. */
const all: Word[] = [];
for (const language of await languages()) {
  const words = await readWords(`src/words/${language}`);
  await mkdir(`public/_locales/${language}`, { recursive: true });
  await writeFile(`public/_locales/${language}/messages.json`, toMessages(words));
  all.push(...words);
}
await writeFile('src/words/keys.ts', toPlaceholders(await readWords('src/words/en'), 'src/words/en'));
await writeFile('src/words/sentence-ids.ts', toPanelIds(all));
await writeFile('server/words/keys.ts', toPlaceholders(await readWords('server/words/en'), 'server/words/en'));
const MADE = ['src/words', 'public/_locales', 'server/words'];
execFileSync('node_modules/.bin/biome', ['format', '--write', ...MADE], { stdio: 'inherit' });
