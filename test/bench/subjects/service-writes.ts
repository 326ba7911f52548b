import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startServices } from '../stage/service';
import type { Subject } from '../subject';
import { WRITING, type Writing } from '../stage/writing';

const SUBSCRIPTIONS = 10_000;
const CLIENTS = 50;
const CHANGES_EACH = 20;
const BARE = 'its statements sent bare';

const ROOT = join(import.meta.dirname, '../../..');

/** What the service adds to the statements of a change. */
export const serviceWrites: Subject = {
  name: 'service-writes',
  rounds: 5,
  warmsUp: true,
  limitMs: 600_000,
  rows: [
    {
      what: `service, a change by ${CLIENTS} clients at once, 95th percentile`,
      figure: 'write',
      unit: 'ms',
      holds: [{ kind: 'times', side: BARE, most: 2 }],
    },
  ],
  async prepare(stage) {
    const [service] = await startServices(stage, [SUBSCRIPTIONS]);
    if (service === undefined) throw new Error('A service was started');
    let partners = 0;
    // In a process of their own, so that nothing of ours holds them up.
    const writing = (how: Writing['how']) => async () => {
      partners += 1;
      const wanted: Writing = { how, service, clients: CLIENTS, changesEach: CHANGES_EACH, partner: partners };
      const script = join(ROOT, 'test/bench/stage/writers.ts');
      const env = { ...process.env, [WRITING]: JSON.stringify(wanted) };
      const { stdout } = await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsx'), [script], { env });
      return { write: Number(stdout) };
    };
    return [
      { name: 'ours', measure: writing('service') },
      { name: BARE, measure: writing('bare') },
    ];
  },
};
