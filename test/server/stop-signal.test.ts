import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stopSignal } from '../../server/src/commands/stop-signal';

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;
type Signal = keyof typeof SIGNALS;
const NAMES: readonly Signal[] = ['SIGINT', 'SIGTERM'];

let ends: unknown[];
let told: string;
let before: Map<Signal, Set<unknown>>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  ends = [];
  told = '';
  before = new Map(NAMES.map((name) => [name, new Set<unknown>(process.listeners(name))]));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += text;
    return true;
  });
  vi.spyOn(process, 'exit').mockImplementation((code) => ends.push(code) as never);
});
afterEach(() => {
  for (const name of NAMES) {
    for (const one of process.listeners(name)) if (!before.get(name)?.has(one)) process.off(name, one);
  }
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** As the system has it come, to whom this test has had listen. */
function come(name: Signal): void {
  for (const one of process.listeners(name))
    if (!before.get(name)?.has(one)) Reflect.apply(one, process, [name, SIGNALS[name]]);
}

it.each([
  ['SIGTERM', 'SIGTERM'],
  ['SIGINT', 'SIGINT'],
  ['SIGINT', 'SIGTERM'],
] as const)(
  '%s and %s within a second are one wish to stop, and a later one ends the process',
  async (first, second) => {
    const asked = stopSignal();
    come(first);
    expect(await asked).toBe(first);
    vi.advanceTimersByTime(1000);
    come(second);
    expect([ends, told]).toEqual([[], '']);
    vi.advanceTimersByTime(1);
    come(second);
    expect(ends).toEqual([128 + SIGNALS[second]]);
    expect(told).toBe(`${second} came again, so what was still under way is not finished.\n`);
  },
);
