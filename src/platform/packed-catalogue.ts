import { browser } from './browser';

/**
 * Stands in for `catalogue.ts` in what is built, whose `_locales` has all sentences in two texts (`scripts/short-names.ts`): each by
 * itself would take a fifth more.
 */

/** By their names. Read once a sentence is asked for: later the browser can say nothing any more. */
let read: { readonly sentences: ReadonlyMap<string, string>; readonly panelIds: readonly string[] } | null = null;

function all(): NonNullable<typeof read> {
  if (read !== null) return read;
  const forms = browser.i18n.getMessage('forms').split(' ');
  const sentences = new Map<string, string>();
  let number = 0;
  const add = (part: string) => {
    const [names = '', ...texts] = browser.i18n.getMessage(part).split('\n');
    const ids = names.split(',').flatMap((group) => {
      const [beginning, ...ends] = group.split(' ');
      return ends.map((end) => `${beginning}${end}`);
    });
    for (const [at, text] of texts.entries()) {
      const id = ids[at] ?? (number++).toString(36).padStart(2, '0');
      const [whole = '', ...plural] = text.split('\t');
      if (plural.length === 0) sentences.set(id, whole);
      else
        for (const [form, name] of forms.entries()) sentences.set(`${id}_${name}`, plural[form] ?? plural.at(-1) ?? '');
    }
  };
  add('panel');
  const panelIds = [...sentences.keys()];
  add('pages');
  read = { sentences, panelIds };
  return read;
}

/** Stands in for the list of `words/sentence-ids.ts`. */
export const panelIds = (): readonly string[] => all().panelIds;

/** The words of the browser's `_locales`. */
export const browserCatalogue = {
  // What the manifest says stands by itself.
  sentence: (id: string): string =>
    id.startsWith('extension_') ? browser.i18n.getMessage(id) : (all().sentences.get(id) ?? ''),
  get uiLanguage(): string {
    return browser.i18n.getUILanguage();
  },
};
