import { join } from 'node:path';
import { build, type Plugin } from 'vite';
import { BUILD_TARGET } from '../../../../vite.config';
import { SCREENS } from '../states/screens';

const ROOT = join(import.meta.dirname, '../../../..');
const PANELS = ['panel', 'docked'].map((name) => `test/e2e/screens/stage/${name}.html`);

/** What the stage has in the place of a file of ours. */
const STAND_INS: Readonly<Record<string, string>> = {
  [join(ROOT, 'src/platform/browser.ts')]: join(import.meta.dirname, 'browser.ts'),
  [join(ROOT, 'server/words/english.ts')]: join(import.meta.dirname, 'partner-words.ts'),
};

/** Puts the stand-ins in their places, so that the pages' own files run as they are. */
function standIns(): Plugin {
  return {
    name: 'stand-ins',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!/\/(browser|english)(\.ts)?$/.test(source)) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      const standIn = resolved && STAND_INS[resolved.id];
      return standIn === undefined || standIn === null || standIn === importer ? resolved : standIn;
    },
  };
}

/** Builds every page of ours and the panel, each to be opened in any state. */
export async function buildStage(folder: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: ROOT,
    publicDir: 'public',
    plugins: [standIns()],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: BUILD_TARGET,
      modulePreload: false,
      minify: false,
      rolldownOptions: { input: [...PANELS, ...SCREENS.map(({ file }) => file)].map((file) => join(ROOT, file)) },
    },
  });
}

/** What looks at a page from within, as one script for any page. */
export async function buildInPage(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      write: false,
      minify: false,
      target: BUILD_TARGET,
      lib: { entry: join(import.meta.dirname, '../in-page/index.ts'), formats: ['iife'], name: 'inPage' },
    },
  });
  const [result] = [built].flat();
  if (result === undefined || !('output' in result)) throw new Error('The script was not built');
  return result.output[0].code;
}
