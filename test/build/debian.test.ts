import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inTurn } from '../../scripts/debian';
import { freePort } from '../../scripts/counterparts/free-port';

it('one installs at a time, though the one before fails', async () => {
  const done: string[] = [];
  const install = (name: string) =>
    inTurn(async () => {
      done.push(`${name} begins`);
      await wait(150);
      done.push(`${name} ends`);
      if (name === 'nginx') throw new Error('no such package');
    });
  const first = install('nginx');
  await expect.poll(() => done).toEqual(['nginx begins']);
  await Promise.all([expect(first).rejects.toThrow('no such package'), install('postgresql'), install('firefox-esr')]);
  expect(done.filter((_, place) => place % 2 === 0).map((what) => what.split(' ')[1])).toEqual(Array(3).fill('begins'));
  for (let place = 0; place < done.length; place += 2) {
    expect(done[place + 1]).toBe(done[place]?.replace('begins', 'ends'));
  }
});

it('a free port is none that the system gives by itself to whoever connects meanwhile', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  for (const port of ports) expect(port).toBeLessThan(32_768);
});
