import { describe, expect, it, vi } from 'vitest';
import { measure } from '../../bench/measure';
import type { Subject } from '../../bench/subject';

const print = () => undefined;

function subject(prepare: Subject['prepare'], more: Partial<Subject> = {}): Subject {
  const rows = [{ what: 'a thing', figure: 'ms', unit: 'ms', holds: [] }] as const;
  return { name: 'a', rounds: 3, warmsUp: false, limitMs: 10_000, rows, prepare, ...more };
}

describe('A subject of the bench', () => {
  it('is measured in rounds, side after side in each, and what warms up is not counted', async () => {
    const order: string[] = [];
    const sideOf = (name: string) => ({
      name,
      measure: async () => {
        order.push(name);
        return { ms: order.length };
      },
    });
    const [row] = await measure(
      subject(async () => [sideOf('ours'), sideOf('bare')], { warmsUp: true }),
      {
        rounds: 2,
        peers: [],
        print,
      },
    );
    expect(order).toEqual(['ours', 'bare', 'ours', 'bare', 'ours', 'bare']);
    expect(row?.sides.map(({ rounds }) => rounds)).toEqual([
      [3, 5],
      [4, 6],
    ]);
  });

  it('ends what it started, the last first, also where it could not be measured', async () => {
    const ended: string[] = [];
    const prepare: Subject['prepare'] = async ({ keep }) => {
      for (const name of ['first', 'last']) await keep(Promise.resolve(name), async () => ended.push(name));
      throw new Error('There is no browser');
    };
    await expect(measure(subject(prepare), { peers: [], print })).rejects.toThrow('There is no browser');
    expect(ended).toEqual(['last', 'first']);
  });

  it('that hangs is given up at its limit, and what it started ends', async () => {
    vi.useFakeTimers();
    try {
      const end = vi.fn(async () => undefined);
      const prepare: Subject['prepare'] = async ({ keep }) => {
        await keep(Promise.resolve(), end);
        return [{ name: 'ours', measure: () => new Promise(() => undefined) }];
      };
      const failing = expect(measure(subject(prepare), { peers: [], print })).rejects.toThrow(
        'Waited 10 s for a to be measured',
      );
      await vi.advanceTimersByTimeAsync(10_000);
      await failing;
      expect(end).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });
});
