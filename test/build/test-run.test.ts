import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Layer, measure, type Outcome, type Part } from '../../scripts/testing/layer';
import { tally } from '../../scripts/testing/progress';
import { runTool } from '../../scripts/testing/tool';

const print = () => undefined;

describe('A layer of npm test', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const passing: Part = async () => ({ passed: 2, failures: [] });
  const hanging: Part = () => new Promise<Outcome>(() => undefined);
  const throwing: Part = async () => {
    throw new Error('there is no server');
  };
  /** Ends when it is told to, with what it came to until then. */
  const obedient: Part = (_print, signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve({ passed: 3, failures: ['hung in a test'] }));
    });
  async function come(parts: Part[], limitMs = 60_000, leftMs = 600_000) {
    const layer: Layer = { name: 'server', limitMs, parts };
    const result = measure(layer, print, Date.now() + leftMs);
    await vi.advanceTimersByTimeAsync(200_000);
    const { passed, failures } = await result;
    return { passed, failures };
  }

  it('that ends has its counts', async () => {
    expect(await come([passing, passing])).toEqual({ passed: 4, failures: [] });
  });

  it('that can not run is told by its name, and what comes after runs', async () => {
    expect(await come([throwing, passing])).toEqual({ passed: 2, failures: ['server: there is no server'] });
  });

  it('that hangs is ended and told by its name, with what it came to', async () => {
    expect(await come([passing, hanging, passing])).toEqual({
      passed: 2,
      failures: ['server: did not end within 60 s'],
    });
  });

  it('that is told to end says what it came to and what it hung in', async () => {
    expect(await come([obedient])).toEqual({ passed: 3, failures: ['server: hung in a test'] });
  });

  it('that begins late has what is left of the whole run', async () => {
    expect(await come([hanging], 60_000, 20_000)).toEqual({
      passed: 0,
      failures: ['server: did not end within 20 s'],
    });
  });
});

describe('A tool of npm test', () => {
  it('answers its exit code and prints what it says', async () => {
    const said: string[] = [];
    const { signal } = new AbortController();
    const env = { WORD: 'spoken' };
    const code = await runTool('sh', ['-c', 'echo $WORD; exit 3'], { print: (text) => said.push(text), signal, env });
    expect([code, said.join('')]).toEqual([3, 'spoken\n']);
  });

  it('is ended with all that it started, though it takes no signal and its children hold its output open', async () => {
    const stop = new AbortController();
    const said: string[] = [];
    const script = 'trap "" TERM; sleep 1000 & echo $!; wait; sleep 1000';
    const code = runTool('sh', ['-c', script], { print: (text) => said.push(text), signal: stop.signal });
    await expect.poll(() => said.length).toBeGreaterThan(0);
    stop.abort();
    expect(await code).toBeNull();
    const child = Number(said.join(''));
    expect(child).toBeGreaterThan(0);
    await expect.poll(() => isRunning(child)).toBe(false);
  });
});

describe('The counts of a run of vitest', () => {
  const lines = (...steps: object[]) => steps.map((step) => `${JSON.stringify(step)}\n`).join('');
  const began = (name: string) => ({ kind: 'testBegan', id: name, name });
  const ended = (name: string, state: string) => ({ kind: 'testEnded', id: name, name, file: 'f', state });
  const fileBegan = { kind: 'fileBegan', id: 'f', name: 'f.test.ts' };
  const fileEnded = (state: string) => ({ kind: 'fileEnded', id: 'f', name: 'f.test.ts', file: 'f', state });

  it.each([
    ['nothing', [], { passed: 0, failures: [], underWay: [] }],
    [
      'a run that ended',
      [fileBegan, began('a'), ended('a', 'passed'), began('b'), ended('b', 'failed'), fileEnded('failed')],
      { passed: 1, failures: ['failed: b'], underWay: [] },
    ],
    [
      'a test that was left out',
      [fileBegan, ended('a', 'skipped'), fileEnded('skipped')],
      { passed: 0, failures: ['skipped: a'], underWay: [] },
    ],
    [
      'a file that did not load, or whose last hook failed',
      [fileBegan, ended('a', 'passed'), fileEnded('failed')],
      { passed: 1, failures: ['failed outside its tests: f.test.ts'], underWay: [] },
    ],
    [
      'a run that hung in a test',
      [fileBegan, began('a'), ended('a', 'passed'), began('b')],
      { passed: 1, failures: [], underWay: ['b'] },
    ],
    ['a run that hung before a test', [fileBegan], { passed: 0, failures: [], underWay: ['f.test.ts'] }],
  ])('of %s', (_what, steps, counts) => {
    expect(tally(lines(...steps))).toEqual(counts);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
