import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath } from './chromium';
import { installHaproxy } from './counterparts/haproxy';
import { installNginx } from './counterparts/nginx';
import { firefoxPath } from './firefox';
import { findPgBouncer } from './pgbouncer';
import { environmentFor, startPostgres } from './postgres';
import { type Layer, measure, type Part, type Result } from './testing/layer';
import { PROGRESS_FILE, tally } from './testing/progress';
import { keepScratchInMemory } from './testing/scratch';
import { runTool } from './testing/tool';

const A_MINUTE_MS = 60_000;
/** All of it, whatever hangs: the last layers of a lane then have less than their own limit. */
const WHOLE_LIMIT_MS = 45 * A_MINUTE_MS;

/** How many files of a layer run at once that waits more than it works. */
const E2E_FILES_AT_ONCE = 4;
const SERVER_FILES_AT_ONCE = 3;
const FIREFOXES_AT_ONCE = 2;

const bin = (name: string) => join('node_modules/.bin', name);

/** One tool's verdict, counted as one. */
function check(name: string, command: string, ...args: string[]): Part {
  return async (print, signal) => {
    const code = await runTool(bin(command), args, { print, signal });
    signal.throwIfAborted();
    return code === 0 ? { passed: 1, failures: [] } : { passed: 0, failures: [`${name} ended with ${code}`] };
  };
}

/** A project of vitest.config.ts, counted as its tests end; when it is ended before, what it hung in is told. */
function tests(project: string, ...more: readonly string[]): Part {
  return async (print, signal) => {
    const folder = await mkdtemp(join(tmpdir(), 'layer-'));
    const progress = join(folder, 'progress.jsonl');
    await writeFile(progress, '');
    const reporters = ['--reporter=default', '--reporter=./scripts/testing/progress-reporter.ts'];
    const env = { [PROGRESS_FILE]: progress };
    const code = await runTool(bin('vitest'), ['run', '--project', project, ...reporters, ...more], {
      print,
      signal,
      env,
    });
    const written = await readFile(progress, 'utf8').finally(() => rm(folder, { recursive: true }));
    const { passed, failures, underWay } = tally(written);
    if (signal.aborted) {
      const hung = `${signal.reason instanceof Error ? signal.reason.message : signal.reason}; under way: ${underWay.join(', ') || 'nothing yet'}`;
      return { passed, failures: [...failures, hung] };
    }
    if (passed === 0 && failures.length === 0) return { passed, failures: ['no test ran'] };
    if (code !== 0 && failures.length === 0)
      return { passed, failures: [`an error outside the tests, vitest ended with ${code}`] };
    return { passed, failures };
  };
}

const write = (text: string) => process.stdout.write(text);
const heading = (name: string) => `\n── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}\n`;

/** Layers one after the other, each one's output shown whole when it ends, so that two lanes side by side stay readable. */
async function lane(layers: readonly Layer[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const layer of layers) {
    const output: string[] = [];
    const result = await measure(layer, (text) => output.push(text), untilMs);
    write(`${heading(`${layer.name}, ${result.seconds.toFixed(1)} s`)}${output.join('')}`);
    results.push(result);
  }
  return results;
}

function table(results: readonly Result[]): string {
  const rows = results.map((result) => [result.name, result.passed, result.failures.length, result.seconds.toFixed(1)]);
  return [['layer', 'passed', 'failed', 'seconds'], ...rows]
    .map(
      ([name, ...numbers]) => `${String(name).padEnd(10)}${numbers.map((cell) => String(cell).padStart(9)).join('')}\n`,
    )
    .join('');
}

const untilMs = Date.now() + WHOLE_LIMIT_MS;
process.chdir(join(import.meta.dirname, '..'));
// A signal ends Node without its `exit` event, which ends what was started, unless somebody listens for the signal.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await keepScratchInMemory();

const checks: Layer[] = [
  { name: 'format', limitMs: 10 * A_MINUTE_MS, parts: [check('biome format', 'biome', 'format')] },
  { name: 'lint', limitMs: 10 * A_MINUTE_MS, parts: [check('biome lint', 'biome', 'lint', '--error-on-warnings')] },
  { name: 'types', limitMs: 10 * A_MINUTE_MS, parts: [check('tsc', 'tsc', '--noEmit')] },
  {
    name: 'build',
    limitMs: 20 * A_MINUTE_MS,
    parts: [check('npm run build', 'tsx', 'scripts/build.ts'), tests('build')],
  },
];
/** What tests of the service and of the extension go through, installed once for both. */
const proxies = installNginx().then(installHaproxy);
const firefox = proxies.then(firefoxPath);
/** The service's tests, on PGlite and on a PostgreSQL server of their own, some through PgBouncer. Without them the layer has failed. */
const server: Part = async (print, signal) => {
  await proxies;
  await findPgBouncer();
  const postgres = await startPostgres();
  Object.assign(process.env, environmentFor(postgres));
  return tests('server', `--maxWorkers=${SERVER_FILES_AT_ONCE}`)(print, signal).finally(postgres.stop);
};
const suites = ['unit', 'jsdom', 'storage'].map(
  (name): Layer => ({ name, limitMs: 25 * A_MINUTE_MS, parts: [tests(name)] }),
);
const ofService: Layer = { name: 'server', limitMs: 30 * A_MINUTE_MS, parts: [server] };
/** End to end tests, which need what the build made. */
const inChromium: Part = async (print, signal) => {
  // One installation after the other; whose failed says so in its own layer.
  await Promise.allSettled([firefox]);
  await proxies;
  process.env['CHROMIUM_PATH'] = await chromiumPath();
  return tests('e2e', `--maxWorkers=${E2E_FILES_AT_ONCE}`)(print, signal);
};
/** The journeys in Firefox, which need what the build made too. */
const inFirefox: Part = async (print, signal) => {
  process.env['FIREFOX_PATH'] = await firefox;
  return tests('firefox', `--maxWorkers=${FIREFOXES_AT_ONCE}`)(print, signal);
};
const secondBrowser: Layer = { name: 'firefox', limitMs: 25 * A_MINUTE_MS, parts: [inFirefox] };
const endToEnd: Layer = { name: 'e2e', limitMs: 30 * A_MINUTE_MS, parts: [inChromium] };

write('Side by side: format, lint, types, build; unit, jsdom, storage; server; Firefox; then end to end.\n');
const built = lane(checks);
const quick = lane(suites);
const served = lane([ofService]);
const results = (
  await Promise.all([
    built,
    quick,
    served,
    Promise.allSettled([built, firefox]).then(() => lane([secondBrowser])),
    // Each of the two has both processors to itself: what waits for a time in one is late beside the other.
    Promise.all([built, quick, served]).then(() => lane([endToEnd])),
  ])
).flat();

const failures = results.flatMap((result) => result.failures);
write(heading('all layers'));
write(table(results));
if (failures.length > 0) write(`\nFailed:\n${failures.map((failure) => `  ${failure}\n`).join('')}`);
const passed = results.reduce((sum, result) => sum + result.passed, 0);
// Whatever is still open, the run is over.
process.stdout.write(`\n${passed} passed, ${failures.length} failed\n`, () =>
  process.exit(failures.length === 0 ? 0 : 1),
);
