import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { checkIn, confirmWindows, press, says, whenArmed } from './harness/confirm-window';
import { FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';
import { until } from './harness/until';

/** Pages with an effect over all of them, as dark modes and colour overlays have: there is a way to every change. */

const spec = oneWorld();
const confirming = confirmWindows(() => spec.world);

const CHANGED = 'Partner information has been changed.';
const REMOVED = 'Partner information has been removed.';

afterEach(() => confirming.tidy());

/** Presses Tab until what has that name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await until(`the focus on “${name}”`, async () => {
    await page.keyboard.press('Tab');
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    return nodes.some(
      (node) =>
        node.name?.value === name &&
        node.properties?.some((property) => property.name === 'focused' && property.value.value === true),
    );
  });
}

describe('Where the panel cannot be sure that it is seen', () => {
  const looks: readonly (readonly [string, () => void])[] = [
    [
      'in a dark-mode filter on the whole document',
      () => {
        document.documentElement.style.filter = 'invert(0.9) hue-rotate(180deg)';
      },
    ],
    [
      'under a colour overlay that lets clicks through',
      () => {
        const overlay = document.createElement('div');
        overlay.style.cssText =
          'position: fixed; z-index: 2147483647; inset: 0; pointer-events: none; background: rgb(255 160 0 / 20%)';
        document.documentElement.append(overlay);
      },
    ],
    [
      'in a dark mode that turns the whole document, and pictures back again',
      () => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('html { filter: invert(1) contrast(0.9); background: #111 } img, svg { filter: invert(1) }');
        document.adoptedStyleSheets = [sheet];
      },
    ],
  ];

  it.each(looks)('%s, a mouse user saves, changes and removes', async (_, look) => {
    const { world } = spec;
    const record = await world.newSubscription();
    const { page, panel } = await spec.openPanel(record);
    await page.evaluate(look);
    // Before the first press.
    await panel.click('button', 'Confirm in the extension');
    const window = await confirming.windowAbout(record);
    for (const partner of [NORTHWIND, FABRIKAM]) {
      await checkIn(window, partner);
      await press(window, 'Save partner');
      await says(window, CHANGED);
      await panel.waitForText(partner.name);
    }
    await press(window, 'Remove partner');
    await press(window, 'Yes');
    await says(window, REMOVED);
    const effects = await world.effects(record.subscriptionId);
    expect(effects.map(({ kind }) => kind)).toEqual(['remove', 'change', 'assign']);
  });

  it.each(looks)('%s, so does a keyboard user', async (_, look) => {
    const { world } = spec;
    const record = await world.newSubscription();
    const { page, panel } = await spec.openPanel(record);
    await page.evaluate(look);
    await panel.waitFor('button', 'Confirm in the extension');
    await tabTo(page, 'Confirm in the extension');
    await page.keyboard.press('Enter');
    const window = await confirming.windowAbout(record);
    await until('the focus in the box', () => window.evaluate(() => document.activeElement?.tagName === 'INPUT'));
    for (const partner of [NORTHWIND, FABRIKAM]) {
      await window.keyboard.type(partner.partnerId);
      await window.keyboard.press('Enter');
      await window.getByText(partner.name).waitFor();
      await tabTo(window, 'Save partner');
      await whenArmed(window, () => window.keyboard.press('Enter'));
      await says(window, CHANGED);
      await panel.waitForText(partner.name);
      await tabTo(window, 'Partner ID');
    }
    await tabTo(window, 'Remove partner');
    await whenArmed(window, () => window.keyboard.press('Enter'));
    await window.getByRole('alertdialog').waitFor();
    // The focus begins on No.
    await until('the focus on No', () => window.evaluate(() => document.activeElement?.textContent === 'No'));
    await window.keyboard.press('Tab');
    await whenArmed(window, () => window.keyboard.press('Enter'));
    await says(window, REMOVED);
    const effects = await world.effects(record.subscriptionId);
    expect(effects.map(({ kind }) => kind)).toEqual(['remove', 'change', 'assign']);
  });
});
