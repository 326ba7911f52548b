import { describe, expect, it } from 'vitest';
import { createHistoryUpdate } from '../../../src/background/history-update';
import type { Clock } from '../../../src/platform/clock';

/** An update of so many parts, of which `fails` says which can not be written. */
function updateOf(parts: number, fails: (part: number) => boolean = () => false) {
  const said: string[] = [];
  let left = parts;
  let now = 0;
  const clock = {
    now: () => now,
    callAt(at: number, callback: () => void) {
      said.push(`${at - now} ms for others`);
      now = at;
      queueMicrotask(callback);
    },
  } as unknown as Clock;
  const update = createHistoryUpdate({
    history: {
      isUpdating: async () => left > 0,
      update: async () => {
        now += 40;
        if (fails(left)) throw new Error('No room');
        left -= 1;
        said.push('moved');
        return left > 0;
      },
    },
    wakefulness: {
      workOpen: async () => void said.push('comes back'),
      allEnded: async () => void said.push('ended'),
      onTheWire: (signal) => signal.addEventListener('abort', () => said.push('may be ended')),
    },
    clock,
    log: { info: () => undefined, error: (what) => said.push(what) },
    onHistory: () => said.push('told'),
  });
  return { update, said };
}

describe('the update of the history', () => {
  it('moves part after part, and gives everybody else a turn as long after each', async () => {
    const { update, said } = updateOf(3);
    await Promise.all([update.run(), update.run()]);
    const turn = ['moved', '40 ms for others'];
    expect(said).toEqual(['comes back', 'told', ...turn, ...turn, 'moved', 'may be ended', 'told', 'ended']);
  });

  it('has nothing to do, and says nothing, where nothing is left', async () => {
    const { update, said } = updateOf(0);
    await update.run();
    expect(said).toEqual(['ended']);
  });

  it('that fails leaves its alarm, and goes on where it was', async () => {
    let full = true;
    const { update, said } = updateOf(2, (left) => full && left === 1);
    await update.run();
    expect(said.at(-1)).toMatch(/until the next try/);
    expect(said).not.toContain('ended');
    full = false;
    await update.run();
    expect(said.filter((one) => one === 'moved')).toHaveLength(2);
    expect(said.at(-1)).toBe('ended');
  });
});
