import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Panel } from './harness/panel';
import { SUPPORT } from './harness/service';
import { check, FABRIKAM, HOSTILE, NORTHWIND, oneWorld } from './harness/spec';

const spec = oneWorld();

/** In the browser, while what a person does is watched. */
interface Watched extends Window {
  tops: number[];
  ends: boolean;
}

/** How often what stands below the panel has moved, as seen from the panel's own place, while `act` was done. */
async function movesDuring(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const host = document.querySelector('[data-partner-of-record]');
    const below = host?.nextElementSibling;
    if (!host || !below) throw new Error('Nothing stands below the panel');
    const watched = window as unknown as Watched;
    const top = () => Math.round(below.getBoundingClientRect().top - host.getBoundingClientRect().top);
    watched.tops = [top()];
    watched.ends = false;
    const look = () => {
      if (top() !== watched.tops.at(-1)) watched.tops.push(top());
      if (!watched.ends) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await act();
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const watched = window as unknown as Watched;
        watched.ends = true;
        // Twice: what was drawn last has been looked at.
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(watched.tops.length - 1)));
      }),
  );
}

async function boxOf(page: Page) {
  const box = await page.locator('[data-partner-of-record]').boundingBox();
  if (box === null) throw new Error('The panel is not drawn');
  return box;
}

/** Widths of a panel, and how high its line may be there. */
const WIDTHS = [
  [760, 64],
  [560, 64],
  [559, 104],
  [410, 104],
  [320, 104],
] as const;

/** Gives the panel that width, whatever its portal leaves it. */
async function narrow(page: Page, width: number): Promise<void> {
  await page.locator('[data-partner-of-record]').evaluate((host, to) => {
    const parent = host.parentElement;
    if (parent === null) throw new Error('The panel stands in nothing');
    Object.assign(parent.style, { width: `${to}px`, minWidth: `${to}px`, maxWidth: `${to}px`, padding: '0' });
  }, width);
  await expect.poll(async () => (await boxOf(page)).width).toBe(width);
}

async function whomToAskIsThere(panel: Panel, role: string): Promise<void> {
  if (role === 'DelegatedAdministrator') await panel.waitFor('button', 'Whom do I ask?');
  else await panel.waitForText(SUPPORT);
}

async function save(panel: Panel): Promise<void> {
  await panel.click('button', 'Save partner');
  await panel.waitForText('Partner information has been changed.');
}

describe('A page with a partner', () => {
  it('has a line of at most 64 px where there is room, and two rows of at most 104 px where there is less', async () => {
    const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
    const { page, panel } = await spec.openPanel(record);
    await panel.waitFor('button', 'Change');
    for (const name of ['Remove partner', 'Log']) expect(await panel.find('button', name)).not.toBeNull();
    expect(await panel.find('textbox', 'Partner ID')).toBeNull();
    expect(await panel.text()).toMatch(/Since /);
    await expect.poll(async () => (await boxOf(page)).width).toBeGreaterThanOrEqual(560);
    await expect.poll(async () => (await boxOf(page)).height).toBeLessThanOrEqual(64);
    // The portal leaves the panel half of it.
    for (const width of [1000, 820, 640]) {
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(async () => (await boxOf(page)).width).toBeLessThan(width / 2);
      await expect.poll(async () => (await boxOf(page)).height).toBeLessThanOrEqual(104);
    }
  });

  it.each([
    ['DelegatedAdministrator', 'a partner with delegated administration'],
    ['CoAdministrator', 'a co-administrator'],
    ['Reader', 'a reader'],
  ] as const)('is no higher for somebody who may not change it (%s), and says whole why', async (role, called) => {
    const record = await spec.world.newSubscription({ service: 'azure', role });
    const { page, panel } = await spec.openPanel(record);
    const may = 'the account administrator, subscription administrator, or contributor';
    await panel.waitForText(`You are ${called} here. Only ${may} can change it.`);
    await whomToAskIsThere(panel, role);
    for (const [width, most] of WIDTHS) {
      await narrow(page, width);
      await expect.poll(async () => (await boxOf(page)).height).toBeLessThanOrEqual(most);
    }
  });

  it('ends a name too long in an ellipsis, with the whole of it for those who hear it', async () => {
    const record = await spec.world.newSubscription({ partnerId: HOSTILE.partnerId });
    const { page, panel } = await spec.openPanel(record);
    for (const width of [1280, 640]) {
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(async () => (await boxOf(page)).height).toBeLessThanOrEqual(width === 1280 ? 64 : 104);
      expect(await panel.text()).toContain(HOSTILE.name);
    }
  });

  it('opens the form by “Change” with the focus in the box, and folds it by Escape', async () => {
    const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
    const { page, panel } = await spec.openPanel(record);
    const moves = await movesDuring(page, async () => {
      await panel.click('button', 'Change');
      await panel.waitFor('textbox', 'Partner ID');
    });
    expect(moves).toBe(1);
    await panel.waitForFocus('textbox', 'Partner ID');
    await page.keyboard.type('51208');
    await expect.poll(async () => (await panel.waitFor('textbox', 'Partner ID')).value).toBe('51208');
    await page.keyboard.press('Escape');
    await panel.waitGone('textbox', 'Partner ID');
    await panel.waitForFocus('button', 'Change');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await panel.waitFor('textbox', 'Partner ID')).value).toBe('51208');
  });
});

describe('What stands below the panel', () => {
  it('moves at most once for each thing that a person does, and says by name what was done', async () => {
    const { page, panel } = await spec.openPanel(await spec.world.newSubscription());
    await panel.type('Partner ID', FABRIKAM.partnerId);
    const checked = await movesDuring(page, async () => {
      await panel.pressSeen('button', 'Check ID');
      await panel.waitFor('button', 'Save partner');
    });
    expect(checked).toBe(1);
    const saved = await movesDuring(page, async () => {
      await panel.pressSeen('button', 'Save partner');
      await panel.waitForText('Partner information has been changed.');
    });
    expect(saved).toBe(1);
    expect(await panel.text()).toContain('is now the partner of record and is told by mail.');

    const undone = await movesDuring(page, async () => {
      await panel.pressSeen('button', 'Undo');
      await panel.waitForText('Undone: there is no partner of record again.');
    });
    expect(undone).toBeLessThanOrEqual(1);
    expect(await panel.find('button', 'Undo')).toBeNull();

    await check(panel, NORTHWIND);
    await save(panel);
    const asked = await movesDuring(page, async () => {
      await panel.pressSeen('button', 'Remove partner');
      await panel.waitFor('alertdialog', 'Remove partner of record?');
    });
    expect(asked).toBe(1);
    const removed = await movesDuring(page, async () => {
      await panel.pressSeen('button', 'Yes');
      await panel.waitForText('Partner information has been removed.');
    });
    expect(removed).toBe(1);
    const logged = await movesDuring(page, async () => {
      await panel.pressSeen('button', 'Log');
      await panel.waitFor('list', 'Changes');
    });
    expect(logged).toBeLessThanOrEqual(1);
  });
});

describe('The partners used before', () => {
  it('are offered where there is room: below the box, and above it at the lower edge of the window', async () => {
    const used = await spec.openPanel(await spec.world.newSubscription());
    await check(used.panel, FABRIKAM);
    await save(used.panel);
    const { page, panel } = await spec.openPanel(await spec.world.newSubscription());
    const box = await panel.whereIs('textbox', 'Partner ID');
    for (const below of [500, 60]) {
      await page.locator('[data-partner-of-record]').evaluate(
        (host, top) => {
          if (host.parentElement !== null) host.parentElement.style.paddingTop = `${top}px`;
        },
        800 - below - box.y,
      );
      await page.setViewportSize({ width: 1280, height: 800 });
      await panel.click('textbox', 'Partner ID');
      await expect.poll(() => panel.isInWindow('list', 'Partners used before')).toBe(true);
      await page.keyboard.press('Escape');
      await panel.waitGone('list', 'Partners used before');
      await page.mouse.click(10, 10);
    }
  });
});

describe('The log', () => {
  it('tells from the service who changed what, and when', async () => {
    const record = await spec.world.newSubscription();
    const { panel } = await spec.openPanel(record);
    await check(panel, FABRIKAM);
    await save(panel);
    await panel.click('button', 'Log');
    await panel.waitFor('list', 'Changes');
    const { assignedBy } = (await spec.world.service.read(record.subscriptionId)).partnerOfRecord ?? {};
    const text = async () => (await panel.text()).replaceAll('\n', '');
    await expect.poll(text).toContain(`by ${assignedBy}`);
    await expect.poll(text).toContain(`From no partner to ${FABRIKAM.name}`);
    await panel.click('button', 'Log');
    await panel.waitGone('list', 'Changes');
  });
});
