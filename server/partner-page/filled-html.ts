import type { Key, Words } from '../words/words';

/** The sentences that stand in the page's HTML itself, since they are shown before or without its script. */
const IN_HTML = [
  'catalogue.language',
  'partnerPage.tab',
  'partnerPage.needsJavaScript',
] as const satisfies readonly Key[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;' };

/** Puts the sentences into the page's HTML, in place of their keys in braces. */
export function filledHtml(html: string, { language, t }: Words): string {
  return IN_HTML.reduce(
    (filled, key) =>
      filled.replaceAll(
        `{${key}}`,
        t(key).replace(/[&<"]/g, (character) => ESCAPES[character] ?? ''),
      ),
    html.replace('<html lang="en">', `<html lang="${language}">`),
  );
}
