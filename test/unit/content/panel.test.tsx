import { render } from 'preact';
import { afterEach, describe, expect, it } from 'vitest';
import { Panel } from '../../../src/content/panel';
import type { Acts } from '../../../src/content/panel-controller';
import { isFolded, whatIsShown } from '../../../src/content/panel-state';
import type { Place } from '../../../src/content/placement';
import type { Sureness } from '../../../src/content/seeing';
import { alertsIn, controlsIn, statusIn, textOf } from './look';
import { NOW, STATES } from './panel-states';

const acts: Acts = {
  type: () => undefined,
  choose: () => undefined,
  check: () => undefined,
  save: () => undefined,
  askToRemove: () => undefined,
  remove: () => undefined,
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

function draw(name: string, place: Place = 'inline', sureness: Sureness = 'sure'): HTMLElement {
  const state = STATES.find((one) => one.name === name);
  if (state === undefined) throw new Error(`No state ${name}`);
  const shown = whatIsShown(state.known, state.draft);
  const contents = {
    shown,
    windowProblem: state.draft.windowProblem,
    usedPartners: { assigned: [], checked: [] },
    now: NOW,
    acts,
  };
  render(<Panel {...contents} place={place} sureness={sureness} />, document.body);
  return document.body;
}

afterEach(() => render(null, document.body));

describe('each state shows exactly its controls and words', () => {
  it.each(STATES)('$name', ({ name, controls, status, alerts, says }) => {
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

  it('says that it can not be sure to be seen before anybody presses, beside all that it shows otherwise', () => {
    const sure = controlsIn(draw('one partner'));
    const root = draw('one partner', 'docked', 'unsure');
    expect(alertsIn(root)).toEqual([
      expect.stringMatching(/^Your click was ignored for safety: something covers this panel/),
    ]);
    expect(controlsIn(root).toSorted()).toEqual(
      ['button Confirm in the extension', 'disclosure Details', ...sure].toSorted(),
    );
  });

  it('has “No partner of record” only where a record says so', () => {
    for (const { name, known } of STATES) {
      const isNone = known.view?.record?.partnerOfRecord === null && !known.gone;
      expect(textOf(draw(name)).includes('No partner of record'), name).toBe(isNone);
    }
  });

  it('says whose record it is: under all that is more than its line, and by its title', () => {
    const whose = 'This is your organisation’s own record. It changes nothing at Microsoft.';
    for (const { name, known, draft } of STATES) {
      const root = draw(name);
      const isLine = isFolded(whatIsShown(known, draft), false, 'sure');
      expect(textOf(root.querySelector('footer')).startsWith(whose), name).toBe(!isLine);
      expect(root.querySelector('h2')?.title).toBe(whose);
    }
  });

  it('is one region named “Partner of record”, and never parses a name', () => {
    const root = draw('hostile partner name');
    const region = root.querySelector('section');
    expect(textOf(root.querySelector(`[id="${region?.getAttribute('aria-labelledby')}"]`))).toBe('Partner of record');
    expect(root.querySelector('img')).toBeNull();
  });
});

describe('the docked panel', () => {
  it('is a line with the way to open it where there is no partner', () => {
    expect(controlsIn(draw('none', 'docked'))).toEqual(['button Log', 'button Open the panel']);
    expect(controlsIn(draw('one partner', 'docked'))).toEqual(['button Change', 'button Remove partner', 'button Log']);
    expect(controlsIn(draw('typing', 'docked'))).toContain('button Check ID');
  });
});
