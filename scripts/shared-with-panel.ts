import { resolve } from 'node:path';
import type { Plugin } from 'vite';

/**
 * The panel, which is a classic script in a web page, and the extension's own modules have one copy of what both use. It lies in two
 * files, `styles` and `common`, which are classic scripts and modules alike: they import and export nothing, and leave what they have
 * under a symbol. Whoever uses it takes it from there: the panel is injected after them, and a module imports them before.
 */

const root = resolve(import.meta.dirname, '..');

/** The panel's script, one of the manifest's own pass: there it shares files with the pages. */
export const PANEL_ENTRY = 'src/content/panel.iife.tsx';

/** What the panel uses nearly whole, by folder. Of others it has a copy of its own with what it uses of them, so that it stays small. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  'node_modules/preact': ['dist/preact.mjs', 'hooks/dist/hooks.mjs'],
  'src/words': [
    'amount-of-time.ts',
    'ask-problem.ts',
    'clock.ts',
    'entra.ts',
    'failure.ts',
    'request.ts',
    'rights.ts',
    'standing.ts',
    'window.ts',
    'words.ts',
  ],
  'src/domain': [
    'confirm-window.ts',
    'disclosure.ts',
    'dock.ts',
    'fold.ts',
    'partner-form.ts',
    'partner.ts',
    'pasted-characters.ts',
    'pasted-partner-id.ts',
    'phase.ts',
    'remedies.ts',
    'rights.ts',
    'storage-problem.ts',
    'visible-text.ts',
    'window-answer.ts',
  ],
  'src/messaging': ['call.ts', 'newer-view.ts', 'watch-worker.ts'],
  'src/ui': [
    'ask-in-place.tsx',
    'button.tsx',
    'checked-partner.tsx',
    'confirm-removal.tsx',
    'copy-request.tsx',
    'failure-text.tsx',
    'format.ts',
    'help.tsx',
    'link-questions.tsx',
    'notice.tsx',
    'on-page.ts',
    'other-account.tsx',
    'partner-id-field.tsx',
    'partner-name.tsx',
    'press-again.tsx',
    'sentence.tsx',
    'standing-text.tsx',
    'text-field.tsx',
    'trusted.ts',
    'use-copying.ts',
    'use-kept-focus.ts',
    'use-unique-id.ts',
    'used-partners.tsx',
    'whom-to-ask.tsx',
    'window-notice.tsx',
  ],
};

/** The panel's own styles lie with those of pages: as text they cost a page nothing, and a file for them would cost the package. */
const SHARED_STYLES = ['src/ui/base.css', 'src/content/panel.css'];

const shared = new Set(
  Object.entries(SHARED).flatMap(([folder, files]) => files.map((file) => `${root}/${folder}/${file}`)),
);
const OF_PANEL = '?panel';

function isPanels(id: string): boolean {
  return id.startsWith(`${root}/src/content/`) || shared.has(id) || id.endsWith(OF_PANEL);
}

/** Which of the two files a module lies in; null: in none. */
export function sharedFileOf(id: string): 'common' | 'styles' | null {
  if (SHARED_STYLES.some((file) => id === `${root}/${file}?inline`)) return 'styles';
  return isPanels(id) && !id.startsWith(`${root}/src/content/`) ? 'common' : null;
}

const IMPORT = /^import \{([^}]*)\} from "([./]*([\w-]+)\.js)";$/gm;
const EXPORT = /^export \{([^}]*)\};$/m;
const left = (file: string) => `globalThis[Symbol.for("partnerOfRecord.${file}")]`;

const isShared = (file: string) => ['common', 'styles'].includes(file);

/** What `a as b, c` of an import or export says, by the name that the export has. */
function byExported(names: string, isExport: boolean): ReadonlyMap<string, string> {
  const pairs = names.split(',').map((one) => {
    const [first = '', last = first] = one.trim().split(' as ');
    return isExport ? ([last, first] as const) : ([first, last] as const);
  });
  return new Map(pairs);
}

/** Those names, in the order of all that the file exports: in a row without keys they take the least. */
function inRow(names: string, exported: readonly string[], isExport: boolean): string {
  const named = byExported(names, isExport);
  return `[${exported.map((name) => named.get(name) ?? '').join(',')}]`.replace(/,+\]$/, ']');
}

/**
 * Has what the panel shares lie in its files, and what one file takes from another stand in a row, which takes less than the names of
 * imports and exports.
 */
export function sharedWithPanel(): Plugin {
  return {
    name: 'shared-with-panel',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (importer === undefined || !isPanels(importer)) return null;
      // It is too heavy for a page of somebody else's.
      if (source === 'webextension-polyfill') return `${root}/src/platform/native-browser.ts${OF_PANEL}`;
      const found = await this.resolve(source, importer.replace(OF_PANEL, ''), { ...options, skipSelf: true });
      if (found === null || isPanels(found.id) || !/[\\/]src[\\/].*\.tsx?$/.test(found.id)) return found;
      return `${found.id}${OF_PANEL}`;
    },
    transform: {
      filter: { id: /\/src\/.*\.tsx?(\?|$)/ },
      handler(code, id) {
        if (sharedFileOf(id) === null) return;
        // Whoever takes it from where it was left would keep the first value.
        if (/^export (let|var) /m.test(code)) this.error(`${id} exports a variable, which the panel can not share`);
        // There would be two of each, and what one of them made would be none of the other's.
        if (id.endsWith(OF_PANEL) && /^(export )?(abstract )?(class|let) |createContext\(/m.test(code)) {
          this.error(`${id} can not be there twice, once for the panel alone: share it`);
        }
      },
    },
    // Before the minifier. Lines stay where they are, so that source maps fit.
    renderChunk(code, { name, fileName }, _options, { chunks }) {
      const exportedBy = (file: string) =>
        Object.values(chunks)
          .find((chunk) => chunk.name === file)
          ?.exports.toSorted() ?? [];
      const isClassic = fileName.endsWith('panel.js') || isShared(name);
      let taking = 0;
      const taken = code.replaceAll(IMPORT, (_, names: string, path: string, file: string) => {
        const row = inRow(names, exportedBy(file), false);
        if (!isShared(file)) return `import row${taking} from "${path}"; const ${row} = row${taking++};`;
        return `${isClassic ? '' : `import "${path}";`}const ${row} = ${left(file)};`;
      });
      const given = taken.replace(EXPORT, (_, names: string) => {
        const row = inRow(names, exportedBy(name), true);
        return isShared(name) ? `${left(name)} = ${row};` : `export default ${row};`;
      });
      if (!isClassic) return { code: given, map: null };
      if (/^(import|export)\b/m.test(given)) this.error(`${fileName} imports or exports what is not shared`);
      return { code: `(() => {${given}})();`, map: null };
    },
  };
}
