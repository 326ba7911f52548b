import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Plugin } from 'vite';

/**
 * The extension's pages have one script, with the parts and the styles of all pages; what belongs to one page alone is at work
 * in that page only. A script for each page would have half a kilobyte of what it takes from the others, and the package has a limit.
 */

const root = resolve(import.meta.dirname, '..');
const PAGES = ['popup', 'options', 'confirm', 'subscriptions', 'tenants'];
const ONE = '/pages.ts';
const IMPORTS = /^(?:import [^;]+;\n)+/;

const STYLES = /^import '(.+\.css)';\n/gm;

/**
 * What the one script does: it has all styles at work, those that the panel shares before the others, and begins the page that it stands
 * in.
 */
function beginPage(): string {
  const files = PAGES.flatMap((page) => {
    const main = `${root}/src/${page}/main.tsx`;
    return [...readFileSync(main, 'utf8').matchAll(STYLES)].map(([, file = '']) => join(dirname(main), file));
  });
  const [base, ...others] = [...new Set(files)].map((file, at) => [`styles${at}`, file] as const);
  if (!base?.[1].endsWith('src/ui/base.css'))
    throw new Error('A page does not begin with the styles that the panel shares');
  return [
    ...[base, ...others].map(([name, file]) => `import ${name} from '${file}?inline';`),
    ...PAGES.map((page) => `import { begin as ${page} } from '${root}/src/${page}/main.tsx';`),
    `document.adoptedStyleSheets = [${base[0]}, ${others.map(([name]) => name).join(' + ')}].map((styles) => {`,
    '  const sheet = new CSSStyleSheet();',
    '  sheet.replaceSync(styles);',
    '  return sheet;',
    '});',
    `({ ${PAGES.join(', ')} })[document.documentElement.dataset.page]();`,
  ].join('\n');
}

/** A page's beginning, which is at work as soon as it is loaded, as a function. */
export function asFunction(main: string): string | null {
  const script = main.replaceAll(STYLES, '');
  const [imports] = IMPORTS.exec(script) ?? [];
  if (imports === undefined) return null;
  const begin = script.slice(imports.length);
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

/** Has all pages share one script. */
export function pagesInOne(): Plugin {
  return {
    name: 'pages-in-one',
    enforce: 'pre',
    resolveId: (source) => (source === ONE ? `${root}${ONE}` : null),
    load: (id) => (id === `${root}${ONE}` ? beginPage() : null),
    transform: {
      filter: { id: new RegExp(`[\\\\/]src[\\\\/](${PAGES.join('|')})[\\\\/](main\\.tsx|[\\w-]+\\.css\\?inline)$`) },
      handler(code, id) {
        const less = id.endsWith('.css?inline') ? onPageAlone(basename(dirname(id)), code) : asFunction(code);
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
