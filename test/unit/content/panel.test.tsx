import { render } from 'preact';
import { afterEach, describe, expect, it } from 'vitest';
import { panelWordsOf } from '../../../src/background/panel-words';
import { Panel } from '../../../src/content/panel';
import { DEFAULT_DOCK, type Dock } from '../../../src/domain/dock';
import type { Acts } from '../../../src/content/panel-controller';
import { isLineAlone, whatIsShown } from '../../../src/content/panel-state';
import type { Place } from '../../../src/content/placement';
import type { Sureness } from '../../../src/content/seeing';
import { type OnPage, OnPageContext } from '../../../src/ui/on-page';
import { speak, speakIn } from '../../../src/words/words';
import { english } from '../../setup/english';
import { alertsIn, button, controlsIn, statusIn, textOf } from './look';
import { LINK_STATES } from './link-states';
import { NOW, STATES } from './panel-states';
import { press, pressKey } from '../../support/trusted-person';

const ALL = [...STATES, ...LINK_STATES];

const acts: Acts = {
  type: () => undefined,
  choose: () => undefined,
  check: () => undefined,
  save: () => undefined,
  askToRemove: () => undefined,
  remove: () => undefined,
  link: () => undefined,
  chooseAccount: () => undefined,
  undo: () => undefined,
  overwrite: () => undefined,
  keep: () => undefined,
  sendAsMe: () => undefined,
  stop: () => undefined,
  tryNow: () => undefined,
  askAgain: () => undefined,
  readAgain: () => undefined,
  showPartner: () => undefined,
  confirmInExtension: () => undefined,
  openOptions: () => undefined,
  signIn: () => undefined,
  wantUsedPartners: () => undefined,
  unfold: () => undefined,
  toggleLog: () => undefined,
  readLogAgain: () => undefined,
  goOn: () => undefined,
};

const onPage: OnPage = { press: (_event, _weight, act) => act(), focusIsPersons: () => true };

/** What the panel was told to do with its dock. */
const asked: (boolean | 'move')[] = [];

function draw(
  name: string,
  place: Place = 'inline',
  sureness: Sureness = 'sure',
  dock: Dock = { ...DEFAULT_DOCK, folded: false },
): HTMLElement {
  const state = ALL.find((one) => one.name === name);
  if (state === undefined) throw new Error(`No state ${name}`);
  const shown = whatIsShown(state.known, state.draft);
  const contents = {
    shown,
    windowProblem: state.draft.windowProblem,
    otherAccount: state.draft.otherAccount,
    usedPartners: { assigned: [], checked: [] },
    now: NOW,
    acts,
  };
  const stand = {
    place,
    dock,
    onFold: (folded: boolean) => void asked.push(folded),
    onMove: () => void asked.push('move'),
  };
  render(
    <OnPageContext.Provider value={onPage}>
      <Panel {...contents} {...stand} about={state.about ?? 'record'} sureness={sureness} />
    </OnPageContext.Provider>,
    document.body,
  );
  return document.body;
}

afterEach(() => {
  render(null, document.body);
  asked.length = 0;
});

describe('each state shows exactly its controls and words', () => {
  it.each(ALL)('$name', ({ name, controls, status, alerts, says }) => {
    const root = draw(name);
    expect(controlsIn(root)).toEqual(controls);
    const told = statusIn(root);
    if (typeof status === 'string') expect(told).toBe(status);
    else expect(told).toMatch(status);
    expect(alertsIn(root)).toHaveLength(alerts.length);
    alerts.forEach((alert, index) => {
      if (typeof alert === 'string') expect(alertsIn(root)[index]).toBe(alert);
      else expect(alertsIn(root)[index]).toMatch(alert);
    });
    for (const words of says) {
      if (typeof words === 'string') expect(textOf(root)).toContain(words);
      else expect(textOf(root)).toMatch(words);
    }
  });

  it('says to somebody who may not change the partner what the service says, and whom to ask, when they want it', async () => {
    const root = draw('not permitted by a long role, and whom to ask');
    expect(textOf(root)).not.toContain('por-desk@contoso.example');
    press(button(root, 'Whom do I ask?'));
    await expect.poll(() => textOf(root)).toContain('Whom to ask: por-desk@contoso.example');
    expect(button(root, 'Whom do I ask?').getAttribute('aria-expanded')).toBe('true');
    expect(root.querySelector('a')).toBeNull();
    press(button(root, 'Whom do I ask?'));
    await expect.poll(() => textOf(root)).not.toContain('por-desk@contoso.example');
    render(null, document.body);
    draw('not permitted, and the service says much');
    press(button(root, 'Why?'));
    await expect.poll(() => textOf(root)).toContain('The service says: “This subscription is looked after by the desk');
  });

  it.each(['sign-in failed, and the provider said why', 'not permitted'])(
    'quotes where no page’s search reads it: %s',
    (name) => {
      const root = draw(name);
      expect(textOf(root)).toMatch(/“.+”/);
      expect(root.textContent).toMatch(/“”/);
    },
  );

  it('says that it can not be sure to be seen before anybody presses, beside all that it shows otherwise', () => {
    const sure = controlsIn(draw('one partner'));
    const root = draw('one partner', 'docked', 'unsure');
    expect(alertsIn(root)).toEqual([
      expect.stringMatching(/^Your click was ignored for safety: something covers this panel/),
    ]);
    expect(controlsIn(root).toSorted()).toEqual(
      [
        'button Collapse the panel',
        'button Confirm in the extension',
        'button Move',
        'disclosure Details',
        ...sure,
      ].toSorted(),
    );
  });

  it('gives no two elements one id, however often it was drawn before', () => {
    for (const name of ['one partner', 'checked', 'asked whether to remove', 'not digits']) {
      const root = draw(name);
      const ids = [...root.querySelectorAll('[id]')].map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const box = root.querySelector('input');
      if (box !== null) expect(controlsIn(root)).toContain('textbox Partner ID');
    }
  });

  it('has “No partner of record” only where a record says so', () => {
    for (const { name, known } of STATES) {
      const isNone = known.view?.state?.partnerOfRecord === null && !known.gone;
      expect(textOf(draw(name)).includes('No partner of record'), name).toBe(isNone);
    }
  });

  it('says whose record it is: under all that is more than its line, and by its title', () => {
    const whose = 'This is your organisation’s own record. It changes nothing at Microsoft.';
    for (const { name, known, draft } of STATES) {
      const root = draw(name);
      const isLine = isLineAlone(whatIsShown(known, draft), 'sure');
      expect(textOf(root.querySelector('footer')).startsWith(whose), name).toBe(!isLine);
      expect(root.querySelector('h2')?.title).toBe(whose);
    }
  });

  it('needs no other words than the worker gives a panel', () => {
    const { sentences, writing } = panelWordsOf(english);
    speakIn(writing, (id) => sentences[id] ?? '');
    for (const place of ['inline', 'docked'] as const) {
      for (const { name } of STATES) expect(() => draw(name, place, 'unsure'), name).not.toThrow();
    }
    speak(english);
  });

  it('is one region named “Partner of record”, and never parses a name', () => {
    const root = draw('hostile partner name');
    const region = root.querySelector('section');
    expect(textOf(root.querySelector(`[id="${region?.getAttribute('aria-labelledby')}"]`))).toBe('Partner of record');
    expect(root.querySelector('img')).toBeNull();
  });
});

describe('the docked panel', () => {
  it('begins as a tab that names the partner, opens, folds again, and says so each time', async () => {
    const root = draw('one partner', 'docked', 'sure', DEFAULT_DOCK);
    expect(controlsIn(root)).toEqual(['button Open the panel']);
    expect(textOf(root)).toMatch(/^Partner of record.*Contoso Cloud Partners \(423451\)$/);
    press(button(root, 'Open the panel'));
    await expect.poll(() => controlsIn(root)).toContain('button Change');
    press(button(root, 'Collapse the panel'));
    await expect.poll(() => controlsIn(root)).toEqual(['button Open the panel']);
    expect(asked).toEqual([false, true]);
  });

  it('folds on Escape, and the focus is on the button that opens it', async () => {
    const root = draw('none', 'docked');
    const box = root.querySelector('input');
    box?.focus();
    pressKey(box as HTMLElement, 'Escape');
    await expect.poll(() => controlsIn(root)).toEqual(['button Open the panel']);
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Open the panel');
    expect(asked).toEqual([true]);
  });

  it('does nothing on Escape in the portal’s own content', async () => {
    const root = draw('none', 'inline');
    pressKey(root.querySelector('input') as HTMLElement, 'Escape');
    expect(asked).toEqual([]);
  });

  it('moves on when asked to', () => {
    press(button(draw('one partner', 'docked'), 'Move'));
    expect(asked).toEqual(['move']);
  });
});
