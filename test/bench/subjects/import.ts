import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SUBSCRIPTIONS_PAGE } from '../../e2e/harness/addresses';
import { previewOf } from '../../e2e/harness/import-preview';
import { startBackend } from '../stage/backend';
import { launchOurs } from '../stage/extension';
import type { Subject } from '../subject';

const LINES = 10_000;
/** One line in so many is bad. */
const BAD_EVERY = 200;
const PARTNERS = 40;
const LISTED_WITHIN_MS = 120_000;

/** How soon a long file of changes is previewed, and whether the page is alive meanwhile. */
export const importing: Subject = {
  name: 'import',
  rounds: 7,
  warmsUp: true,
  limitMs: 600_000,
  rows: [
    {
      what: `a CSV of ${LINES.toLocaleString('en')} lines in UTF-16, one in ${BAD_EVERY} bad, ${PARTNERS} partners: from the file to its preview`,
      figure: 'previewed',
      unit: 'ms',
      holds: [{ kind: 'atMost', most: 2000 }],
    },
    {
      what: 'the longest that a key waited meanwhile',
      figure: 'longestWait',
      unit: 'ms',
      holds: [{ kind: 'atMost', most: 100 }],
    },
  ],
  async prepare(stage) {
    const backend = await stage.keep(startBackend(LINES, 0), ({ close }) => close());
    const browser = await launchOurs(stage, backend);
    const rows = backend.subscriptions().map(({ subscriptionId }, n) => {
      const isBad = n % BAD_EVERY === BAD_EVERY - 1;
      return `${subscriptionId};${isBad ? '4.85E+06' : 100_000 + (n % PARTNERS)}`;
    });
    const path = join(await stage.folder(), 'partners.csv');
    await writeFile(path, Buffer.from(`\ufeff${['Subscription ID;Partner ID', ...rows].join('\r\n')}\r\n`, 'utf16le'));
    const page = await browser.open(browser.extensionUrl(SUBSCRIPTIONS_PAGE));
    const all = page.getByText(`${LINES.toLocaleString('en')} subscriptions`).first();
    await all.waitFor({ timeout: LISTED_WITHIN_MS });

    const count = (LINES - LINES / BAD_EVERY).toLocaleString('en');
    const ours = async () => {
      await page.getByRole('button', { name: 'Import CSV' }).click();
      const { took, longestWait } = await previewOf(page, path, `Make ${count} changes`);
      await page.getByRole('button', { name: 'Close' }).click();
      return { previewed: took, longestWait };
    };
    return [{ name: 'ours', measure: ours }];
  },
};
