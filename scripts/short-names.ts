import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { protocol } from '../src/messaging/protocol';
import { readWords, type Word } from './words-files';

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

/** The list of names in `_locales`, by which the worker gives the panel its words. */
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
 * Names each sentence by a number, in two digits of base 36. Where code ends a key, its beginning has a number, and the end stays. The
 * same catalogue and code give the same names.
 */
export function shortNames(words: readonly Word[], scripts: Iterable<string>): ShortNames {
  const begun = begunKeys(words, scripts);
  const beginnings = new Map([...begun.keys()].sort().map((beginning, at) => [beginning, `${at.toString(36)}_`]));
  const keys = new Map<string, string>();
  let given = 0;
  let plurals = 0;
  for (const { key, plural } of words) {
    // A message of the same name is no sentence.
    if (KEPT.test(key) || key in protocol) continue;
    const [beginning, other] = [...begun].filter(([, patterns]) => patterns.some((pattern) => pattern.test(key)));
    if (other !== undefined) throw new Error(`${key} is begun in two ways: ${beginning?.[0]} and ${other[0]}`);
    if (beginning === undefined && plural) keys.set(key, `p${(plurals++).toString(36)}`);
    else if (beginning === undefined) keys.set(key, (given++).toString(36).padStart(2, '0'));
    else keys.set(key, `${beginnings.get(beginning[0])}${key.slice(beginning[0].length)}`);
  }
  return { keys, beginnings };
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
 * A language's catalogue as `platform/packed-catalogue.ts` reads it. `texts` has a line for each sentence: first those that are named by
 * a number, in its order, then the others, in the order of `names`. What the manifest and `extension.language` say stays by itself.
 */
export function packedMessages(words: readonly Word[], names: ShortNames): string {
  const shortId = shortIdsOf(names);
  const all = words.flatMap(({ sentences }) => Object.entries(sentences));
  const packed = all.filter(([id]) => !id.startsWith('extension_')).map(([id, text]) => [shortId(id), text] as const);
  if (new Set(packed.map(([id]) => id)).size < packed.length) throw new Error('Two sentences have one short name');
  const numbered = packed.filter(([id]) => isNumber(id)).sort(([one], [other]) => (one < other ? -1 : 1));
  if (numbered.some(([id], at) => Number.parseInt(id, 36) !== at)) throw new Error('A sentence is missing');
  const named = packed.filter(([id]) => !isNumber(id));
  const texts = [...numbered, ...named].map(([, text]) => text);
  if (texts.some((text) => text.includes('\n'))) throw new Error('A sentence has more than one line');
  const messages = {
    ...Object.fromEntries(all.filter(([id]) => id.startsWith('extension_'))),
    names: named.map(([id]) => id).join(' '),
    texts: texts.join('\n'),
  };
  const entries = Object.entries(messages).map(([id, text]) => [id, { message: text.replaceAll('$', '$$$$') }]);
  return JSON.stringify(Object.fromEntries(entries));
}

function isNumber(id: string): boolean {
  return /^[0-9a-z]{2}$/.test(id);
}

/** The names of the project's sentences in the built extension. */
export async function projectNames(root: string): Promise<ShortNames> {
  return shortNames(await readWords(join(root, 'src/words/en')), scriptsOf(root).values());
}

/** The lists of sentences, each as one text. */
function withShortLists(script: string, names: ShortNames): string {
  const shortId = shortIdsOf(names);
  return script.replaceAll(/\[([^\]]+)\];/g, (_, list: string) => {
    const ids = [...list.matchAll(/'(\w+)'/g)].map(([, id = '']) => shortId(id));
    return `/* @__PURE__ */ '${ids.join(' ')}'.split(' ');`;
  });
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
        const names = await known;
        if (!id.includes(IDS_FILE)) return { code: withShortNames(code, names), map: null };
        return { code: withShortLists(code, names), map: null };
      },
    },
  };
}
