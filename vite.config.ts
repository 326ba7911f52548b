import { crx, type ManifestV3Export } from '@crxjs/vite-plugin';
import { defineConfig, type Plugin } from 'vite';
import manifest from './manifest.json' with { type: 'json' };
import project from './package.json' with { type: 'json' };
import { entraClientIds } from './scripts/entra-client-ids';
import { pagesInOne } from './scripts/pages-in-one';
import { PANEL_ENTRY, sharedFileOf, sharedWithPanel } from './scripts/shared-with-panel';
import { shortClassNames } from './scripts/short-classes';
import { shortSentenceNames } from './scripts/short-names';
import { withoutUnused } from './scripts/without-unused';
import { matchPatterns } from './src/portals';

/** The two variants of the extension; each is a Vite mode (`vite build --mode firefox`) and a folder under `dist/`. */
export const BROWSERS = ['chromium', 'firefox'] as const;
type Browser = (typeof BROWSERS)[number];

/** The oldest browsers of the manifest: `minimum_chrome_version` and `strict_min_version`. */
export const BUILD_TARGET = ['chrome122', 'firefox142'];

/** The background worker of what is built. */
export const WORKER_FILE = 'worker.js';

/** The rooms, and the packages, that know no screen and have nothing of those that do. */
const NO_SCREENS =
  /[\\/](src[\\/](domain|messaging|platform|portals|storage|words)|valibot|idb|webextension-polyfill)[\\/]/;

/** What pages alone have. */
const OF_PAGES =
  /[\\/](src[\\/](ui|popup|options|confirm|subscriptions|tenants)[\\/](?!.*\.html$)|papaparse|@tanstack|pages\.ts$)/;

/**
 * How the package, whose size has a limit, is cut into files. Their names have no hash of what they hold: nobody caches them, and each
 * would stand there four times and more. What the worker and the pages share is one file, what the panel shares with them two, and
 * what pages alone have is one: each further cut costs more in the package than a page saves by it.
 */
const FILES = {
  entryFileNames: '[name].js',
  chunkFileNames: ({ name }: { readonly name: string }) => (name === 'index.ts' ? WORKER_FILE : '[name].js'),
  assetFileNames: '[name][extname]',
  codeSplitting: {
    groups: [
      { name: sharedFileOf, debugName: 'shared with the panel', priority: 3 },
      { name: 'shared', test: NO_SCREENS, minShareCount: 2, priority: 2 },
      { name: 'pages', test: OF_PAGES, priority: 1 },
    ],
  },
};

/** The one manifest with the hosts of the built-in portals, as each browser wants it. */
function manifestFor(browser: Browser): ManifestV3Export {
  const portals = matchPatterns({ off: [], own: [] });
  const common = {
    ...manifest,
    version: project.version,
    content_scripts: manifest.content_scripts.map((script) => ({ ...script, matches: portals })),
    host_permissions: [...portals, ...manifest.host_permissions],
  };
  if (browser === 'chromium') return common;
  // Firefox hands over what policy says without a schema, and does not know the key.
  const { key: _key, minimum_chrome_version: _minimum, storage: _schema, background, permissions, ...shared } = common;
  return {
    ...shared,
    // Firefox has it as a required one only, and asks nobody about it.
    permissions: [...permissions, 'identity'],
    optional_permissions: manifest.optional_permissions.filter((name) => name !== 'identity'),
    background: { scripts: [background.service_worker], type: background.type },
    browser_specific_settings: {
      gecko: {
        id: 'partner-of-record-helper@partner-of-record-helper',
        strict_min_version: '142.0',
        data_collection_permissions: { required: ['none'] },
      },
    },
  };
}

/**
 * Writes elements as calls: children as arguments take fewer bytes than as a property, and preact's second way to make elements stays
 * out.
 */
export function elementsAsCalls(): Plugin {
  return {
    name: 'elements-as-calls',
    config: () => ({
      oxc: { jsx: { runtime: 'classic', pragma: 'createElement', pragmaFrag: 'Fragment' } },
      build: {
        rolldownOptions: {
          transform: { inject: { createElement: ['preact', 'createElement'], Fragment: ['preact', 'Fragment'] } },
        },
      },
    }),
  };
}

export default defineConfig(({ mode }) => {
  const browser = BROWSERS.find((name) => name === mode) ?? 'chromium';
  return {
    plugins: [
      elementsAsCalls(),
      withoutUnused(),
      pagesInOne(),
      sharedWithPanel(),
      shortSentenceNames(),
      shortClassNames(),
      crx({ manifest: manifestFor(browser), browser: browser === 'firefox' ? 'firefox' : 'chrome' }),
    ],
    define: { ENTRA_CLIENT_IDS: JSON.stringify(entraClientIds(process.env)) },
    build: {
      outDir: `dist/${browser}`,
      target: BUILD_TARGET,
      modulePreload: false,
      license: { fileName: '.licences/pages.json' },
      rolldownOptions: {
        input: {
          subscriptions: 'src/subscriptions/index.html',
          tenants: 'src/tenants/index.html',
          confirm: 'src/confirm/index.html',
          panel: PANEL_ENTRY,
        },
        output: FILES,
      },
    },
  };
});
