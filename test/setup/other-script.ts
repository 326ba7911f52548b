import type { Catalogue } from '../../src/words/words';

/** Another script in place of Latin, letter by letter, so that every Latin letter left was written somewhere else. */

const LATIN = 'abcdefghijklmnopqrstuvwxyz';
const GREEK = 'αβκδεφγηιζκλμνοπθρστυωχξψζ';

/** The text in Greek letters; what stands in braces is a place and stays. */
export function inOtherScript(text: string): string {
  return text.replace(/\{\w+\}|[a-z]/gi, (part) => {
    if (part.length > 1) return part;
    const letter = GREEK[LATIN.indexOf(part.toLowerCase())] ?? part;
    return part === part.toLowerCase() ? letter : letter.toUpperCase();
  });
}

/** The same sentences in Greek letters, and in a language that is written in them. */
export function catalogueInOtherScript({ sentence, uiLanguage }: Catalogue): Catalogue {
  return { sentence: (id) => (id === 'extension_language' ? 'el' : inOtherScript(sentence(id))), uiLanguage };
}

/** Those of the texts with a Latin letter in them: it stands outside of the catalogue, or in no data in the other script. */
export function withLatinLetters(texts: readonly string[]): string[] {
  return texts.filter((text) => /\p{Script=Latin}/u.test(text));
}

/** What a service or a person wrote, by the names of the fields that hold it. */
const WRITTEN = new Set([
  'name',
  'displayName',
  'assignedBy',
  'location',
  'organization',
  'targetName',
  'subscriptionName',
  'words',
  'said',
  'source',
  'support',
  'askedBy',
  'me',
  'requestId',
  'by',
  'typed',
  'account',
  'username',
  'otherAccount',
]);

/** Data with all that people wrote in the other script; identifiers and codes stay. */
export function dataInOtherScript<T>(data: T): T {
  return walked(data, '') as T;
}

function walked(data: unknown, field: string): unknown {
  if (typeof data === 'string') {
    // A caller's reason is a sentence, a failure's one a code; a subscription's state is the service's word, a change's one a code.
    const isTenantName = field === 'tenant' && !/^[\da-f]{8}-[\da-f-]{27}$/.test(data);
    const isWord = (field === 'reason' && data.includes(' ')) || (field === 'state' && /^[A-Z]/.test(data));
    return WRITTEN.has(field) || isWord || isTenantName ? inOtherScript(data) : data;
  }
  if (Array.isArray(data)) return data.map((one) => walked(one, field));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, walked(value, name)]));
}
