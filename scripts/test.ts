import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { chromiumPath } from './chromium';
import { environmentFor, startPostgres } from './postgres';

type Print = (text: string) => void;

/** What a layer, or a part of one, came to. What could not run, or ran nothing, has failed. */
interface Outcome {
  readonly passed: number;
  /** One line for each thing that failed. */
  readonly failures: readonly string[];
}

type Part = (print: Print) => Promise<Outcome>;

interface Layer {
  readonly name: string;
  readonly parts: readonly Part[];
}

interface Result extends Outcome {
  readonly name: string;
  readonly seconds: number;
}

/** Far above what any layer takes: a layer that hangs is ended and has failed. */
const LAYER_LIMIT_MS = 15 * 60_000;

const Report = v.object({
  testResults: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      assertionResults: v.array(v.object({ status: v.string(), fullName: v.string() })),
    }),
  ),
});

/** Runs one of the project's tools to its end and answers its exit code, null when it was ended. */
function tool(name: string, args: readonly string[], print: Print): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(join('node_modules/.bin', name), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LAYER_LIMIT_MS,
      env: process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : process.env,
    });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', print);
    child.once('error', reject);
    child.once('close', resolve);
  });
}

/** One tool's verdict, counted as one. */
function check(name: string, command: string, ...args: string[]): Part {
  return async (print) => {
    const code = await tool(command, args, print);
    return code === 0 ? { passed: 1, failures: [] } : { passed: 0, failures: [`${name} ended with ${code}`] };
  };
}

/** A project of vitest.config.ts, counted by its own report. A test that did not run, for whatever reason, has failed. */
function tests(project: string, reporter: 'default' | 'verbose' = 'default'): Part {
  return async (print) => {
    const folder = await mkdtemp(join(tmpdir(), 'layer-'));
    const report = join(folder, 'report.json');
    const reporters = [`--reporter=${reporter}`, '--reporter=json', `--outputFile.json=${report}`];
    const code = await tool('vitest', ['run', '--project', project, ...reporters], print);
    const written = await readFile(report, 'utf8').finally(() => rm(folder, { recursive: true }));
    const { testResults } = v.parse(Report, JSON.parse(written));

    const all = testResults.flatMap((file) => file.assertionResults);
    const isPassed = ({ status }: { status: string }) => status === 'passed';
    const failures = [
      ...all.filter((test) => !isPassed(test)).map((test) => `${test.status}: ${test.fullName}`),
      ...testResults
        .filter((file) => !isPassed(file) && file.assertionResults.every(isPassed))
        .map((file) => `did not load: ${file.name}`),
    ];
    if (all.length === 0 && failures.length === 0) failures.push('no test ran');
    if (code !== 0 && failures.length === 0) failures.push(`an error outside the tests, vitest ended with ${code}`);
    return { passed: all.filter(isPassed).length, failures };
  };
}

/** Runs a layer's parts one after the other. A part that throws has failed; what comes after it runs all the same. */
async function measure(layer: Layer, print: Print): Promise<Result> {
  const start = performance.now();
  let passed = 0;
  const failures: string[] = [];
  for (const part of layer.parts) {
    try {
      const outcome = await part(print);
      passed += outcome.passed;
      failures.push(...outcome.failures.map((failure) => `${layer.name}: ${failure}`));
    } catch (error) {
      failures.push(`${layer.name}: did not run: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { name: layer.name, passed, failures, seconds: (performance.now() - start) / 1000 };
}

const write = (text: string) => process.stdout.write(text);
const heading = (name: string) => `\n── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}\n`;

/** Layers one after the other, each one's output shown whole when it ends, so that two lanes side by side stay readable. */
async function lane(layers: readonly Layer[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const layer of layers) {
    const output: string[] = [];
    const result = await measure(layer, (text) => output.push(text));
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

process.chdir(join(import.meta.dirname, '..'));

const checks: Layer[] = [
  { name: 'format', parts: [check('biome format', 'biome', 'format')] },
  { name: 'lint', parts: [check('biome lint', 'biome', 'lint', '--error-on-warnings')] },
  { name: 'types', parts: [check('tsc', 'tsc', '--noEmit')] },
  { name: 'build', parts: [check('npm run build', 'tsx', 'scripts/build.ts'), tests('build')] },
];
/** The service's tests, on PGlite and on a PostgreSQL server of their own. Without one the layer has failed. */
const server: Part = async (print) => {
  const postgres = await startPostgres();
  Object.assign(process.env, environmentFor(postgres));
  return tests('server')(print).finally(postgres.stop);
};
const suites: Layer[] = [
  ...['unit', 'jsdom', 'storage'].map((name) => ({ name, parts: [tests(name)] })),
  { name: 'server', parts: [server] },
];
const inChromium: Part = async (print) => {
  process.env['CHROMIUM_PATH'] = await chromiumPath();
  return tests('e2e', 'verbose')(print);
};
// It waits more than it works, so it goes beside the service's tests; it needs what the build made.
const endToEnd: Layer = { name: 'e2e', parts: [inChromium] };

write('Two lanes side by side: format, lint, types, build, end to end; and unit, jsdom, storage, server.\n');
const results = (await Promise.all([lane([...checks, endToEnd]), lane(suites)])).flat();

const failures = results.flatMap((result) => result.failures);
write(heading('all layers'));
write(table(results));
if (failures.length > 0) write(`\nFailed:\n${failures.map((failure) => `  ${failure}\n`).join('')}`);
const passed = results.reduce((sum, result) => sum + result.passed, 0);
process.exitCode = failures.length === 0 ? 0 : 1;
write(`\n${passed} passed, ${failures.length} failed\n`);
