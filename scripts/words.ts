import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { readWords, toKeys, toMessages } from './words-files';

/** Makes from the catalogue in `src/words/en` what the browser and the compiler read: `npm run words`. */
const words = await readWords('src/words/en');
await writeFile('public/_locales/en/messages.json', toMessages(words));
await writeFile('src/words/keys.ts', toKeys(words));
execFileSync('node_modules/.bin/biome', ['format', '--write', 'src/words', 'public/_locales'], { stdio: 'inherit' });
