import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { type Panel, panelOn } from '../harness/panel';
import { looksOf } from '../harness/panel-looks';
import { quickest } from '../harness/quickest';
import { FABRIKAM, NORTHWIND, type Spec } from '../harness/spec';
import { stillPicture } from '../harness/still';
import { until } from '../harness/until';
import { azurePage } from '../harness/world';

/** What the portals' test pages let a test do: see test/e2e/portals/shell.js. */
declare const portal: { render(): void; go(address: string): void };

/** How the panel sits in its portal: its theme, its place in the portal's grid, docked, and on pages that read from the right. */
export function inThePortal(spec: Spec): void {
  const HOST = '[data-partner-of-record]';
  const LIGHT = 'rgb(255, 255, 255)';
  /** The portal is looked at about once a second. */
  const FOLLOWS_WITHIN_MS = 2000;

  let shared: Promise<SubscriptionRecord> | undefined;
  /** The one subscription of these tests, which change nothing. */
  const subscription = () => (shared ??= spec.world.newSubscription({ partnerId: NORTHWIND.partnerId }));

  const PORTALS: readonly (readonly [name: string, address: (subscriptionId: string) => string])[] = [
    ['the Azure portal', azurePage],
    ['the account centre', (id) => `https://account.azure.com/Subscriptions/Statement?subscriptionId=${id}`],
    ['the Microsoft 365 admin centre', (id) => `https://admin.microsoft.com/Adminportal/Home#/subscriptions/x/${id}`],
    ['a portal of one’s own', (id) => spec.world.ownPortal.pattern.replace(':subscriptionId', id)],
  ];

  async function openAt(address: (subscriptionId: string) => string): Promise<{ page: Page; panel: Panel }> {
    const page = await spec.open(address((await subscription()).subscriptionId));
    const panel = panelOn(page);
    await panel.waitForText(NORTHWIND.name);
    return { page, panel };
  }

  /** Takes away every place that a panel could go to, so that it docks. */
  async function dock(page: Page, panel: Panel): Promise<void> {
    await page.evaluate(() => document.querySelector('main, [role="main"], #mainContent')?.remove());
    await panel.waitFor('button', /^(Open|Collapse) the panel$/);
  }

  function style(page: Page, css: string): Promise<void> {
    return page.evaluate((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      document.adoptedStyleSheets = [sheet];
    }, css);
  }

  const DARK = 'body { background: rgb(27, 26, 25) !important; color: rgb(243, 242, 241) !important }';

  /** Waits until the panel's card has another background than that; answers for how many milliseconds. */
  async function changedFrom(page: Page, before: string): Promise<number> {
    const looks = looksOf(page);
    const start = performance.now();
    await until('another background of the panel', async () => (await looks.card('background-color')) !== before);
    return performance.now() - start;
  }

  /** How long the panel takes to follow a light page that goes dark, or comes back, whichever takes longer. */
  async function followsWithin(page: Page): Promise<number> {
    await style(page, DARK);
    const toDark = await changedFrom(page, LIGHT);
    const looks = looksOf(page);
    const dark = await looks.card('background-color');
    expect(await looks.surface('color-scheme')).toBe('dark');
    await style(page, '');
    const toLight = await changedFrom(page, dark);
    expect(await looks.card('background-color')).toBe(LIGHT);
    return Math.max(toDark, toLight);
  }

  describe('The panel’s theme', () => {
    it.each(PORTALS)(
      'is that of %s, and follows within two seconds when it goes dark without a reload',
      async (_, address) => {
        const { page } = await openAt(address);
        expect(await looksOf(page).card('background-color')).toBe(LIGHT);
        expect(await quickest(FOLLOWS_WITHIN_MS, () => followsWithin(page))).toBeLessThan(FOLLOWS_WITHIN_MS);
      },
    );

    it('is the page’s and not the system’s, also docked', async () => {
      const { page, panel } = await openAt(azurePage);
      const looks = looksOf(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await looks.card('background-color')).toBe(LIGHT);
      await dock(page, panel);
      expect(await looks.card('background-color')).toBe(LIGHT);
      await page.emulateMedia({ colorScheme: 'light' });
      expect(await quickest(FOLLOWS_WITHIN_MS, () => followsWithin(page))).toBeLessThan(FOLLOWS_WITHIN_MS);
    });

    it('is one of our two, whatever colours a page has', async () => {
      const { page } = await openAt(azurePage);
      const looks = looksOf(page);
      await style(page, DARK);
      await changedFrom(page, LIGHT);
      const dark = await looks.card('background-color');
      const ink = await looks.card('color');
      const cases: readonly (readonly [css: string, background: string])[] = [
        ['background: color(srgb 9e99 9e99 9e99)', LIGHT],
        ['background: color(display-p3 -99 -99 -99)', dark],
        ['background: color-mix(in oklch, black, navy)', dark],
        ['background: color-mix(in lab, white 90%, transparent)', LIGHT],
        ['color: rgb(250, 250, 250); background: currentcolor', LIGHT],
        ['color: rgb(9, 9, 9); background: currentcolor', dark],
        ['color: rgb(250, 250, 250); background: linear-gradient(#000, #111)', dark],
        ['color: rgb(9, 9, 9); background: linear-gradient(#fff, #eee)', LIGHT],
        ['color: rgb(250, 250, 250); background: transparent', dark],
        ['background: rgb(from rebeccapurple calc(r / 9) 0 0)', dark],
        ['background: oklch(none 0 none)', dark],
        ['background: hsl(99999deg 10% 95%)', LIGHT],
        ['color-scheme: dark; background: Canvas', dark],
        ['color-scheme: light; background: light-dark(#fff, #000)', LIGHT],
      ];
      for (const [css, background] of cases) {
        await style(page, `main { ${css} }`);
        await until(`the theme of “${css}”`, async () => (await looks.card('background-color')) === background);
        expect([dark, LIGHT]).toContain(await looks.card('background-color'));
      }
      await style(page, DARK);
      await until('the same words as before', async () => (await looks.card('color')) === ink);
    });

    it('leaves forced colours to the system', async () => {
      const { page } = await openAt(azurePage);
      await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
      const looks = looksOf(page);
      const canvas = await page.evaluate(() => {
        const probe = document.createElement('p');
        probe.style.background = 'Canvas';
        document.body.append(probe);
        const { backgroundColor } = getComputedStyle(probe);
        probe.remove();
        return backgroundColor;
      });
      await until('the system’s background', async () => (await looks.card('background-color')) === canvas);
    });
  });

  /** Where the panel's host and the portal's own content begin, and how wide they are. */
  function grid(page: Page) {
    return page.evaluate((selector) => {
      const host = document.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect();
      const content = document.querySelector(`${selector} ~ *`)?.getBoundingClientRect() ?? new DOMRect();
      return {
        left: host.left,
        right: host.right,
        contentLeft: content.left,
        contentRight: content.right,
        width: host.width,
      };
    }, HOST);
  }

  describe('The panel in the portal’s grid', () => {
    const GRIDS: readonly (readonly [what: string, css: string, inset: number])[] = [
      ['with room of its own', 'main { padding: 0 24px }', 0],
      [
        'whose content stands in',
        'main { padding: 0 } main > :not([data-partner-of-record]) { margin-inline: 20px }',
        0,
      ],
      [
        'whose content has room within',
        'main { padding: 0 } main > :not([data-partner-of-record]) { padding-inline: 20px }',
        20,
      ],
      ['that leaves no room at all', 'main { padding: 0 }', 12],
    ];

    it.each(GRIDS)(
      'of a page %s begins where the portal’s content does, and is no slab across',
      async (_, css, inset) => {
        const { page } = await openAt(PORTALS[2]?.[1] ?? azurePage);
        await style(page, css);
        await until('the panel in line', async () => {
          const { left, contentLeft } = await grid(page);
          return Math.abs(left - contentLeft - inset) <= 1;
        });
        const { width, right, contentRight } = await grid(page);
        expect(width).toBeLessThanOrEqual(760);
        expect(width).toBeGreaterThan(500);
        expect(right).toBeLessThanOrEqual(contentRight);
      },
    );

    it('keeps to its blade where that is narrow', async () => {
      const { page } = await openAt(azurePage);
      await page.setViewportSize({ width: 700, height: 700 });
      await until('the panel as wide as its blade', async () => {
        const { left, right, contentLeft, contentRight } = await grid(page);
        return left === contentLeft && right === contentRight;
      });
    });
  });

  /** How often what stands below the panel has moved, frame by frame, since it was there. */
  function watchBelow(page: Page): Promise<void> {
    return page.evaluate(() => {
      const moves: number[] = [];
      Object.assign(window, { moves });
      let last: number | null = null;
      const look = () => {
        const below = document.querySelector('.fxs-blade:last-child h1');
        const top = below?.getBoundingClientRect().top ?? null;
        if (top !== null && last !== null && top !== last) moves.push(top - last);
        last = top ?? last;
        requestAnimationFrame(look);
      };
      look();
    });
  }

  const drawn = (page: Page): Promise<unknown> =>
    page.evaluate(() => new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame))));

  /** What the frames have seen of it, with what was altered last: assistive technology is told of that before it is drawn. */
  async function movesBelow(page: Page): Promise<number[]> {
    await drawn(page);
    return page.evaluate(() => Reflect.get(window, 'moves'));
  }

  describe('What stands below the panel', () => {
    it('moves once when it first shows, and not when the portal draws its content anew', async () => {
      const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
      const page = await spec.open('https://portal.azure.com/#home');
      await watchBelow(page);
      await page.evaluate((to) => portal.go(to), azurePage(record.subscriptionId));
      const panel = panelOn(page);
      await panel.waitForText(FABRIKAM.name);
      await spec.world.backstage.askWorker();
      expect(await movesBelow(page)).toHaveLength(1);
      for (let round = 0; round < 3; round += 1) {
        await drawn(page);
        await page.evaluate(() => portal.render());
      }
      expect(await movesBelow(page)).toHaveLength(1);
    });
  });

  /** Where the panel's host is in the window. */
  async function corner(page: Page): Promise<string> {
    const { x, y, width, height } = (await page.locator(HOST).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const { width: across = 0, height: down = 0 } = page.viewportSize() ?? {};
    const near = (distance: number) => Math.abs(distance - 16) <= 1;
    const [top, bottom, left, right] = [y, down - y - height, x, across - x - width].map(near);
    return `${top ? 'top' : bottom ? 'bottom' : '?'}-${left ? 'left' : right ? 'right' : '?'}`;
  }

  /** Presses in two places, the second as soon as the browser can: nothing waits in between for this process to have its turn. */
  async function pressBoth(
    page: Page,
    ...places: readonly { readonly x: number; readonly y: number }[]
  ): Promise<void> {
    const session = await page.context().newCDPSession(page);
    const button = { button: 'left', clickCount: 1 } as const;
    const events = places.flatMap((place) => [
      { ...place, type: 'mouseMoved' } as const,
      { ...place, ...button, type: 'mousePressed' } as const,
      { ...place, ...button, type: 'mouseReleased' } as const,
    ]);
    await Promise.all(events.map((event) => session.send('Input.dispatchMouseEvent', event)));
  }

  describe('The docked panel', () => {
    it('begins as a small tab that names the partner, opens, and is on the next page as it was left, on this portal alone', async () => {
      const { page, panel } = await openAt(azurePage);
      await dock(page, panel);
      await panel.waitFor('button', 'Open the panel');
      expect(await panel.text()).toContain(NORTHWIND.name);
      expect(await panel.find('textbox', 'Partner ID')).toBeNull();
      const tab = async () => (await page.locator(HOST).boundingBox()) ?? { width: 0, height: 0 };
      await expect.poll(async () => (await tab()).width).toBeLessThanOrEqual(320);
      await expect.poll(async () => (await tab()).height).toBeLessThanOrEqual(64);
      await panel.click('button', 'Open the panel');
      await panel.waitFor('button', 'Change');
      for (const next of ['bottom-left', 'top-left', 'top-right', 'bottom-right', 'bottom-left']) {
        await panel.click('button', 'Move');
        await until(`the panel at ${next}`, async () => (await corner(page)) === next);
      }
      await spec.world.backstage.killWorker();
      await page.reload();
      await panel.waitForText(NORTHWIND.name);
      await dock(page, panel);
      await panel.waitFor('button', 'Collapse the panel');
      await expect.poll(() => corner(page)).toBe('bottom-left');
      const elsewhere = await openAt(PORTALS[2]?.[1] ?? azurePage);
      await dock(elsewhere.page, elsewhere.panel);
      await elsewhere.panel.waitFor('button', 'Open the panel');
      await expect.poll(() => corner(elsewhere.page)).toBe('bottom-right');
    });

    it('is opened, moved and folded by keys alone', async () => {
      const { page, panel } = await openAt(PORTALS[1]?.[1] ?? azurePage);
      await dock(page, panel);
      await page.keyboard.press('Tab');
      await panel.waitForFocus('button', 'Open the panel');
      await page.keyboard.press('Enter');
      await panel.waitForFocus('button', 'Collapse the panel');
      await page.keyboard.press('Shift+Tab');
      await panel.waitForFocus('button', 'Move');
      await page.keyboard.press('Space');
      await until('the next corner', async () => (await corner(page)) === 'bottom-left');
      await page.keyboard.press('Escape');
      await panel.waitForFocus('button', 'Open the panel');
      await page.keyboard.press('Space');
      await panel.waitFor('button', 'Change');
    });

    it('has every control within reach in a window of 320 by 480', async () => {
      const { page, panel } = await openAt(azurePage);
      await page.setViewportSize({ width: 320, height: 480 });
      await dock(page, panel);
      if ((await panel.find('button', 'Open the panel')) !== null) await panel.click('button', 'Open the panel');
      await panel.click('button', 'Change');
      await panel.type('Partner ID', FABRIKAM.partnerId);
      await panel.click('button', 'Check ID');
      await panel.waitFor('button', 'Save partner');
      for (const [role, name] of [
        ['button', 'Collapse the panel'],
        ['button', 'Move'],
        ['button', 'Change'],
        ['button', 'Remove partner'],
        ['button', 'Log'],
        ['textbox', 'Partner ID'],
        ['button', 'Check ID'],
        ['button', 'Save partner'],
      ] as const) {
        const { x, y } = await panel.whereIs(role, name);
        expect([name, x > 0 && x < 320 && y > 0 && y < 480]).toEqual([name, true]);
        const top = await page.evaluate(
          ([left, down]) => document.elementFromPoint(left ?? 0, down ?? 0)?.matches('[data-partner-of-record]'),
          [x, y],
        );
        expect([name, top]).toEqual([name, true]);
      }
      const box = await page.locator(HOST).boundingBox();
      expect((box?.y ?? -1) >= 0 && (box?.x ?? -1) >= 0).toBe(true);
      expect((box?.height ?? 999) <= 480 && (box?.width ?? 999) <= 320).toBe(true);
    });

    it('takes no answer to its question in the moment in which that comes, as under a double click', async () => {
      const { page, panel } = await openAt(azurePage);
      await dock(page, panel);
      if ((await panel.find('button', 'Open the panel')) !== null) await panel.click('button', 'Open the panel');
      const asks = await panel.whereIs('button', 'Remove partner');
      await panel.click('button', 'Remove partner');
      const yes = await panel.whereIs('button', 'Yes');
      await panel.click('button', 'No');
      await panel.waitGone('button', 'Yes');
      // A page that got no processor has not seen itself in that time, and takes the first press for one that came too early.
      await until('the question that came with the first of two presses', async () => {
        await page.waitForTimeout(600);
        await pressBoth(page, asks, yes);
        await panel.waitForText('Press again');
        return panel.find('button', 'Yes');
      });
      const { subscriptionId } = await subscription();
      expect((await spec.world.service.read(subscriptionId)).partnerOfRecord?.partnerId).toBe(NORTHWIND.partnerId);
      await panel.click('button', 'No');
    });
  });

  describe('On a portal that reads from the right', () => {
    it('the panel’s sentences and numbers stand as on any other, letter for letter', async () => {
      const { page } = await openAt(azurePage);
      const looks = looksOf(page);
      // Without a scroll bar, which would stand at the other side.
      await style(page, 'table { display: none }');
      const picture = () => stillPicture(page, HOST);
      const before = await picture();
      await page.evaluate(() => {
        document.documentElement.dir = 'rtl';
        document.documentElement.lang = 'he';
      });
      expect(await looks.surface('direction')).toBe('ltr');
      // It begins where the portal's lines do.
      await until('the panel at the other side', async () => {
        const { right, contentRight } = await grid(page);
        return Math.abs(right - contentRight) <= 1;
      });
      await expect.poll(async () => (await picture()).equals(before)).toBe(true);
    });
  });
}
