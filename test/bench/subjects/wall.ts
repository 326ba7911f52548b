import { setTimeout as pause } from 'node:timers/promises';
import { SUBSCRIPTIONS_PAGE } from '../../e2e/harness/addresses';
import { until } from '../../e2e/harness/until';
import { prepareBatch } from '../stage/asking';
import { startBackend } from '../stage/backend';
import { launchOurs } from '../stage/extension';
import type { Subject } from '../subject';

const CHANGES = 200;
const RETRY_AFTER_SECONDS = 10;
/** As many as a lane has on the wire. */
const WIDTH = 4;
/** Above what it takes on a busy machine until all have been tried again and ended. */
const ENDED_WITHIN_MS = 180_000;

/** What a service that asks for patience gets of many changes. */
export const wall: Subject = {
  name: 'wall',
  rounds: 3,
  warmsUp: false,
  limitMs: 700_000,
  rows: [
    {
      what: `requests of ${CHANGES} changes into a wall of 429 with Retry-After, before the time is up`,
      figure: 'requests',
      unit: 'requests',
      holds: [{ kind: 'atMost', most: WIDTH }],
    },
  ],
  async prepare(stage) {
    const backend = await stage.keep(startBackend(CHANGES, 0), ({ close }) => close());
    const browser = await launchOurs(stage, backend);
    const page = await browser.open(browser.extensionUrl(SUBSCRIPTIONS_PAGE));
    await page.getByRole('table').waitFor();
    let round = 0;
    const measure = async () => {
      round += 1;
      const ask = await prepareBatch(browser, page, String(100_000 + round));
      const [writes, effects] = [backend.writes.length, backend.effects()];
      backend.wall(RETRY_AFTER_SECONDS);
      const asking = ask();
      const first = await until('the first request', async () => backend.writes[writes]);
      const over = first + RETRY_AFTER_SECONDS * 1000;
      await pause(over - performance.now());
      const requests = backend.writes.slice(writes).filter((at) => at < over).length;
      backend.wall(null);
      await asking;
      // Each of them comes to its end all the same.
      await until('every change at the backend', async () => backend.effects() - effects === CHANGES, {
        patienceMs: ENDED_WITHIN_MS,
      });
      await until('every change ended', async () => (await browser.backstage.history('openTarget', 1)).length === 0);
      return { requests };
    };
    return [{ name: 'ours', measure }];
  },
};
