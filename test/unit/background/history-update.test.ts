import { describe, expect, it } from 'vitest';
import { createHistoryUpdate } from '../../../src/background/history-update';
import type { Clock } from '../../../src/platform/clock';

/** An update of so many parts, of which `fails` says which can not be written, and so many blocks. */
function updateOf(parts: number, fails: (part: number) => boolean = () => false, blocks = 0) {
  const said: string[] = [];
  let left = parts;
  let unmade = blocks;
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
      makeBlock: async () => {
        if (unmade === 0) return false;
        now += 20;
        unmade -= 1;
        said.push('made');
        return true;
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
    expect(said).toEqual(['told', 'comes back', ...turn, ...turn, 'moved', 'may be ended', 'told', 'ended']);
  });

  it('has nothing to do, and says nothing, where nothing is left', async () => {
    const { update, said } = updateOf(0);
    await update.run();
    expect(said).toEqual(['ended']);
  });

  it('makes block after block once all has moved, with the same turns for others, and tells nobody of these', async () => {
    const { update, said } = updateOf(1, undefined, 3);
    await update.run();
    const moving = ['told', 'comes back', 'moved', 'may be ended', 'told'];
    const turn = ['made', '20 ms for others'];
    expect(said).toEqual([...moving, 'made', 'comes back', ...turn, ...turn, 'may be ended', 'ended']);
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
