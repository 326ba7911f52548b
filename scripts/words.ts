import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { readWords, toMessages, toPlaceholders, toSentenceIds } from './words-files';

/** Makes from the catalogues of extension and service what the browser and the compiler read: `npm run words`. */
const words = await readWords('src/words/en');
await writeFile('public/_locales/en/messages.json', toMessages(words));
await writeFile('src/words/keys.ts', toPlaceholders(words, 'src/words/en') + toSentenceIds(words));
await writeFile('server/words/keys.ts', toPlaceholders(await readWords('server/words/en'), 'server/words/en'));
const MADE = ['src/words', 'public/_locales', 'server/words'];
execFileSync('node_modules/.bin/biome', ['format', '--write', ...MADE], { stdio: 'inherit' });
