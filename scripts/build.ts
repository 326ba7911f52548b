import { spawn } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { minify } from 'terser';
import { build } from 'vite';
import { BROWSERS, BUILD_TARGET, elementsAsCalls, WORKER_FILE } from '../vite.config';
import { writeLicences } from './licences';
import { packedMessages, projectNames } from './short-names';
import { withoutUnused } from './without-unused';
import { languages, readWords } from './words-files';

/**
 * Builds all that we ship: `npm run build`, or `tsx scripts/build.ts [--out FOLDER] [--sourcemap]`. Source maps lie beside
 * the files, which do not name them and are the same bytes with and without.
 */
const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' }, sourcemap: { type: 'boolean' } } });

/**
 * Scripts that the worker injects or registers while it runs. Each is one self-contained file at the root of the extension,
 * built in a pass of its own: inside the manifest's pass they would become web-accessible resources.
 */
const INJECTED = {
  'detect-own.js': 'src/content/detect-own.iife.ts',
};

/** Runs Vite in a process of its own, since the extension's plugin keeps what it saw of one build for the next. */
function vite(...args: string[]): Promise<void> {
  const always = ['--logLevel', 'warn', ...(values.sourcemap ? ['--sourcemap', 'hidden'] : [])];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['node_modules/vite/bin/vite.js', 'build', ...always, ...args], {
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
    plugins: [elementsAsCalls(), withoutUnused()],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir,
      emptyOutDir: false,
      sourcemap: values.sourcemap ? 'hidden' : false,
      license: { fileName: `.licences/${fileName}.json` },
      target: BUILD_TARGET,
      lib: { entry, formats: ['iife'], name: 'partnerOfRecordHelper', fileName: () => fileName },
    },
  });
}

/** What the second minifier made of a script, by the script and its map: most are the same for both browsers, and it takes its time. */
const minified = new Map<string, ReturnType<typeof minify>>();

/** Minifies a script once more: together the two minifiers make it a fiftieth smaller than either does, and the package has a limit. */
async function minifyAgain(path: string): Promise<void> {
  const map = values.sourcemap ? await readFile(`${path}.map`, 'utf8') : null;
  const script = await readFile(path, 'utf8');
  const key = `${script}${map}`;
  const made =
    minified.get(key) ??
    minify(script, {
      ecma: 2020,
      module: true,
      // To read a property does nothing else, in our code and in what we ship with it.
      compress: { passes: 3, pure_getters: true, unsafe_arrows: true, keep_fargs: false, lhs_constants: false },
      format: { quote_style: 1 },
      ...(map !== null && { sourceMap: { content: map } }),
    });
  minified.set(key, made);
  const { code, map: newMap } = await made;
  if (code === undefined) throw new Error(`${path} came to nothing`);
  await writeFile(path, code);
  if (typeof newMap === 'string') await writeFile(`${path}.map`, newMap);
}

/**
 * Has the browser compile the detect scripts' few functions at once: compiling each when it is first called took most of the
 * script's time on a page that is no business of ours. Written last, since the minifier drops comments.
 */
async function compileAtOnce(folder: string): Promise<void> {
  const { content_scripts } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  for (const file of [...content_scripts.flatMap(({ js }: { js: string[] }) => js), 'detect-own.js']) {
    const code = await readFile(join(folder, file), 'utf8');
    await writeFile(join(folder, file), `//# allFunctionsCalledOnLoad\n${code}`);
  }
}

/** Has the manifest name the worker itself, in place of a script of one line that loads it. */
async function nameWorker(folder: string): Promise<void> {
  const loader = 'service-worker-loader.js';
  const manifest = await readFile(join(folder, 'manifest.json'), 'utf8');
  const loaded = (await readFile(join(folder, loader), 'utf8')).trim();
  if (loaded !== `import './${WORKER_FILE}';` || !manifest.includes(`"${loader}"`))
    throw new Error(`${loader} has another form: ${loaded}`);
  await writeFile(join(folder, 'manifest.json'), manifest.replace(`"${loader}"`, `"${WORKER_FILE}"`));
  await rm(join(folder, loader));
}

/** Writes a page in one line, without what the browser does without: the package has a limit. */
async function compactPage(path: string, source: string): Promise<void> {
  const page = await readFile(path, 'utf8');
  const compacted = page
    .replaceAll(/\n\s*/g, '')
    .replaceAll(' crossorigin', '')
    .replaceAll(' />', '>')
    .replaceAll(/<\/?head>|<\/body>|<\/html>/g, '')
    // The script that draws the page sets both.
    .replaceAll(/ lang="en"|<title><\/title>/g, '')
    .replaceAll(/="([\w./-]+)"/g, '=$1');
  // The bundler names the sheet of one page in each of them, behind the scripts.
  const sheet = /<link rel=stylesheet[^>]+>/.exec(compacted)?.[0];
  if (sheet === undefined) throw new Error(`${path} names no sheet: ${compacted}`);
  const withoutSheet = compacted.replace(sheet, '');
  const hasSheet = (await readFile(source, 'utf8')).includes('rel="stylesheet"');
  // What is painted before the scripts waits for the sheet.
  await writeFile(path, hasSheet ? withoutSheet.replace('<script', `${sheet}<script`) : withoutSheet);
}

/** Takes out of the schema of policies, which only the browser reads in the package, what people read it by: the package has a limit. */
async function compact(path: string): Promise<void> {
  const schema = JSON.parse(await readFile(path, 'utf8'), (key, value: unknown) =>
    ['title', 'description'].includes(key) && typeof value === 'string' ? undefined : value,
  );
  await writeFile(path, JSON.stringify(schema));
}

// What we ship does not depend on who builds it: a test's environment would bring the development variant of JSX.
process.env['NODE_ENV'] = 'production';

const out = resolve(values.out);
const service = join(out, 'service');
process.chdir(`${import.meta.dirname}/..`);
const names = await projectNames('.');
await Promise.all([...BROWSERS, 'service'].map((name) => rm(join(out, name), { recursive: true, force: true })));

await Promise.all(BROWSERS.map((browser) => vite('--mode', browser, '--outDir', join(out, browser))));
for (const browser of BROWSERS) {
  for (const [fileName, entry] of Object.entries(INJECTED)) await buildInjected(fileName, entry, join(out, browser));
  for (const file of await readdir(join(out, browser))) {
    // The detect scripts lie elsewhere, or are one line.
    if (/^[a-z]+\.js$/.test(file)) await minifyAgain(join(out, browser, file));
  }
  await nameWorker(join(out, browser));
  await compileAtOnce(join(out, browser));
  await compact(join(out, browser, 'policy.json'));
  for (const page of await readdir(join(out, browser, 'src'), { recursive: true }))
    if (page.endsWith('.html')) await compactPage(join(out, browser, 'src', page), join('src', page));
  for (const language of await languages()) {
    const words = await readWords(`src/words/${language}`);
    await writeFile(join(out, browser, '_locales', language, 'messages.json'), packedMessages(words, names));
  }
  await writeLicences(join(out, browser));
}

await vite('-c', 'server/vite.config.ts', '--outDir', service);
await writeLicences(service, await readFile('scripts/licences/pglite-binaries.txt', 'utf8'));
