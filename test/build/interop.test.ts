import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { adapt } from '../../scripts/counterparts/adapt';
import { unhandled } from '../../scripts/interop/docs-commands';
import { report, type Subject } from '../../scripts/interop/proof';
import { pageOf } from '../../scripts/interop/table';

const subject = (prove: Subject['prove'], install: Subject['install'] = async () => undefined): Subject => ({
  name: 'Thing',
  limitMs: 200,
  install,
  prove,
});

describe('npm run interop', () => {
  it('names what holds, what does not, and goes on behind it', async () => {
    const { versions, held, failed } = await report(
      subject(async ({ tried, holds }) => {
        tried('Thing 1.0');
        await holds('it answers', async () => 'at once');
        await holds('it is polite', () => Promise.reject(new Error('It is not.')));
        await holds('it ends', async () => undefined);
      }),
    );
    expect({ versions, held, failed }).toEqual({
      versions: ['Thing 1.0'],
      held: [
        { what: 'it answers', how: 'at once' },
        { what: 'it ends', how: '' },
      ],
      failed: [{ what: 'it is polite', why: 'It is not.' }],
    });
  });

  it('fails what cannot be had, by its name', async () => {
    const one = await report(
      subject(
        async () => undefined,
        () => Promise.reject(new Error('/usr/bin/thing is not here.')),
      ),
    );
    expect(one).toMatchObject({
      name: 'Thing',
      versions: [],
      failed: [{ what: 'it could not be started', why: '/usr/bin/thing is not here.' }],
    });
    expect(pageOf([one])).toContain(
      '| Thing, which was not to be had | it could not be started | **did not hold**: /usr/bin/thing is not here. |',
    );
  });

  it('ends what does not come to its end, and all that it started, the last first', async () => {
    const stopped: string[] = [];
    const { failed } = await report(
      subject(async ({ tried, keep }) => {
        tried('Thing 1.0');
        for (const name of ['first', 'last'])
          await keep(Promise.resolve({ stop: async () => void stopped.push(name) }));
        await keep(wait(300, { stop: async () => void stopped.push('late') }));
        await new Promise(() => undefined);
      }),
    );
    expect(failed).toEqual([{ what: 'it came to its end', why: 'Waited 0.2 s for Thing to come to its end.' }]);
    expect(stopped).toEqual(['late', 'last', 'first']);
  });

  it('runs every command that the docs have in a block, or says why not', async () => {
    expect(await unhandled()).toEqual([]);
  });

  it('tells when a page and who reads its configuration have come apart', () => {
    expect(() => adapt('listen 8443 ssl;', { 'listen 443': 'listen 1' })).toThrow('does not have “listen 443”');
  });
});
