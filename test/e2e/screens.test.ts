import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { press, walk } from './screens/keyboard';
import { DOCKED_MODES, JUDGED_MODES, type Mode, MODES_OF_PAGES, modeAt } from './screens/modes';
import { dockedNames, drawDocked, lookAt, openStage, type Stage } from './screens/open';
import { MAILS } from './screens/states/mails';
import { SCREENS } from './screens/states/screens';
import type { Screen, State } from './screens/states/state';

/** Every state of every screen, as people with different eyes, windows and keyboards meet it. */

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
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

/** A mail is read within a mail program, whose landmarks are around it. */
const AROUND_A_MAIL = ['region', 'landmark-one-main'];

/** The rules of axe that other colours can break, but for contrast: our forced colours change nothing else. */
const OF_COLOURS = ['link-in-text-block'];

/** What axe objects to, by rule: by all of them, unless some are named. */
async function objections(page: Page, except: readonly string[] = [], only?: string[]): Promise<unknown[]> {
  await stage.bringAxe(page);
  return page.evaluate(
    async ({ off, runOnly }) => {
      const rules = Object.fromEntries(off.map((rule) => [rule, { enabled: false }]));
      const options = { rules, resultTypes: ['violations' as const], ...(runOnly !== undefined && { runOnly }) };
      const { violations } = await globalThis.axe.run(document, options);
      return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ failureSummary }) => failureSummary) }));
    },
    // The judge measures contrast, in every way of looking.
    { off: ['color-contrast', ...except], runOnly: only },
  );
}

describe.concurrent('Whoever meets a page of ours', () => {
  it.each(STATES)(
    'reads all of it, told apart and uncut, and reaches all of it by keyboard: $called',
    async ({ screen, state }) => {
      const page = await stage.open(screen, state, modeAt(LIGHT, state, screen));
      const findings: unknown[] = await objections(page);
      for (const mode of MODES_OF_PAGES) {
        await lookAt(page, modeAt(mode, state, screen));
        findings.push(...(await stage.judge(page)).map((finding) => `${mode.name}: ${finding}`));
      }
      await lookAt(page, named('400 %'));
      const met = await walk(page);
      for (const { what, unseen } of met) if (unseen !== null) findings.push(`keyboard: ${what} ${unseen}`);
      // A question goes round: the walk begins within it.
      const inOrder = state.asks || met.slice(1).every(({ follows }) => follows);
      if (!inOrder) findings.push('keyboard: not in order');
      expect(findings).toEqual([]);
      const { announces } = state;
      const heard = async () =>
        (await page.evaluate(() => globalThis.heard)).filter((words) => words.includes(announces ?? ''));
      if (announces !== undefined) await expect.poll(heard).toHaveLength(1);
      await stage.leave(page);
    },
  );

  it.each(STATES.filter(({ state }) => state.asks))(
    'can not leave a question unanswered by Tab: $called',
    async ({ screen, state }) => {
      const page = await stage.open(screen, state, modeAt(LIGHT, state, screen));
      const met = [...(await press(page, 'Tab', 5)), ...(await press(page, 'Shift+Tab', 5))];
      // The browser's own bar may have the focus between the last and the first.
      expect(met.filter(({ place, dialog }) => place >= 0 && !dialog)).toEqual([]);
      await stage.leave(page);
    },
  );
});

describe.concurrent('The panel', () => {
  it.each(JUDGED_MODES)('is read in every state, told apart and uncut, $name', async (mode) => {
    const page = await stage.openPanel(mode);
    expect(await stage.judge(page)).toEqual([]);
    await stage.leave(page);
  });

  it.each(DOCKED_MODES)(
    'is read docked too, in every state, folded and open, and in each corner, $name',
    async (mode) => {
      const page = await stage.openDocked(mode);
      const findings: string[] = [];
      for (const name of await dockedNames(page)) {
        await drawDocked(page, name);
        findings.push(...(await stage.judge(page)).map((finding) => `${name}: ${finding}`));
      }
      await drawDocked(page, 'none, open');
      await page.getByRole('textbox').focus();
      await page.getByRole('list').first().waitFor();
      findings.push(...(await stage.judge(page)).map((finding) => `partners used before: ${finding}`));
      expect(findings).toEqual([]);
      await stage.leave(page);
    },
  );

  it('has nothing that axe objects to in any state, in forced colours neither', async () => {
    const page = await stage.openPanel(LIGHT);
    // In truth each panel has a page to itself.
    const findings = await objections(page, ['landmark-unique']);
    await lookAt(page, named('forced colours'));
    findings.push(...(await objections(page, [], OF_COLOURS)));
    expect(findings).toEqual([]);
    await stage.leave(page);
  });
});

describe.concurrent('A mail to a partner', () => {
  it.each(MAILS)('is read in every way of looking, told apart and uncut: $called', async ({ html }) => {
    const page = await stage.openMail(html, LIGHT);
    const findings: unknown[] = await objections(page, AROUND_A_MAIL);
    for (const mode of MODES_OF_PAGES) {
      await lookAt(page, mode);
      findings.push(...(await stage.judge(page)).map((finding) => `${mode.name}: ${finding}`));
    }
    expect(findings).toEqual([]);
    await stage.leave(page);
  });
});

describe('The judge', () => {
  /** What it finds on a page with one paragraph more, and a text box, that look so. */
  async function found(style: string, attributes = ''): Promise<string[]> {
    const page = await stage.open(...stateCalled('options, an access token'), LIGHT);
    await page.addStyleTag({ content: `.planted { ${style} }` });
    const planted = `<p class="planted" ${attributes}>Planted words</p><input class="input planted" aria-label="Planted">`;
    await page.evaluate(
      (html) => document.querySelector('main section')?.insertAdjacentHTML('beforeend', html),
      planted,
    );
    const findings = await stage.judge(page);
    await stage.leave(page);
    return findings;
  }

  it('finds nothing in what is in order', async () => {
    expect(await found('')).toEqual([]);
  });

  it('finds text of a contrast of 2.9 : 1', async () => {
    expect(await found('color: #979797')).toEqual([expect.stringMatching(/^contrast 2\.9\d: p\.planted/)]);
  });

  it('finds text that fades, and text on what is half transparent', async () => {
    expect(await found('opacity: 0.5')).toContainEqual(expect.stringMatching(/^contrast [34]\.\d+: p\.planted/));
    const veiled = await found('background: rgb(0 0 0 / 60%)');
    expect(veiled).toContainEqual(expect.stringMatching(/^contrast \d\.\d+: p\.planted/));
  });

  it('finds a control whose border has a contrast of 2.9 : 1', async () => {
    const sides = await found('border-color: #979797');
    expect(sides).toHaveLength(4);
    expect(sides).toContainEqual(expect.stringMatching(/^border 2\.9\d: input\.input\.planted/));
  });

  it('finds what is wider than its place, and a page that scrolls sideways', async () => {
    expect(await found('width: 2000px')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^overflow .* section/), expect.stringMatching(/: the page$/)]),
    );
  });

  it('finds text of which a part is not drawn', async () => {
    expect(await found('max-height: 8px; min-height: 0; overflow: hidden')).toContainEqual(
      expect.stringMatching(/^cut by p\.planted/),
    );
    expect(await found('width: 40px; overflow: hidden; white-space: nowrap')).toContainEqual(
      expect.stringMatching(/^overflow .* p\.planted/),
    );
  });

  it('leaves alone what ends in an ellipsis, unless nobody is told its whole', async () => {
    const ends = 'width: 40px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis';
    expect(await found(ends)).toEqual([]);
    expect(await found(ends, 'aria-hidden="true"')).toEqual([expect.stringMatching(/^cut and not told whole/)]);
  });
});
