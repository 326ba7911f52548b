import { SUBSCRIPTIONS_PAGE } from '../../e2e/harness/addresses';
import { until } from '../../e2e/harness/until';
import { prepareBatch } from '../stage/asking';
import { type BenchBackend, startBackend } from '../stage/backend';
import { inOurWorker, launchOurs } from '../stage/extension';
import type { Subject } from '../subject';

const CHANGES = 1000;
const ANSWERS_AFTER_MS = 20;
/** As many as a connection of ours has on the wire. */
const AT_ONCE = 4;
const BARE = `a bare loop of ${AT_ONCE} at once`;
/** Above what today's way takes on a busy machine. */
const ENDED_WITHIN_MS = 900_000;

/** What carrying changes safely costs over sending them. */
export const bulk: Subject = {
  name: 'bulk',
  rounds: 5,
  warmsUp: false,
  limitMs: 3_600_000,
  rows: [
    {
      what: `${CHANGES.toLocaleString('en')} changes in bulk, a backend that answers in ${ANSWERS_AFTER_MS} ms, the page open`,
      figure: 'changes',
      unit: 'ms',
      holds: [{ kind: 'times', side: BARE, most: 1.3 }],
    },
  ],
  async prepare(stage) {
    const start = () => stage.keep(startBackend(CHANGES, ANSWERS_AFTER_MS), ({ close }) => close());
    // One for each: what the bare loop writes would be changes made elsewhere, a thousand of which the page would tell of.
    const [backend, bares] = [await start(), await start()];
    const browser = await launchOurs(stage, backend);
    const page = await browser.open(browser.extensionUrl(SUBSCRIPTIONS_PAGE));
    await page.getByRole('table').waitFor();
    let partners = 0;
    // Each time another one, so that every change takes effect.
    const nextPartner = () => {
      partners += 1;
      return String(100_000 + partners);
    };

    async function ours() {
      const ask = await prepareBatch(browser, page, nextPartner());
      const before = backend.effects();
      const began = performance.now();
      await ask();
      await until('every change at the backend', async () => backend.effects() - before === CHANGES, PATIENT);
      await until('every change ended', async () => (await browser.backstage.history('openTarget', 1)).length === 0);
      return { changes: performance.now() - began };
    }

    async function bare() {
      const { url, token, subscriptions } = bares;
      const changes = subscriptions().map(({ subscriptionId, etag }) => ({ subscriptionId, etag }));
      const before = bares.effects();
      const took = await inOurWorker(browser, sendAll, {
        url,
        token,
        changes,
        partnerId: nextPartner(),
        atOnce: AT_ONCE,
      });
      if (bares.effects() - before !== CHANGES) throw new Error('The bare loop did not make every change');
      return { changes: took };
    }

    return [
      { name: 'ours', measure: ours },
      { name: BARE, measure: bare },
    ];
  },
};

const PATIENT = { patienceMs: ENDED_WITHIN_MS };

interface Sending extends Pick<BenchBackend, 'url' | 'token'> {
  readonly changes: readonly { readonly subscriptionId: string; readonly etag: string }[];
  readonly partnerId: string;
  readonly atOnce: number;
}

/** Runs in the worker: the milliseconds that the same requests take with nothing around them. */
async function sendAll({ url, token, changes, partnerId, atOnce }: Sending): Promise<number> {
  const began = performance.now();
  const left = [...changes];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let change = left.shift(); change !== undefined; change = left.shift()) {
        const answer = await fetch(`${url}/subscriptions/${change.subscriptionId}/partnerOfRecord`, {
          method: 'PUT',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'if-match': change.etag,
            'idempotency-key': crypto.randomUUID(),
          },
          body: JSON.stringify({ partnerId }),
        });
        await answer.json();
      }
    }),
  );
  return performance.now() - began;
}
