import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

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

export default defineConfig({
  root: import.meta.dirname,
  plugins: [copyPgliteFiles()],
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
