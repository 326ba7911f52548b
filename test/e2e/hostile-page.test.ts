import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { check, FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';

/** What the portals' test pages let a test do: see test/e2e/portals/shell.js. */
declare const portal: { render(): void };

const spec = oneWorld();

const HOST = '[data-partner-of-record]';
const COVERED = 'Something covers this panel';

/** Where the panel is, by its own word. */
function placeOf(page: Page): Promise<string | null> {
  return page.evaluate((host) => document.querySelector<HTMLElement>(host)?.dataset['place'] ?? null, HOST);
}

/** Lays something over the window, or over where the panel is now, that nobody sees and every click goes through. */
async function cover(page: Page, what: 'window' | 'panel'): Promise<void> {
  await page.evaluate(
    ([host, all]) => {
      const { left, top, width, height } = document.querySelector(host)?.getBoundingClientRect() ?? new DOMRect();
      const overlay = document.createElement('div');
      overlay.id = 'overlay';
      overlay.style.cssText = 'position: fixed; z-index: 2147483647; pointer-events: none';
      Object.assign(
        overlay.style,
        all ? { inset: '0' } : { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` },
      );
      document.documentElement.append(overlay);
    },
    [HOST, what === 'window'] as const,
  );
}

const uncover = (page: Page) => page.evaluate(() => document.querySelector('#overlay')?.remove());

describe('A panel on a page as pages are', () => {
  it('stays inline, also while it is scrolled half out of view', async () => {
    const { page, panel } = await spec.openPanel(await spec.world.newSubscription());
    await page.evaluate(() => document.documentElement.scrollTo(0, 150));
    await check(panel, FABRIKAM);
    await page.evaluate(() => new Promise((later) => setTimeout(later, 700)));
    expect(await placeOf(page)).toBe('inline');
    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
    expect(await placeOf(page)).toBe('inline');
  });
});

describe('A page that covers the panel', () => {
  it('everywhere: it docks, and a click through the cover is refused with the reason and sends nothing', async () => {
    const record = await spec.world.newSubscription({ partnerId: NORTHWIND.partnerId });
    const { page, panel } = await spec.openPanel(record);
    await check(panel, FABRIKAM);
    await cover(page, 'window');
    await expect.poll(() => placeOf(page)).toBe('docked');
    await panel.click('button', 'Save partner');
    await panel.waitForText(COVERED);
    await panel.click('button', 'Remove partner');
    await panel.click('button', 'Yes');
    await panel.waitFor('alertdialog', 'Remove partner of record?');
    expect(spec.world.proxy.writes()).toEqual([]);
    expect(await spec.world.backstage.changesOf(record.subscriptionId)).toEqual([]);

    // Taken away at the last moment it still was there when the person looked.
    await uncover(page);
    await panel.click('button', 'No');
    await panel.click('button', 'Save partner');
    await panel.waitForText(COVERED);
    expect(spec.world.proxy.writes()).toEqual([]);
    await page.evaluate(() => new Promise((later) => setTimeout(later, 600)));
    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
    expect(await panel.text()).not.toContain(COVERED);

    await cover(page, 'window');
    await page.evaluate(() => new Promise((later) => setTimeout(later, 200)));
    await panel.click('button', 'Undo');
    await panel.waitForText(COVERED);
    expect(spec.world.proxy.writes()).toHaveLength(1);
  });

  it('where it is inline: it docks, works there, and goes back once the place is free', async () => {
    const { page, panel } = await spec.openPanel(await spec.world.newSubscription());
    await cover(page, 'panel');
    await expect.poll(() => placeOf(page)).toBe('docked');
    await check(panel, FABRIKAM);
    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
    expect(await placeOf(page)).toBe('docked');
    await uncover(page);
    await expect.poll(() => placeOf(page), { timeout: 5000 }).toBe('inline');
    await panel.waitGone('button', 'Collapse the panel');
  });

  it('just before the click: the click is not acted on, and the panel leaves the place', async () => {
    const { page, panel } = await spec.openPanel(await spec.world.newSubscription());
    await check(panel, FABRIKAM);
    await cover(page, 'panel');
    await page.evaluate(() => new Promise((later) => setTimeout(later, 150)));
    await panel.click('button', 'Save partner');
    await panel.waitForText(COVERED);
    expect(await placeOf(page)).toBe('docked');
    expect(spec.world.proxy.writes()).toEqual([]);
  });
});

describe('A page that changes how the panel looks', () => {
  const effects: readonly (readonly [what: string, on: 'main' | 'body', style: string])[] = [
    ['part of the page is almost opaque', 'main', 'opacity: 0.99'],
    ['the body is almost opaque', 'body', 'opacity: 0.99'],
    ['part of the page is rotated and filtered', 'main', 'rotate: 1deg; filter: brightness(0.98)'],
  ];
  it.each(effects)('without harm, %s: it docks outside of that, stays there and works', async (_what, on, style) => {
    const { page, panel } = await spec.openPanel(await spec.world.newSubscription());
    await page.evaluate(
      ([selector, css]) => {
        const element = document.querySelector<HTMLElement>(selector);
        if (element !== null) element.style.cssText = css;
      },
      [on, style] as const,
    );
    await expect.poll(() => placeOf(page)).toBe('docked');
    // The portal draws its content anew: no reason to try the same again.
    await page.evaluate(() => portal.render());
    await check(panel, FABRIKAM);
    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
    expect(await placeOf(page)).toBe('docked');
    expect(await panel.count()).toBe(1);
  });
});
