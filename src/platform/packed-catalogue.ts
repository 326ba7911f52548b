import { browser } from './browser';

/**
 * Stands in for `catalogue.ts` in what is built, whose `_locales` has all sentences in two texts (`scripts/short-names.ts`): each by
 * itself would take a fifth more.
 */

/** Read once it is asked for: then the browser can say nothing else any more. */
let read: { readonly texts: readonly string[]; readonly places: ReadonlyMap<string, number> } | null = null;

function all(): NonNullable<typeof read> {
  if (read !== null) return read;
  const texts = browser.i18n.getMessage('texts').split('\n');
  const names = browser.i18n.getMessage('names').split(' ');
  const first = texts.length - names.length;
  read = { texts, places: new Map(names.map((name, at) => [name, first + at])) };
  return read;
}

/** The words of the browser's `_locales`. */
export const browserCatalogue = {
  sentence(id: string): string {
    if (id.startsWith('extension_')) return browser.i18n.getMessage(id);
    const { texts, places } = all();
    // A form of a plural that this language does not have is no number.
    const place = places.get(id) ?? (id.length === 2 ? Number.parseInt(id, 36) : -1);
    return texts[place] ?? '';
  },
  get uiLanguage(): string {
    return browser.i18n.getUILanguage();
  },
};
