import { setTimeout as pause } from 'node:timers/promises';
import { OPTIONS_PAGE, SUBSCRIPTIONS_PAGE } from '../../e2e/harness/addresses';
import { fillConnection, saveConnection } from '../../e2e/harness/options';
import { until } from '../../e2e/harness/until';
import { prepareBatch } from '../stage/asking';
import { startBackend, type Wall } from '../stage/backend';
import { launchOurs } from '../stage/extension';
import type { Subject } from '../subject';

const CHANGES = 200;
const WALL_SECONDS = 10;
/** As many as a lane has on the wire. */
const WIDTH = 4;
/** Above what it takes on a busy machine until all have been tried again and ended. */
const ENDED_WITHIN_MS = 180_000;

/** What a service gets of many changes that asks for patience, or for a sign-in. */
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
    {
      what: `requests of ${CHANGES} changes into a wall of 401, before somebody signs in`,
      figure: 'unsigned',
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
    /** How many requests come within the time of a wall; each change comes to its end all the same once `open` was done. */
    const into = async (wall: Wall, open: () => Promise<unknown>): Promise<number> => {
      round += 1;
      const ask = await prepareBatch(browser, page, String(100_000 + round));
      const [writes, effects] = [backend.writes.length, backend.effects()];
      backend.wall(wall);
      const asking = ask();
      const first = await until('the first request', async () => backend.writes[writes]);
      const over = first + WALL_SECONDS * 1000;
      await pause(over - performance.now());
      const requests = backend.writes.slice(writes).filter((at) => at < over).length;
      backend.wall(null);
      await open();
      await asking;
      await until('every change at the backend', async () => backend.effects() - effects === CHANGES, {
        patienceMs: ENDED_WITHIN_MS,
      });
      await until('every change ended', async () => (await browser.backstage.history('openTarget', 1)).length === 0);
      return requests;
    };
    const signIn = async () => {
      const options = await browser.open(browser.extensionUrl(OPTIONS_PAGE));
      await fillConnection(options, backend.url, backend.token);
      await saveConnection(options);
      await options.close();
    };
    const measure = async () => ({
      requests: await into({ status: 429, retryAfterSeconds: WALL_SECONDS }, async () => undefined),
      unsigned: await into({ status: 401 }, signIn),
    });
    return [{ name: 'ours', measure }];
  },
};
