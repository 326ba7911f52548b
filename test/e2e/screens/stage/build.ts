import { join } from 'node:path';
import { build, type Plugin } from 'vite';
import { BUILD_TARGET } from '../../../../vite.config';
import { SCREENS } from '../states/screens';

const ROOT = join(import.meta.dirname, '../../../..');
const PANEL = 'test/e2e/screens/stage/panel.html';

/** Puts the stand-in in the place of the browser, so that the pages' own files run as they are. */
function standInForBrowser(): Plugin {
  return {
    name: 'stand-in-for-browser',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!/\/browser(\.ts)?$/.test(source)) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      return resolved?.id === join(ROOT, 'src/platform/browser.ts')
        ? join(import.meta.dirname, 'browser.ts')
        : resolved;
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
    plugins: [standInForBrowser()],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: BUILD_TARGET,
      modulePreload: false,
      minify: false,
      rolldownOptions: { input: [PANEL, ...SCREENS.map(({ file }) => file)].map((file) => join(ROOT, file)) },
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
