import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ExtensionBrowser, launchBrowser } from './harness/browser';
import { type FaultProxy, isRead, startFaultProxy } from './harness/fault-proxy';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';

/** Longer than anything of the harness waits. */
const TWO_MINUTES_MS = 120_000;

let browser: ExtensionBrowser;
let backstage: Backstage;
let proxy: FaultProxy;

beforeAll(async () => {
  [browser, proxy] = await Promise.all([launchBrowser(), startFaultProxy('http://localhost:9/v1')]);
  backstage = await openBackstage(browser);
});
afterAll(() => Promise.all([browser.close(), proxy.close()]));
// What waits for a dead worker goes on with the next one.
afterEach(() => backstage.askWorker());

/** What a wait that never comes to its end says of itself, two minutes later. */
async function saidBy(wait: () => Promise<unknown>): Promise<string> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  try {
    const said = wait().then(
      () => 'It came to its end',
      (error: Error) => error.message,
    );
    await vi.advanceTimersByTimeAsync(TWO_MINUTES_MS);
    return await said;
  } finally {
    vi.useRealTimers();
  }
}

const forEver = () => new Promise<boolean>(() => undefined);

it('A browser of the harness has off what Playwright switches off, and no page of its own for the address bar', async () => {
  const session = await browser.context.newCDPSession(backstage.page);
  const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] });
  expect(targetInfos.filter(({ type }) => type === 'browser_ui')).toEqual([]);
  const page = await browser.open('chrome://version');
  const line = (await page.locator('#command_line').textContent()) ?? '';
  const [playwrights = [], ours = []] = [...line.matchAll(/--disable-features=(\S+)/g)].map(([, names = '']) =>
    names.split(','),
  );
  expect(ours).toContain('WebUIOmniboxPopup');
  expect(playwrights.filter((name) => !ours.includes(name))).toEqual([]);
  await page.close();
});

describe('A wait of the harness that has no end says what it waited for', () => {
  it('going offline beside a worker that was killed', async () => {
    await backstage.askWorker();
    await backstage.killWorker();
    expect(await saidBy(() => browser.context.setOffline(true))).toBe(
      'Waited 60 s for BrowserContext.setOffline(true) to come back.',
    );
    await backstage.askWorker();
    await browser.context.setOffline(false);
  });

  it('looking into a worker that was killed', async () => {
    await backstage.askWorker();
    const [worker] = browser.context.serviceWorkers();
    await backstage.killWorker();
    expect(await saidBy(async () => worker?.evaluate(() => 1))).toBe(
      `Waited 60 s for Worker.evaluate(a function) on ${worker?.url()} to come back.`,
    );
  });

  it('a page that never answers, by whichever way it was come by', async () => {
    const handed: Page[] = [];
    browser.context.once('page', (page) => handed.push(page));
    const page = await browser.open('about:blank');
    for (const one of [page, ...handed, ...browser.context.pages().slice(-1)]) {
      expect(one).toBe(page);
      expect(await saidBy(() => one.evaluate(forEver))).toBe(
        'Waited 60 s for Page.evaluate(a function) on about:blank to come back.',
      );
    }
    const session = await browser.context.newCDPSession(page);
    const asked = { expression: 'new Promise(() => undefined)', awaitPromise: true };
    expect(await saidBy(() => session.send('Runtime.evaluate', asked))).toBe(
      'Waited 60 s for CDPSession.send("Runtime.evaluate", …) to come back.',
    );
    await page.close();
  });

  it('a look that never answers', async () => {
    const page = await browser.open('about:blank');
    expect(await saidBy(() => until('a sign', () => page.evaluate(forEver)))).toBe(
      'Waited 35 s for an answer to a look for a sign.',
    );
    await page.close();
  });

  it('a request that nobody makes', async () => {
    expect(await saidBy(() => proxy.hold('before', isRead).arrived)).toBe(
      'Waited 90 s for a request that meets the fault “holdBefore”.',
    );
  });
});
