import { basename, dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

/**
 * The extension's pages have one script and one style sheet, each with the parts of all pages; what belongs to one page alone is at work
 * in that page only. A script for each page would have half a kilobyte of what it takes from the others, and the package has a limit.
 */

const root = resolve(import.meta.dirname, '..');
const PAGES = ['popup', 'options', 'confirm', 'subscriptions'];
const ONE = '/pages.ts';
const IMPORTS = /^(?:import [^;]+;\n)+/;

/** What the one script does: it begins the page that it stands in. */
const BEGIN_PAGE = [
  ...PAGES.map((page) => `import { begin as ${page} } from '${root}/src/${page}/main.tsx';`),
  `({ ${PAGES.join(', ')} })[document.documentElement.dataset.page]();`,
].join('\n');

/** A page's beginning, which is at work as soon as it is loaded, as a function. */
export function asFunction(main: string): string | null {
  const [imports] = IMPORTS.exec(main) ?? [];
  if (imports === undefined) return null;
  const begin = main.slice(imports.length);
  return /^(import|export)\b/m.test(begin) ? null : `${imports}export async function begin() {${begin}}`;
}

/**
 * A page's styles as they are at work in that page only, with no other weight against the styles of all pages. Null where they have what
 * does not work inside of a rule.
 */
export function onPageAlone(page: string, styles: string): string | null {
  const nested = styles.replaceAll(/^html(?=:has\()/gm, '&:is(html)');
  if (/@(keyframes|font-face|import|layer|property|charset)\b|:root|^html\b/m.test(nested)) return null;
  return `:where([data-page="${page}"]) {${nested}}`;
}

/** Has all pages share one script and one style sheet. */
export function pagesInOne(): Plugin {
  return {
    name: 'pages-in-one',
    enforce: 'pre',
    resolveId: (source) => (source === ONE ? `${root}${ONE}` : null),
    load: (id) => (id === `${root}${ONE}` ? BEGIN_PAGE : null),
    transform: {
      filter: { id: new RegExp(`[\\\\/]src[\\\\/](${PAGES.join('|')})[\\\\/](main\\.tsx|[\\w-]+\\.css)$`) },
      handler(code, id) {
        const less = id.endsWith('.css') ? onPageAlone(basename(dirname(id)), code) : asFunction(code);
        if (less === null) return this.error(`${id} can not be joined with those of other pages`);
        return { code: less, map: null };
      },
    },
    transformIndexHtml: {
      order: 'pre',
      handler: (html, { filename }) =>
        html
          .replace('<html ', `<html data-page="${basename(dirname(filename))}" `)
          .replace('src="./main.tsx"', `src="${ONE}"`),
    },
  };
}
