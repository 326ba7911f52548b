import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One sentence of the catalogue. `id` is its name in `_locales`; of a plural there is one for each category. */
export interface Word {
  /** Its path in the source, such as `panel.since`. */
  readonly key: string;
  readonly plural: boolean;
  readonly placeholders: readonly string[];
  /** By the name in `_locales`. */
  readonly sentences: Readonly<Record<string, string>>;
}

const PLURAL_CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other'];
const PLACEHOLDER = /\{([a-z][A-Za-z]*)\}/g;

/** The extension's languages, by the folders of `src/words`, which have the names that `_locales` has for them. */
export async function languages(): Promise<readonly string[]> {
  const found = await readdir('src/words', { withFileTypes: true });
  return found
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Reads a folder with one file for each subject. Throws on what is neither a sentence nor a plural, and on a wrong `{count}`. */
export async function readWords(folder: string): Promise<readonly Word[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const subjects = files.map(async (file) => {
    const subject: unknown = JSON.parse(await readFile(join(folder, file), 'utf8'));
    return [...wordsIn(file.replace(/\.json$/, ''), subject)];
  });
  return (await Promise.all(subjects)).flat();
}

function* wordsIn(key: string, node: unknown): Generator<Word> {
  if (typeof node === 'string') {
    yield wordOf(key, { [idOf(key)]: node }, false);
    return;
  }
  if (typeof node !== 'object' || node === null) throw new TypeError(`${key} is no sentence`);
  const entries = Object.entries(node);
  if (isPlural(node)) {
    yield wordOf(key, Object.fromEntries(entries.map(([category, text]) => [idOf(`${key}.${category}`), text])), true);
    return;
  }
  for (const [name, inner] of entries) yield* wordsIn(`${key}.${name}`, inner);
}

function isPlural(node: object): node is Record<string, string> {
  return (
    'other' in node &&
    Object.entries(node).every(([name, text]) => PLURAL_CATEGORIES.includes(name) && typeof text === 'string')
  );
}

function wordOf(key: string, sentences: Record<string, string>, plural: boolean): Word {
  const placeholders = new Set(Object.values(sentences).flatMap(placeholdersIn));
  if (placeholders.has('count') !== plural) throw new TypeError(`${key}: {count} stands in plurals, and only there`);
  return { key, plural, placeholders: [...placeholders].sort(), sentences };
}

function placeholdersIn(sentence: string): string[] {
  return [...sentence.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

function idOf(key: string): string {
  return key.replaceAll('.', '_');
}

/**
 * The catalogue as the browser reads it. Places stand in braces, which mean nothing to the browser, so that a sentence arrives whole
 * and whoever shows it fills them; its own placeholders would take a tenth of the catalogue.
 */
export function toMessages(words: readonly Word[]): string {
  const messages = words.flatMap(({ sentences }) =>
    Object.entries(sentences).map(([id, sentence]) => [id, { message: sentence.replaceAll('$', '$$$$') }]),
  );
  return `${JSON.stringify(Object.fromEntries(messages), null, 2)}\n`;
}

/** The catalogue as the compiler reads it: each key with its placeholders. `source`: the folder that it was made from. */
export function toPlaceholders(words: readonly Word[], source: string): string {
  const placeholders = words.map(
    ({ key, placeholders: names }) => `  '${key}': ${names.map((name) => `'${name}'`).join(' | ') || 'never'};`,
  );
  return [
    `/* Made by \`npm run words\` from \`${source}\`. */`,
    '',
    '/** The placeholders of each sentence, by its key. */',
    'export interface Placeholders {',
    ...placeholders,
    '}',
    '',
  ].join('\n');
}

/** The subjects of which a panel speaks. */
const PANEL_SUBJECTS = [
  'pages',
  'panel',
  'link',
  'standing',
  'failure',
  'storage',
  'rights',
  'disclosure',
  'partnerId',
  'help',
];

/** Whether the worker tells the panel that sentence. */
export function isForPanel({ key }: Pick<Word, 'key'>): boolean {
  return PANEL_SUBJECTS.some((subject) => key.startsWith(`${subject}.`));
}

/** The names in `_locales` of what the worker tells the panel: a plural has more forms in one language than in another. */
export function toPanelIds(words: readonly Word[]): string {
  const ids = new Set(words.filter(isForPanel).flatMap(({ sentences }) => Object.keys(sentences)));
  return [
    '/* Made by `npm run words`. */',
    '',
    '/** The names in `_locales` of what the worker tells the panel. */',
    'export const panelIds = (): readonly string[] => [',
    ...[...ids].map((id) => `  '${id}',`),
    '];',
    '',
  ].join('\n');
}
