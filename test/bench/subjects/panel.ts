import type { CDPSession } from 'playwright-core';
import { panelOn } from '../../e2e/harness/panel';
import { startPortals } from '../../e2e/harness/portals';
import { until } from '../../e2e/harness/until';
import { azurePage } from '../../e2e/harness/addresses';
import { startBackend } from '../stage/backend';
import { launchOurs, NAMES, type OurBrowser } from '../stage/extension';
import type { Subject } from '../subject';

const MOST_MS = 100;
/** Where the portal's page begins: no subscription's. */
const HOME = 'https://portal.azure.com/#home';

/** How long somebody waits for the panel after the portal's address has become a subscription's. */
export const panel: Subject = {
  name: 'panel',
  rounds: 11,
  warmsUp: true,
  limitMs: 240_000,
  rows: [
    {
      what: 'from a route change to the panel on screen with its data, the worker awake',
      figure: 'next',
      unit: 'ms',
      holds: [{ kind: 'atMost', most: MOST_MS }],
    },
    {
      what: 'the same for the first panel of a page, which is injected',
      figure: 'first',
      unit: 'ms',
      holds: [{ kind: 'atMost', most: MOST_MS }],
    },
  ],
  async prepare(stage) {
    const backend = await stage.keep(startBackend(2, 0), ({ close }) => close());
    const portals = await stage.keep(startPortals(), ({ close }) => close());
    const browser = await launchOurs(stage, backend, { hostResolverRules: portals.hostResolverRules });
    const [one, other] = backend.subscriptions().map(({ subscriptionId }) => azurePage(subscriptionId));
    if (one === undefined || other === undefined) throw new Error('There are two subscriptions');
    return [{ name: 'ours', measure: () => goingTo(browser, one, other) }];
  },
};

async function goingTo(browser: OurBrowser, one: string, other: string) {
  const { backstage, context } = browser;
  // Or a portal that shows so many subscriptions would be asked to have the person press first.
  await backstage.forgetPortalUses();
  await backstage.askWorker();
  const page = await browser.open(HOME);
  await page.bringToFront();
  const session = await context.newCDPSession(page);
  const contextId = await extensionsWorld(session, browser);
  const go = async (address: string) => {
    await backstage.askWorker();
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      contextId,
      expression: `${NAMES}; (${untilShown})(${JSON.stringify(address)}, 'No partner of record')`,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description);
    await panelOn(page).waitForText('No partner of record');
    return Number(result.value);
  };
  const first = await go(one);
  const next = await go(other);
  await page.close();
  return { next, first };
}

/** The world of the extension’s scripts on a page, which alone gets into the panel's closed root. */
async function extensionsWorld(session: CDPSession, { extensionUrl }: OurBrowser): Promise<number> {
  const origin = extensionUrl('').replace(/\/$/, '');
  let contextId: number | undefined;
  session.on('Runtime.executionContextCreated', ({ context }) => {
    if (context.origin === origin) contextId = context.id;
  });
  await session.send('Runtime.enable');
  return until('the extension’s own world on the page', async () => contextId);
}

declare const chrome: { readonly dom: { openOrClosedShadowRoot(host: Element): ShadowRoot | null } };

/** Runs in the extension's world: the milliseconds from the change of the address to the frame that has that text in the panel. */
function untilShown(address: string, text: string): Promise<number> {
  const began = performance.now();
  const before = document.querySelector('[data-partner-of-record]');
  location.assign(address);
  return new Promise((resolve) => {
    requestAnimationFrame(function look() {
      const host = document.querySelector('[data-partner-of-record]');
      const isNew = host !== null && host !== before;
      const root = isNew ? chrome.dom.openOrClosedShadowRoot(host) : null;
      const isShown =
        root?.textContent?.includes(text) === true && host !== null && host.getBoundingClientRect().height > 0;
      // What is there in this frame is drawn at its end.
      if (isShown) resolve(performance.now() - began);
      else requestAnimationFrame(look);
    });
  });
}
