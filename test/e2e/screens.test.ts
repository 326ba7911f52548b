import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { press, walk } from './screens/keyboard';
import { JUDGED_MODES, type Mode, modeAt } from './screens/modes';
import { lookAt, openStage, type Stage } from './screens/open';
import { SCREENS } from './screens/states/screens';
import type { Screen, State } from './screens/states/state';

/** Every state of every screen, as people with different eyes, windows and keyboards meet it. */

let stage: Stage;
let axe: string;

beforeAll(async () => {
  [stage, axe] = await Promise.all([openStage(), readFile('node_modules/axe-core/axe.min.js', 'utf8')]);
});
afterAll(() => stage?.close());

const [LIGHT] = JUDGED_MODES as [Mode];
const named = (name: string): Mode => JUDGED_MODES.find((mode) => mode.name === name) ?? LIGHT;
const STATES = SCREENS.flatMap((screen) =>
  screen.states.map((state) => ({ screen, state, called: called(screen, state) })),
);
function called(screen: Screen, state: State): string {
  return `${screen.name}, ${state.name}`;
}
function stateCalled(name: string): [Screen, State] {
  const found = STATES.find((one) => one.called === name);
  if (found === undefined) throw new Error(`There is no state “${name}”`);
  return [found.screen, found.state];
}

/** What axe objects to. */
async function objections(page: Page): Promise<unknown[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    // In truth each panel has a page to itself.
    const { violations } = await globalThis.axe.run(document, { rules: { 'landmark-unique': { enabled: false } } });
    return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ failureSummary }) => failureSummary) }));
  });
}

describe.concurrent('Whoever meets a page of ours', () => {
  it.each(STATES)(
    'reads all of it, told apart and uncut, and reaches all of it by keyboard: $called',
    async ({ screen, state }) => {
      const page = await stage.open(screen, state, modeAt(LIGHT, screen));
      const findings: unknown[] = await objections(page);
      for (const mode of JUDGED_MODES.filter(({ portal }) => portal === undefined)) {
        await lookAt(page, modeAt(mode, screen));
        findings.push(...(await stage.judge(page)).map((finding) => `${mode.name}: ${finding}`));
      }
      await lookAt(page, named('400 %'));
      const met = await walk(page);
      for (const { what, unseen } of met) if (unseen !== null) findings.push(`keyboard: ${what} ${unseen}`);
      const places = met.map(({ place }) => place);
      if (places.some((place, index) => place < (places[index - 1] ?? 0))) findings.push('keyboard: not in order');
      expect(findings).toEqual([]);
      const { announces } = state;
      if (announces !== undefined)
        expect((await page.evaluate(() => globalThis.heard)).filter((words) => words.includes(announces))).toHaveLength(
          1,
        );
      await page.close();
    },
  );

  it.each(STATES.filter(({ state }) => state.asks))(
    'can not leave a question unanswered by Tab: $called',
    async ({ screen, state }) => {
      const page = await stage.open(screen, state, modeAt(LIGHT, screen));
      const met = [...(await press(page, 'Tab', 5)), ...(await press(page, 'Shift+Tab', 5))];
      // The browser's own bar may have the focus between the last and the first.
      expect(met.filter(({ place, dialog }) => place >= 0 && !dialog)).toEqual([]);
      await page.close();
    },
  );
});

describe.concurrent('The panel', () => {
  it.each(JUDGED_MODES)('is read in every state, told apart and uncut, $name', async (mode) => {
    const page = await stage.openPanel(mode);
    expect(await stage.judge(page)).toEqual([]);
    const sticksOut = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('partner-of-record')]
        .filter((host) =>
          [...(host.shadowRoot?.querySelectorAll('*') ?? [])].some(
            (element) => element.getBoundingClientRect().right > host.getBoundingClientRect().right + 0.5,
          ),
        )
        .map((host) => host.dataset['state']),
    );
    expect(sticksOut).toEqual([]);
    await page.close();
  });

  it.each([LIGHT, named('dark'), named('forced colours')])('has nothing that axe objects to, $name', async (mode) => {
    const page = await stage.openPanel(mode);
    expect(await objections(page)).toEqual([]);
    await page.close();
  });
});

describe('The judge', () => {
  const at = async (change: (page: Page) => Promise<unknown>): Promise<string[]> => {
    const page = await stage.open(...stateCalled('options, an access token'), LIGHT);
    await change(page);
    const findings = await stage.judge(page);
    await page.close();
    return findings;
  };
  const styled = (content: string) => at((page) => page.addStyleTag({ content }));

  it('finds text of a contrast of 2.9 : 1', async () => {
    expect(await styled('.card h2 { color: #979797 !important }')).toContainEqual(
      expect.stringMatching(/^contrast 2\.9\d: h2/),
    );
  });

  it('finds text that fades, and text on a half transparent background', async () => {
    expect(await styled('.card h2 { opacity: 0.5 }')).toContainEqual(expect.stringMatching(/^contrast [23]\.\d+: h2/));
    const veiled = '.card { background: rgb(0 0 0 / 60%) !important }';
    expect(await styled(veiled)).toContainEqual(expect.stringMatching(/^contrast \d\.\d+: h2/));
  });

  it('finds a control whose border has a contrast of 2.9 : 1', async () => {
    expect(await styled('.input { border-color: #979797 !important }')).toContainEqual(
      expect.stringMatching(/^border 2\.9\d: input/),
    );
  });

  it('finds what is wider than its place, and a page that scrolls sideways', async () => {
    expect(await styled('.card h2 { width: 2000px }')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^overflow .* section/), expect.stringMatching(/: the page$/)]),
    );
  });

  it('finds text of which a part is not drawn', async () => {
    expect(await styled('.card h2 { height: 8px; overflow: hidden }')).toContainEqual(
      expect.stringMatching(/^cut by h2/),
    );
    expect(await styled('.card h2 { width: 20px; overflow: hidden; white-space: nowrap }')).toContainEqual(
      expect.stringMatching(/^overflow .* h2/),
    );
  });

  it('leaves alone what ends in an ellipsis, unless nobody is told its whole', async () => {
    const ends = '.card h2 { width: 20px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }';
    expect(await styled(ends)).toEqual([]);
    const untold = await at(async (page) => {
      await page.addStyleTag({ content: ends });
      await page
        .locator('.card h2')
        .first()
        .evaluate((title) => title.setAttribute('aria-hidden', 'true'));
    });
    expect(untold).toContainEqual(expect.stringMatching(/^cut and not told whole/));
  });
});
