import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build, defineConfig, type Plugin } from 'vite';

const OUT = path.resolve(import.meta.dirname, '../dist/service');
const PGLITE_FILES = ['pglite.wasm', 'pglite.data', 'initdb.wasm'];

/** PGlite looks for its binary files beside the module it runs from. */
function copyPgliteFiles(): Plugin {
  return {
    name: 'copy-pglite-files',
    async writeBundle({ dir = OUT }) {
      const dist = path.dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'));
      await Promise.all(PGLITE_FILES.map((file) => copyFile(path.join(dist, file), path.join(dir, file))));
    },
  };
}

/** Builds the page at `/partner`, which runs in browsers, into a folder beside the service that serves it. */
function buildPartnerPage(): Plugin {
  const source = path.join(import.meta.dirname, 'partner-page');
  let sourcemap: boolean | 'inline' | 'hidden' = false;
  return {
    name: 'build-partner-page',
    configResolved(config) {
      sourcemap = config.build.sourcemap;
    },
    async writeBundle({ dir = OUT }) {
      await build({
        configFile: false,
        logLevel: 'warn',
        root: source,
        publicDir: false,
        define: { 'process.env.NODE_ENV': '"production"' },
        build: {
          outDir: dir,
          emptyOutDir: false,
          sourcemap,
          target: ['chrome120', 'firefox128', 'safari17'],
          modulePreload: false,
          license: { fileName: '.licences/partner-page.json' },
          rolldownOptions: {
            input: path.join(source, 'main.tsx'),
            output: { entryFileNames: 'partner-page/page.js', assetFileNames: 'partner-page/page[extname]' },
          },
        },
      });
      await copyFile(path.join(source, 'index.html'), path.join(dir, 'partner-page/index.html'));
      await copyFile(path.join(import.meta.dirname, '../icons/small.svg'), path.join(dir, 'partner-page/icon.svg'));
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [copyPgliteFiles(), buildPartnerPage()],
  // Everything goes into the file, so that the folder runs on a machine that has nothing but Node.
  ssr: { noExternal: true, external: ['pg-native'] },
  build: {
    ssr: 'src/main.ts',
    target: 'node20',
    outDir: OUT,
    emptyOutDir: true,
    license: { fileName: '.licences/service.json' },
    rolldownOptions: {
      output: { entryFileNames: 'main.js', codeSplitting: false },
      // PGlite's compiled code has some; the linter keeps it out of ours.
      checks: { eval: false },
    },
  },
});
