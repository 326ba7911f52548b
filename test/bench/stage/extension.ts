import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { BUILD_TARGET } from '../../../vite.config';
import { copyExtension, type ExtensionBrowser, launchBrowser } from '../../e2e/harness/browser';
import { fillConnection, saveConnection } from '../../e2e/harness/options';
import { type Backstage, openBackstage } from '../../e2e/harness/worker';
import type { BenchBackend } from './backend';
import type { Stage } from './stage';

/** Pages of ours that the extension that is shipped does not have, by the script of each. */
const PAGES = { 'bare-preact': 'bare-preact.tsx', seed: 'seed.ts' } as const;
export const pageOfBench = (page: keyof typeof PAGES) => `bench-${page}.html`;

/** The built extension with the bench's pages beside its own. */
export async function extensionWithPages(stage: Stage): Promise<string> {
  const folder = await stage.folder();
  await copyExtension(folder, (manifest) => manifest);
  for (const [page, script] of Object.entries(PAGES)) {
    const fileName = `bench-${page}.js`;
    await build({
      configFile: false,
      publicDir: false,
      logLevel: 'warn',
      oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
      define: { 'process.env.NODE_ENV': '"production"' },
      build: {
        outDir: folder,
        emptyOutDir: false,
        target: BUILD_TARGET,
        lib: { entry: join(import.meta.dirname, '../in-page', script), formats: ['es'], fileName: () => fileName },
      },
    });
    const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${page}</title><body></body><script type="module" src="/${fileName}"></script></html>`;
    await writeFile(join(folder, `bench-${page}.html`), html);
  }
  return folder;
}

/** A browser with our extension, connected to a backend. */
export interface OurBrowser extends ExtensionBrowser {
  readonly backstage: Backstage;
}

/** Starts one in a profile of its own, with the extension that lies in the folder; the shipped one where none is named. */
export async function launchOurs(
  stage: Stage,
  backend: Pick<BenchBackend, 'url' | 'token'>,
  options: { readonly extension?: string; readonly hostResolverRules?: string } = {},
): Promise<OurBrowser> {
  const browser = await stage.keep(launchBrowser(options), ({ close }) => close());
  await browser.context.addInitScript(NAMES);
  const backstage = await openBackstage(browser);
  const welcome = await browser.welcomePage();
  await fillConnection(welcome, backend.url, backend.token);
  await saveConnection(welcome);
  await welcome.close();
  return { ...browser, backstage };
}

/** Functions that cross into a page name the functions within by this; tsx, which compiles them, adds it to our side alone. */
export const NAMES = 'globalThis.__name = (named) => named';

/** Runs in our extension's worker, which is started where it rests. */
export async function inOurWorker<A, T>({ backstage, context }: OurBrowser, run: (arg: A) => Promise<T>, arg: A) {
  await backstage.askWorker();
  const [worker] = context.serviceWorkers();
  if (worker === undefined) throw new Error('The extension has no worker');
  await worker.evaluate(NAMES);
  return worker.evaluate(`(${run})(${JSON.stringify(arg)})`) as Promise<T>;
}
