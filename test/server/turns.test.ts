import { describe, expect, it } from 'vitest';
import { createTurns } from '../../server/src/subscriptions/turns';
import { deferred } from '../support/deferred';

const locked = () => Object.assign(new Error('somebody holds it'), { code: '55P03' });

describe('turns', () => {
  it('come one after the other for one thing, in the order in which they were asked for, and at once for another', async () => {
    const inTurn = createTurns();
    const first = deferred();
    const order: string[] = [];
    const all = [
      inTurn('a', async () => {
        await first.promise;
        order.push('a1');
      }),
      inTurn('a', async () => order.push('a2')),
      inTurn('a', async () => order.push('a3')),
      inTurn('b', async () => order.push('b')),
    ];
    await all[3];
    expect(order).toEqual(['b']);
    first.resolve();
    await Promise.all(all);
    expect(order).toEqual(['b', 'a1', 'a2', 'a3']);
  });

  it('go on after one that failed', async () => {
    const inTurn = createTurns();
    const failed = inTurn('a', () => Promise.reject(new Error('its own')));
    const next = inTurn('a', async () => 'done');
    await expect(failed).rejects.toThrow('its own');
    expect(await next).toBe('done');
  });

  it('refuse those who waited behind one that could not have its lock, and not who comes after them', async () => {
    const inTurn = createTurns();
    const first = deferred();
    let tried = 0;
    const held = () =>
      inTurn('a', async () => {
        tried++;
        await first.promise;
        throw locked();
      });
    const all = [held(), held(), held()];
    first.resolve();
    const ends = await Promise.allSettled(all);
    expect(ends.map((end) => end.status === 'rejected' && end.reason.code)).toEqual(['55P03', '55P03', '55P03']);
    expect(tried).toBe(1);
    expect(await inTurn('a', async () => 'done')).toBe('done');
  });
});
