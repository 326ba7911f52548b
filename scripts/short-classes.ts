import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { scriptsOf } from './short-names';

/*
 * What stands for names of classes and of custom properties in the built extension: of classes those of more than one word, which stand
 * for nothing else in our code. They would take more than half a kilobyte of the package, which has a limit.
 */

const PROPERTY = /(?<![\w-])--[a-z][a-z0-9-]*/g;
const CLASS = /\.([a-z]+(?:-[a-z]+)+)(?![\w-])/g;
const IMPORTED = /^@import "(\.[^"]+\.css)";$/gm;
const COMMENT = /\/\*[\s\S]*?\*\//g;
/** The whole beginning of a name that code ends, as in `notice-${tone}` or `entry-state-${phase}`. */
const BEGUN = /((?:[a-z]+-)+)\$\{/g;

/** By these, tests find what has no name of its own in the built pages. */
const KEPT = ['for-readers', 'popup-foot', 'step-name'];

/** The short names of the custom properties of the sheets, by the long ones. */
export function shortProperties(styles: readonly string[]): ReadonlyMap<string, string> {
  const found = new Set(styles.flatMap((sheet) => sheet.replaceAll(COMMENT, '').match(PROPERTY) ?? []));
  return new Map([...found].sort().map((name, at) => [name, `--${shortName(at).toLowerCase()}`]));
}

/** The short names by the long ones, those that stand in most places first. */
export function shortClasses(styles: readonly string[], scripts: readonly string[]): ReadonlyMap<string, string> {
  const begun = scripts.flatMap((script) => [...script.matchAll(BEGUN)].map(([, beginning = '']) => beginning));
  const uses = new Map<string, number>();
  for (const sheet of styles) {
    for (const [, name = ''] of sheet.replaceAll(COMMENT, '').matchAll(CLASS)) {
      if (KEPT.includes(name) || begun.some((beginning) => name.startsWith(beginning))) continue;
      uses.set(name, (uses.get(name) ?? 0) + 1);
    }
  }
  const inOrder = [...uses].sort(([name, count], [other, otherCount]) => otherCount - count || (name < other ? -1 : 1));
  return new Map(inOrder.map(([name], at) => [name, shortName(at)]));
}

/** A capital, and a number behind it from the second round on: no name of ours has a capital. */
function shortName(at: number): string {
  const round = Math.floor(at / 26);
  return `${String.fromCharCode(65 + (at % 26))}${round === 0 ? '' : round}`;
}

/** A script or a sheet by the short names. A path may have a part of the same name. */
export function withShortClasses(code: string, names: ReadonlyMap<string, string>): string {
  return code
    .replaceAll(PROPERTY, (name) => names.get(name) ?? name)
    .replaceAll(/(?<![\w/-])[a-z]+(?:-[a-z]+)+(?![\w-])/g, (name) => names.get(name) ?? name);
}

/** Gives scripts and styles the short names. */
export function shortClassNames(): Plugin {
  const root = resolve(import.meta.dirname, '..');
  const sheets = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.css'),
  );
  const styles = sheets.sort().map((path) => readFileSync(join(root, 'src', path), 'utf8'));
  const names = new Map([...shortClasses(styles, [...scriptsOf(root).values()]), ...shortProperties(styles)]);
  return {
    name: 'short-class-names',
    enforce: 'pre',
    transform: {
      filter: { id: /\/src\/.*\.(tsx?|css)(\?|$)/ },
      handler: (code, id) => {
        // What a sheet takes from another one nobody shows to this plugin.
        const whole = code.replaceAll(IMPORTED, (_, path: string) => readFileSync(join(dirname(id), path), 'utf8'));
        return { code: withShortClasses(whole, names), map: null };
      },
    },
  };
}
