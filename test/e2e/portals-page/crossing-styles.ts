import type { CDPSession, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { NORTHWIND, type Spec } from '../harness/spec';
import { stillPicture } from '../harness/still';

/** Every kind of style that crosses the boundary of a shadow root, set against the panel: nothing of it reaches how it is drawn. */
export function crossingStyles(spec: Spec): void {
  const HOST = '[data-partner-of-record]';

  /** Values that no page's initial ones are, tried in turn until one is taken. */
  const HOSTILE = [
    ...['rgb(1, 255, 2)', '29px', '3', '0.5', 'hidden', 'collapse', 'none', 'both', 'all', 'rtl', 'center', 'right'],
    ...[
      'oblique 40deg',
      'small-caps',
      '900',
      '200%',
      'vertical-rl',
      'uppercase',
      'pre',
      'circle',
      'break-all',
      'nowrap',
    ],
    ...[
      '"Hostile"',
      '"x" "y"',
      '1px 1px 9px rgb(1, 255, 2)',
      'wait',
      'inert',
      'contain',
      'dark',
      'url("#none")',
      'bevel',
    ],
    ...['square', 'lining-nums', '"tnum" 0', 'super', 'traditional', 'ruby', 'petite-caps', 'sideways', 'isolate'],
    ...['optimizeSpeed', 'hanging', 'last', 'under', 'filled dot', 'separate', 'outside', 'inside', 'stroke', 'manual'],
    ...['evenodd', 'disc', 'end', 'auto', 'visible', 'preserve', 'strict', 'loose', 'anywhere', 'crisp-edges', 'text'],
  ];

  /** The properties that are inherited in this browser, each with a hostile value that it takes. */
  function inheritedProperties(page: Page): Promise<(readonly [property: string, value: string])[]> {
    return page.evaluate((values) => {
      const parent = document.createElement('div');
      const child = document.createElement('div');
      parent.append(child);
      document.documentElement.append(parent);
      const found: [string, string][] = [];
      for (const property of getComputedStyle(parent)) {
        if (property.startsWith('--')) continue;
        const of = (element: Element) => getComputedStyle(element).getPropertyValue(property);
        const before = of(parent);
        for (const value of values) {
          parent.style.setProperty(property, value, 'important');
          const changed = of(parent) !== before;
          const taken = changed && of(child) === of(parent);
          // What a child is laid out by is no inheritance: it ends where it is set apart.
          child.style.setProperty(property, 'initial');
          const ends = of(child) !== of(parent);
          child.style.removeProperty(property);
          if (taken && ends) found.push([property, value]);
          if (changed) break;
        }
        parent.style.removeProperty(property);
      }
      parent.remove();
      return found;
    }, HOSTILE);
  }

  interface DomNode {
    readonly nodeId: number;
    readonly nodeType: number;
    readonly localName: string;
    readonly attributes?: string[] | undefined;
    readonly children?: DomNode[] | undefined;
    readonly shadowRoots?: DomNode[] | undefined;
  }

  function flat(node: DomNode): DomNode[] {
    return [node, ...[...(node.children ?? []), ...(node.shadowRoots ?? [])].flatMap(flat)];
  }

  /** All that is computed of each element in the panel, by element and property; what pages name themselves aside. */
  async function computedIn(session: CDPSession): Promise<Map<string, string>> {
    const { root } = await session.send('DOM.getDocument', { depth: -1, pierce: true });
    const host = flat(root).find(({ attributes }) => attributes?.includes('data-partner-of-record'));
    const elements = (host?.shadowRoots ?? []).flatMap(flat).filter(({ nodeType }) => nodeType === 1);
    const computed = new Map<string, string>();
    for (const [index, { nodeId, localName }] of elements.entries()) {
      const { computedStyle } = await session.send('CSS.getComputedStyleForNode', { nodeId });
      for (const { name, value } of computedStyle) {
        if (!name.startsWith('--')) computed.set(`${index} ${localName} ${name}`, value);
      }
    }
    return computed;
  }

  describe('A page whose styles cross into shadow roots', () => {
    it('changes nothing in how the panel is computed and drawn, by any property that is inherited or any name it defines', async () => {
      const record = await spec.world.newSubscription({ partnerId: NORTHWIND.partnerId });
      const { page, panel } = await spec.openPanel(record);
      // Docked, where the page's own layout does not change its width.
      await page.evaluate(() => {
        document.querySelector('main')?.remove();
        // The panel is light or dark as its page, which may not become the other meanwhile.
        document.body.style.setProperty('background-color', 'white', 'important');
      });
      // Open, as it may have been left on this portal before.
      await panel.waitFor('button', /^(Open|Collapse) the panel$/);
      if ((await panel.find('button', 'Open the panel')) !== null) await panel.click('button', 'Open the panel');
      await panel.waitFor('button', 'Collapse the panel');
      const session = await page.context().newCDPSession(page);
      await session.send('DOM.enable');
      await session.send('CSS.enable');
      const inherited = await inheritedProperties(page);
      const names = inherited.map(([property]) => property);
      // The list is the browser's own, and knows what it must.
      expect(names).toEqual(
        expect.arrayContaining([
          'color',
          'cursor',
          'direction',
          'font-family',
          'font-size',
          'letter-spacing',
          'quotes',
        ]),
      );
      expect(names).toEqual(
        expect.arrayContaining([
          'visibility',
          'text-indent',
          'writing-mode',
          '-webkit-text-security',
          'pointer-events',
        ]),
      );
      expect(names.length).toBeGreaterThan(60);
      const before = await computedIn(session);
      const picture = () => stillPicture(page, HOST);
      const drawn = await picture();
      const place = await page.locator(HOST).boundingBox();
      await page.evaluate(
        ([properties, selector]) => {
          const hostile = properties.map(([property, value]) => `${property}: ${value} !important`).join('; ');
          const variables = ['paper', 'ink', 'muted', 'line', 'accent', 'on-accent', 'bad', 'sans', 'radius'];
          for (const name of variables) {
            CSS.registerProperty({ name: `--${name}`, syntax: '<color>', inherits: false, initialValue: 'red' });
          }
          const families = [
            'system-ui',
            'sans-serif',
            'monospace',
            'ui-monospace',
            'Segoe UI',
            'Roboto',
            'DejaVu Sans',
          ];
          const rules = [
            // Only what is inherited: of the host itself the page says nothing here that is not.
            `:root, body, ${selector} { ${hostile}; ${variables.map((name) => `--${name}: red`).join('; ')} }`,
            '*::selection, ::selection { color: transparent; background: transparent }',
            '@keyframes turn { to { opacity: 0 } }',
            '@counter-style disc { system: cyclic; symbols: "x" }',
            ...families.map((family) => `@font-face { font-family: "${family}"; src: local("DejaVu Serif") }`),
          ];
          const sheet = new CSSStyleSheet();
          for (const rule of rules) {
            try {
              sheet.insertRule(rule, sheet.cssRules.length);
            } catch (error) {
              // Predefined counter styles can't be defined anew: so much the better.
              if (!rule.startsWith('@counter-style')) throw error;
            }
          }
          document.adoptedStyleSheets = [sheet];
          document.documentElement.dir = 'rtl';
          document.documentElement.lang = 'ja';
          const host = document.querySelector<HTMLElement>(selector);
          host?.style.setProperty('direction', 'rtl', 'important');
          host?.setAttribute('dir', 'rtl');
        },
        [inherited, HOST] as const,
      );
      await page.evaluate(() => document.fonts.ready.then(() => new Promise((frame) => requestAnimationFrame(frame))));
      const after = await computedIn(session);
      const changed = [...before].filter(([key, value]) => after.get(key) !== value);
      expect(changed.map(([key, value]) => `${key}: ${value} → ${after.get(key)}`)).toEqual([]);
      expect(after.size).toBe(before.size);
      expect((await picture()).equals(drawn)).toBe(true);
      expect(await page.locator(HOST).boundingBox()).toEqual(place);
    });

    it('colours no selection of its own in the panel', async () => {
      const record = await spec.world.newSubscription({ partnerId: NORTHWIND.partnerId });
      const { page } = await spec.openPanel(record);
      const session = await page.context().newCDPSession(page);
      await session.send('DOM.enable');
      await session.send('CSS.enable');
      // Where what the page draws around its own text does not reach.
      const picture = () => stillPicture(page, HOST, 8);
      const select = () => page.evaluate(() => document.execCommand('selectAll'));
      await select();
      const own = await picture();
      const place = await page.locator(HOST).boundingBox();
      await page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(
          '*::selection, html::selection { color: transparent; background: white; text-shadow: 0 0 9px red; -webkit-text-fill-color: transparent; -webkit-text-stroke: 3px red; text-decoration: line-through }',
        );
        document.adoptedStyleSheets = [sheet];
      });
      await select();
      expect((await picture()).equals(own)).toBe(true);
      expect(await page.locator(HOST).boundingBox()).toEqual(place);
    });
  });
}
