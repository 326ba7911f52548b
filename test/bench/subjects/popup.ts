import { POPUP_PAGE } from '../../e2e/harness/addresses';
import { startBackend } from '../stage/backend';
import { extensionWithPages, launchOurs, pageOfBench } from '../stage/extension';
import type { Subject } from '../subject';

const BARE = 'a bare preact page';

/** How soon something of the popup is on the screen. */
export const popup: Subject = {
  name: 'popup',
  rounds: 11,
  warmsUp: true,
  limitMs: 240_000,
  rows: [
    {
      what: 'popup in a tab, first contentful paint',
      figure: 'paint',
      unit: 'ms',
      holds: [{ kind: 'times', side: BARE, most: 1.3 }],
    },
  ],
  async prepare(stage) {
    const backend = await stage.keep(startBackend(10, 0), ({ close }) => close());
    const browser = await launchOurs(stage, backend, { extension: await extensionWithPages(stage) });
    const painting = (path: string) => async () => {
      await browser.backstage.askWorker();
      const page = await browser.open(browser.extensionUrl(path));
      const paint = await page.evaluate(firstContentfulPaint);
      await page.close();
      return { paint };
    };
    return [
      { name: 'ours', measure: painting(POPUP_PAGE) },
      { name: BARE, measure: painting(pageOfBench('bare-preact')) },
    ];
  },
};

/** Runs in a page: milliseconds from its navigation, as soon as it is painted. */
function firstContentfulPaint(): Promise<number> {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const [paint] = list.getEntriesByName('first-contentful-paint');
      if (paint !== undefined) resolve(paint.startTime);
    }).observe({ type: 'paint', buffered: true });
  });
}
