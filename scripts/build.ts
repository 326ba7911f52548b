import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { build } from 'vite';
import { BROWSERS, BUILD_TARGET, preactWithoutInnerHtml } from '../vite.config';

/**
 * Scripts that the worker injects or registers while it runs. Each is one self-contained file at the root of the extension,
 * built in a pass of its own: inside the manifest's pass they would become web-accessible resources.
 */
const INJECTED = { 'panel.js': 'src/content/panel.iife.tsx', 'detect-own.js': 'src/content/detect-own.iife.ts' };

/** Runs Vite in a process of its own, since the extension's plugin keeps what it saw of one build for the next. */
function vite(...args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn', ...args], {
      stdio: 'inherit',
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`vite build ${args.join(' ')} ended with ${code}`)),
    );
  });
}

function buildInjected(fileName: string, entry: string, outDir: string) {
  return build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [preactWithoutInnerHtml()],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir,
      emptyOutDir: false,
      target: BUILD_TARGET,
      lib: { entry, formats: ['iife'], name: 'partnerOfRecordHelper', fileName: () => fileName },
    },
  });
}

process.chdir(`${import.meta.dirname}/..`);
await rm('dist', { recursive: true, force: true });
await Promise.all(BROWSERS.map((browser) => vite('--mode', browser)));
for (const [fileName, entry] of Object.entries(INJECTED)) {
  for (const browser of BROWSERS) await buildInjected(fileName, entry, `dist/${browser}`);
}
await vite('-c', 'server/vite.config.ts');
