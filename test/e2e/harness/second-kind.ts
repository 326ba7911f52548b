import { build, type Plugin } from 'vite';
import { shortSentenceNames } from '../../../scripts/short-names';
import { BUILD_TARGET, WORKER_FILE } from '../../../vite.config';
import { KINDS_FILE, LEDGER_FILE, withLedger } from '../../second-kind/ledger';
import { copyExtension } from './browser';

/**
 * Writes the built extension into a folder, its worker anew with the kind of backend that CONTRIBUTING prints: one file more,
 * and one line. Pages and panel are the built ones, which know no kind by themselves.
 */
export async function buildWithLedger(folder: string): Promise<void> {
  await copyExtension(folder, (manifest) => manifest);
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    // The catalogue of what is built has sentences by their short names.
    plugins: [ledgerBesideTheOthers(), shortSentenceNames()],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: BUILD_TARGET,
      lib: { entry: 'src/background/index.ts', formats: ['es'], fileName: () => WORKER_FILE },
    },
  });
}

function ledgerBesideTheOthers(): Plugin {
  const { ledger, kinds } = withLedger();
  return {
    name: 'ledger-beside-the-others',
    enforce: 'pre',
    resolveId: (source, importer) => (source === './ledger' && importer === KINDS_FILE ? LEDGER_FILE : null),
    load(id) {
      if (id === LEDGER_FILE) return ledger;
      return id === KINDS_FILE ? kinds : null;
    },
  };
}
