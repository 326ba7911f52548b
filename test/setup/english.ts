import { readWords } from '../../scripts/words-files';
import type { Catalogue } from '../../src/words/words';

const words = await readWords('src/words/en');
const sentences = new Map(words.flatMap((word) => Object.entries(word.sentences)));

/** What a page reads from the browser, read from the source. */
export const english: Catalogue = { sentence: (id) => sentences.get(id) ?? '', uiLanguage: 'en-GB' };
