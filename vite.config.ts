import { crx, type ManifestV3Export } from '@crxjs/vite-plugin';
import { defineConfig, type Plugin } from 'vite';
import manifest from './manifest.json' with { type: 'json' };
import project from './package.json' with { type: 'json' };
import { matchPatterns } from './src/portals';

/** The two variants of the extension; each is a Vite mode (`vite build --mode firefox`) and a folder under `dist/`. */
export const BROWSERS = ['chromium', 'firefox'] as const;
type Browser = (typeof BROWSERS)[number];

/** The oldest browsers of the manifest: `minimum_chrome_version` and `strict_min_version`. */
export const BUILD_TARGET = ['chrome122', 'firefox142'];

/** The rooms, and the packages, that know no screen and have nothing of those that do. */
const NO_SCREENS =
  /[\\/](src[\\/](domain|messaging|platform|portals|storage|words)|valibot|idb|webextension-polyfill)[\\/]/;

/**
 * How the package, whose size has a limit, is cut into files. Their names have no hash of what they hold: nobody caches them, and each
 * would stand there four times and more. What several of them use is two files, one for the pages alone and one for the worker too:
 * each further cut costs more in the package than a page saves by it, but for the parser of tables, which two pages need and is large.
 */
const FILES = {
  entryFileNames: 'assets/[name].js',
  chunkFileNames: 'assets/[name].js',
  assetFileNames: 'assets/[name][extname]',
  codeSplitting: {
    groups: [
      { name: 'shared', test: NO_SCREENS, minShareCount: 2, priority: 2 },
      { name: 'csv', test: /[\\/](papaparse|src[\\/]ui[\\/]csv)/, priority: 1 },
      { name: 'ui', minShareCount: 2 },
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

/** What nothing here uses of preact, as its bundle has it, and what stands there instead: the minifier then takes out what only that led to. */
const UNUSED_OF_PREACT: readonly (readonly [what: string, RegExp, instead: string])[] = [
  // `dangerouslySetInnerHTML`: what is not there can not be misused.
  ['an assignment to innerHTML', /\(\w+\.innerHTML=\w+\.__html\)/, 'void 0'],
  ['properties of that name', /"dangerouslySetInnerHTML"==\w+\?\w+=\w+:/g, ''],
  ['portals', /\b\w+\.props\.__P\b(?!=)|\b\w+\.__P(?=&&\()/g, '!1'],
  ['formulas', /"math"==\w+\?\w+="http:\/\/www\.w3\.org\/1998\/Math\/MathML":/, ''],
  ['what is HTML in a drawing or a formula', /\("foreignObject"==.+?\.test\(\w+\)\)&&\(\w+="[^"]+xhtml"\),/, ''],
  ['components that are classes', /\((\w+)=\w+\.prototype\)&&\1\.render(?=,)/, '!1'],
  ['components that wait for a promise', /(?<=\bif\()(\w+)&&\1\.then(?=\))/, '!1'],
  ['their resumption', /128&\w+\.__u&&/, '0&&'],
  [
    'comments that part what a server sends by and by',
    /\w+&&8==\w+\.nodeType&&\w+\.data\.startsWith\("\$s"\)(?=\))/,
    '!1',
  ],
];

/**
 * Takes out of preact what nothing here uses: each panel and page would carry it. Fails the build when preact no longer looks as
 * expected.
 */
export function preactWithoutUnused(): Plugin {
  return {
    name: 'preact-without-unused',
    transform: {
      filter: { id: /\/preact\/dist\/preact\.mjs$/ },
      handler(code) {
        let less = code;
        for (const [what, pattern, instead] of UNUSED_OF_PREACT) {
          if (!pattern.test(less)) this.error(`preact has no longer ${what} of the known form: look at it again`);
          less = less.replace(pattern, instead);
        }
        return { code: less, map: null };
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
      preactWithoutUnused(),
      crx({ manifest: manifestFor(browser), browser: browser === 'firefox' ? 'firefox' : 'chrome' }),
    ],
    build: {
      outDir: `dist/${browser}`,
      target: BUILD_TARGET,
      modulePreload: false,
      license: { fileName: '.licences/pages.json' },
      rolldownOptions: {
        input: { subscriptions: 'src/subscriptions/index.html', confirm: 'src/confirm/index.html' },
        output: FILES,
      },
    },
  };
});
