import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { confirmWindows } from './harness/confirm-window';
import { type Draw, drawFrom } from './harness/draw';
import { type Panel, PRESS_AGAIN } from './harness/panel';
import { FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';
import { until } from './harness/until';

/**
 * What stands against pages that hide the panel must not be met by people who use it. Uses are drawn, with timings as people have
 * them; `HONEST_USES=200` runs as many as the promise is about: at most 2 of 200 meet “Press again”.
 */
const USES = Number(process.env['HONEST_USES'] ?? 10);
const ALLOWED = Math.max(1, Math.floor(USES / 100));

/** What the portals' test pages let a test do: see test/e2e/portals/shell.js. */
declare const portal: { render(): void };

const spec = oneWorld();
const confirming = confirmWindows(() => spec.world);

type Partner = typeof FABRIKAM;

interface Use {
  readonly page: Page;
  readonly panel: Panel;
  readonly draw: Draw;
  readonly partner: Partner;
  /** Notes what stood against the person. */
  readonly meets: (what: string) => void;
}

/** A press that has come to nothing by then was taken by a page that drew itself anew; a slow machine needs a part of it. */
const ACTED_WITHIN_MS = 10_000;

const react = ({ draw }: Use) => pause(draw.between(250, 650));

/** As a hand does it: there in a curve of steps, a moment of aim, and the press. */
async function clickOn(use: Use, role: string, name: string): Promise<void> {
  const { page, panel, draw } = use;
  const { x, y } = await panel.whereIs(role, name);
  const steps = draw.between(4, 14);
  const from = { x: x + draw.between(-300, 300), y: y + draw.between(-200, 200) };
  for (let step = 1; step <= steps; step += 1) {
    const part = step / steps;
    await page.mouse.move(from.x + (x - from.x) * part, from.y + (y - from.y) * part);
    await pause(draw.between(8, 22));
  }
  await pause(draw.between(20, 120));
  await page.mouse.down();
  await pause(draw.between(40, 110));
  await page.mouse.up();
}

async function typeId({ page, draw, partner }: Use): Promise<void> {
  await page.keyboard.press('ControlOrMeta+a');
  for (const digit of partner.partnerId) {
    await page.keyboard.type(digit);
    await pause(draw.between(30, 110));
  }
}

async function pasteId({ page, panel, partner }: Use): Promise<void> {
  await page.evaluate((text) => {
    const source = document.createElement('input');
    source.value = text;
    document.body.append(source);
    source.select();
    document.execCommand('copy');
    source.remove();
  }, partner.partnerId);
  const { x, y } = await panel.whereIs('textbox', 'Partner ID');
  await page.mouse.click(x, y);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+v');
}

const named = ({ panel }: Use) => panel.waitFor('button', 'Save partner');

async function saveByKeys(use: Use): Promise<void> {
  await named(use);
  await react(use);
  // Check ID, what a Partner ID is, the disclosure, Save.
  for (let count = 0; count < 4; count += 1) {
    await use.page.keyboard.press('Tab');
    await pause(use.draw.between(60, 180));
  }
  await use.page.keyboard.press('Enter');
}

async function saveByMouse(use: Use): Promise<void> {
  await named(use);
  await react(use);
  await clickOn(use, 'button', 'Save partner');
}

const KINDS: Readonly<Record<string, (use: Use) => Promise<void>>> = {
  async 'a fast mouse'(use) {
    await clickOn(use, 'textbox', 'Partner ID');
    await typeId(use);
    await clickOn(use, 'button', 'Check ID');
    // Drawn anew between down and up, a page takes a click from every button: people press again by themselves.
    const heard = async () => (await use.panel.find('button', 'Save partner')) !== null;
    await until('the partner’s name', heard, { patienceMs: 3000 }).catch(() => clickOn(use, 'button', 'Check ID'));
    await saveByMouse(use);
  },
  async 'keys alone'(use) {
    await clickOn(use, 'textbox', 'Partner ID');
    await typeId(use);
    await use.page.keyboard.press('Enter');
    await saveByKeys(use);
  },
  async 'paste and Enter'(use) {
    await pasteId(use);
    await pause(use.draw.between(80, 300));
    await use.page.keyboard.press('Enter');
    await use.draw.one([saveByKeys, saveByMouse])(use);
  },
  async 'a scroll before the press'(use) {
    await clickOn(use, 'textbox', 'Partner ID');
    await typeId(use);
    await use.page.keyboard.press('Enter');
    await named(use);
    const notches = use.draw.between(1, 2);
    for (let count = 0; count < notches; count += 1) {
      await use.page.mouse.wheel(0, 60);
      await pause(use.draw.between(40, 120));
    }
    await saveByMouse(use);
    await use.page.mouse.wheel(0, -60 * notches);
  },
  async 'a blade that slides in'(use) {
    await use.page.evaluate(async () => {
      portal.render();
      const frames = [
        { opacity: 0, transform: 'translateX(80px)' },
        { opacity: 1, transform: 'none' },
      ];
      await document.querySelector('main')?.animate(frames, { duration: 300, easing: 'ease-out' }).finished;
    });
    await react(use);
    if ((await use.panel.find('button', 'Open the panel')) !== null) use.meets('a panel that has docked');
    await use.panel.unfold();
    await KINDS['a fast mouse']?.(use);
  },
  async 'a page that draws itself anew'(use) {
    await use.page.evaluate(() => {
      const timer = setInterval(() => portal.render(), 1100);
      setTimeout(() => clearInterval(timer), 5000);
    });
    await KINDS['a fast mouse']?.(use);
  },
};

describe('A person who uses the panel as people do', () => {
  it(
    'is hardly ever told to press again, and every use takes effect',
    async () => {
      const record = await spec.world.newSubscription({ partnerId: NORTHWIND.partnerId });
      const { page, panel } = await spec.openPanel(record);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const met: string[] = [];
      for (let count = 0; count < USES; count += 1) {
        // Nobody makes ten changes a minute, which is where the panel leads elsewhere.
        await confirming.forgetUses();
        const draw = drawFrom('honest use', count);
        const [kind, run] = draw.one(Object.entries(KINDS));
        const meets = (what: string) => void met.push(`${count}: ${kind}: ${what}`);
        const use: Use = { page, panel, draw, partner: count % 2 === 0 ? FABRIKAM : NORTHWIND, meets };
        // Nobody makes so many changes in a minute: what portals may is another test's matter.
        await spec.world.backstage.forgetPortalUses();
        await panel.unfold();
        await run(use);
        // What the press comes to, or that it is to be made again, shows at once.
        const saved = async () =>
          (await spec.world.service.read(record.subscriptionId)).partnerOfRecord?.partnerId === use.partner.partnerId;
        const told = async () => (await saved()) || (await panel.text()).includes(PRESS_AGAIN);
        await until('what the press came to', told, { patienceMs: ACTED_WITHIN_MS }).catch(() => saveByMouse(use));
        await until('what the press came to', told);
        if (!(await saved())) {
          meets(PRESS_AGAIN);
          await pause(700);
          await panel.click('button', 'Save partner');
          await expect.poll(saved).toBe(true);
        }
        // Told of the end, the panel folds its form, which would take away one that was opened before.
        await panel.waitForText(new RegExp(`\\(${use.partner.partnerId}\\)\\s+is now the partner of record`));
        await panel.waitGone('textbox', 'Partner ID');
        await pause(draw.between(100, 900));
      }
      console.log(`${met.length} of ${USES} honest uses met “${PRESS_AGAIN}” or the like ${met.join(', ')}`);
      expect(met.length, met.join(', ')).toBeLessThanOrEqual(ALLOWED);
    },
    USES * 15_000,
  );
});
