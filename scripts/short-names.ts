import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { protocol } from '../src/messaging/protocol';
import { isForPanel, readWords, type Word } from './words-files';

/**
 * What stands for keys in the built extension. A sentence's key would stand in the catalogue and in code, and all of them would take a
 * twentieth of the package, which has a limit.
 */
export interface ShortNames {
  readonly keys: ReadonlyMap<string, string>;
  /** Of the beginnings of keys that code ends by a code of ours, as in `failure.${reason}`. */
  readonly beginnings: ReadonlyMap<string, string>;
}

const LITERAL = /(['"])(\w+\.[\w.]+)\1/g;
/** A type's `${string}` stands for no sentence, and what is called is a message. */
const BEGUN = /(?<!\bcall\()`(\w+\.[\w.]*)(\$\{(?!string\})[^`]*)`/g;

/** What names a sentence otherwise than by its key: the manifest, and the panel for a worker that never answers. */
const KEPT = /^(extension\.|panel\.(gone|noStart)$)/;

/** The names in `_locales` of what the worker tells the panel. */
const IDS_FILE = 'src/words/sentence-ids.ts';
const CATALOGUE_FILE = 'src/platform/catalogue.ts';

/** The texts of all scripts under `src`, by their paths from the project's folder. */
export function scriptsOf(root: string): ReadonlyMap<string, string> {
  const found = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/**
 * Names each sentence by a number, in two digits of base 36: first those that the panel is told, and like ones beside each other, which
 * takes less. What several keys say word for word has one number. Where code ends a key, its beginning has a number, and the end stays.
 * The same catalogue and code give the same names.
 */
export function shortNames(words: readonly Word[], scripts: Iterable<string>): ShortNames {
  const begun = begunKeys(words, scripts);
  const beginnings = new Map([...begun.keys()].sort().map((beginning, at) => [beginning, `${at.toString(36)}_`]));
  const keys = new Map<string, string>();
  const numbers = new Map<string, string>();
  for (const word of inOrder(words)) {
    const { key } = word;
    // A message of the same name is no sentence.
    if (KEPT.test(key) || key in protocol) continue;
    const [beginning, other] = [...begun].filter(([, patterns]) => patterns.some((pattern) => pattern.test(key)));
    if (other !== undefined) throw new Error(`${key} is begun in two ways: ${beginning?.[0]} and ${other[0]}`);
    if (beginning === undefined) {
      const number = numbers.get(textOf(word)) ?? numberName(numbers.size);
      numbers.set(textOf(word), number);
      keys.set(key, number);
    } else keys.set(key, `${beginnings.get(beginning[0])}${key.slice(beginning[0].length)}`);
  }
  return { keys, beginnings };
}

function numberName(number: number): string {
  return number.toString(36).padStart(2, '0');
}

function textOf({ plural, sentences }: Word): string {
  return JSON.stringify([plural, ...Object.values(sentences)]);
}

function inOrder(words: readonly Word[]): readonly Word[] {
  const ordered = words.map((word) => [isForPanel(word), Object.values(word.sentences).join(), word] as const);
  return ordered
    .sort(([forPanel, text], [other, otherText]) => Number(other) - Number(forPanel) || (text < otherText ? -1 : 1))
    .map(([, , word]) => word);
}

/** The beginnings of keys, each with what the keys look like that are begun so. */
function begunKeys(words: readonly Word[], scripts: Iterable<string>): ReadonlyMap<string, readonly RegExp[]> {
  const begun = new Map<string, RegExp[]>();
  for (const script of scripts) {
    for (const [, beginning = '', end = ''] of script.matchAll(BEGUN)) {
      const pattern = new RegExp(`^${`${beginning}${end.replaceAll(/\$\{[^}]*\}/g, '\\w+')}`.replaceAll('.', '\\.')}$`);
      if (words.some(({ key }) => pattern.test(key))) begun.set(beginning, [...(begun.get(beginning) ?? []), pattern]);
    }
  }
  return begun;
}

/** A script that names sentences by their short names. */
export function withShortNames(script: string, { keys, beginnings }: ShortNames): string {
  return script
    .replaceAll(LITERAL, (whole, quote: string, key: string) => {
      const name = keys.get(key);
      return name === undefined ? whole : `${quote}${name}${quote}`;
    })
    .replaceAll(BEGUN, (whole, beginning: string, end: string) => {
      const name = beginnings.get(beginning);
      return name === undefined ? whole : `\`${name}${end}\``;
    });
}

/** Gives the short form of a sentence's name in `_locales`. */
export function shortIdsOf({ keys }: ShortNames): (id: string) => string {
  const short = new Map([...keys].map(([key, name]) => [key.replaceAll('.', '_'), name.replaceAll('.', '_')]));
  return (id) => {
    const [, form = ''] = /(_(?:zero|one|two|few|many|other))$/.exec(id) ?? [];
    const whole = short.get(id);
    return whole ?? `${short.get(id.slice(0, id.length - form.length)) ?? id.slice(0, id.length - form.length)}${form}`;
  };
}

/**
 * A language's catalogue as `platform/packed-catalogue.ts` reads it: `panel` has what the panel is told, `pages` the rest. Each has a line
 * of names, and behind it a line for each sentence, or for the forms of a plural as far as they differ: first of those names, then of
 * the numbers. What the manifest and `extension.language` say stays by itself.
 */
export function packedMessages(words: readonly Word[], names: ShortNames): string {
  const [apart, packed] = [words.filter(isOfManifest), words.filter((word) => !isOfManifest(word))];
  const named = new Map<string, Word>();
  for (const word of inOrder(packed)) {
    const name = (names.keys.get(word.key) ?? word.key).replaceAll('.', '_');
    const first = named.get(name) ?? word;
    if (textOf(first) !== textOf(word)) throw new Error('Two sentences have one short name');
    named.set(name, first);
  }
  const numbers = [...named.keys()].filter(isNumber).sort();
  if (numbers.some((name, at) => name !== numberName(at))) throw new Error('A sentence is missing');
  const plurals = packed.filter(({ plural }) => plural).flatMap(({ sentences }) => Object.keys(sentences));
  const forms = [...new Set(plurals.map((id) => id.replace(/^.*_/, '')))];
  const line = ({ key, plural, sentences }: Word) => {
    const inForms = forms.map((form) => sentences[`${key.replaceAll('.', '_')}_${form}`]);
    // What the last forms have alike stands once.
    const differing = inForms.slice(0, inForms.findLastIndex((text) => text !== inForms.at(-1)) + 2);
    const texts = plural ? ['', ...differing] : Object.values(sentences);
    const text = texts.join('\t');
    if (text.includes('\n')) throw new Error('A sentence has more than one line');
    return text;
  };
  const part = (forPanel: boolean) => {
    const own = [...named].filter(([, word]) => isForPanel(word) === forPanel);
    const groups = new Map<string, [string, Word][]>();
    for (const [name, word] of own.filter(([name]) => !isNumber(name))) {
      const [beginning = ''] = /^[0-9a-z]+_/.exec(name) ?? [];
      groups.set(beginning, [...(groups.get(beginning) ?? []), [name.slice(beginning.length), word]]);
    }
    const heads = [...groups].map(([beginning, group]) => [beginning, ...group.map(([end]) => end)].join(' '));
    const inOrder = [...[...groups.values()].flat(), ...own.filter(([name]) => isNumber(name)).sort()];
    return [heads.join(), ...inOrder.map(([, word]) => line(word))].join('\n');
  };
  const messages = {
    ...Object.fromEntries(apart.flatMap(({ sentences }) => Object.entries(sentences))),
    forms: forms.join(' '),
    panel: part(true),
    pages: part(false),
  };
  const entries = Object.entries(messages).map(([id, text]) => [id, { message: text.replaceAll('$', '$$$$') }]);
  return JSON.stringify(Object.fromEntries(entries));
}

function isOfManifest({ key }: Word): boolean {
  return key.startsWith('extension.');
}

function isNumber(name: string): boolean {
  return /^[0-9a-z]{2}$/.test(name);
}

/** The names of the project's sentences in the built extension. */
export async function projectNames(root: string): Promise<ShortNames> {
  return shortNames(await readWords(join(root, 'src/words/en')), scriptsOf(root).values());
}

/** Gives code the short names of sentences, and has it read the catalogue that `packedMessages` makes. */
export function shortSentenceNames(): Plugin {
  const root = resolve(import.meta.dirname, '..');
  const known = projectNames(root);
  return {
    name: 'short-sentence-names',
    enforce: 'pre',
    transform: {
      filter: { id: /\/src\/.*\.tsx?(\?|$)/ },
      async handler(code, id) {
        if (id.includes(CATALOGUE_FILE)) return { code: `export * from './packed-catalogue';`, map: null };
        if (id.includes(IDS_FILE))
          return { code: `export { panelIds } from '../platform/packed-catalogue';`, map: null };
        return { code: withShortNames(code, await known), map: null };
      },
    },
  };
}
