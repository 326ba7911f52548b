import { render } from 'preact';
import { Panel } from '../../../../src/content/panel';
import panelStyles from '../../../../src/content/panel.css?inline';
import type { Acts } from '../../../../src/content/panel-controller';
import { whatIsShown } from '../../../../src/content/panel-state';
import { DEFAULT_DOCK } from '../../../../src/domain/dock';
import baseStyles from '../../../../src/ui/base.css?inline';
import { speak } from '../../../../src/words/words';
import { catalogue } from './catalogue';
import { dataInOtherScript } from '../../../setup/other-script';
import { type OnPage, OnPageContext } from '../../../../src/ui/on-page';
import { contoso, fabrikam, NOW, STATES } from '../../../unit/content/panel-states';

/**
 * Draws every state of the panel in an open shadow root of its own, so that eyes and tools can look at it; only the one that the
 * address names, where it names one.
 */

const nothing = () => undefined;
const acts: Acts = {
  type: nothing,
  choose: nothing,
  check: nothing,
  save: nothing,
  askToRemove: nothing,
  remove: nothing,
  undo: nothing,
  overwrite: nothing,
  keep: nothing,
  sendAsMe: nothing,
  stop: nothing,
  tryNow: nothing,
  askAgain: nothing,
  readAgain: nothing,
  showPartner: nothing,
  confirmInExtension: nothing,
  openOptions: nothing,
  signIn: nothing,
  wantUsedPartners: nothing,
  unfold: nothing,
  toggleLog: nothing,
  readLogAgain: nothing,
  goOn: nothing,
};

const onPage: OnPage = { press: (_event, _weight, act) => act(), focusIsPersons: () => true };

/** Each as it is seen, and those where it matters once more as one that cannot be sure to be seen. */
const UNSURE = STATES.filter(({ name }) => ['one partner', 'checked', 'withheld'].includes(name)).map((state) => ({
  ...state,
  name: `${state.name}, not sure that it is seen`,
  sureness: 'unsure' as const,
}));
const DRAWN = [...STATES.map((state) => ({ ...state, sureness: 'sure' as const })), ...UNSURE];

const asked = new URLSearchParams(location.search);
const written = <T,>(data: T): T => (asked.get('script') === 'other' ? dataInOtherScript(data) : data);
speak(catalogue);
const only = asked.get('state');
const theme = asked.get('theme');
// The portal around it has that theme too, whatever the system has.
if (theme !== null) document.documentElement.style.colorScheme = theme;

for (const { name, known, draft, sureness } of DRAWN.filter((state) => only === null || state.name === only)) {
  const heading = document.createElement('h1');
  heading.textContent = name;
  heading.dataset['ofStage'] = '';
  const host = document.createElement('partner-of-record');
  host.dataset['place'] = 'inline';
  host.dataset['state'] = name;
  const root = host.attachShadow({ mode: 'open' });
  const style = document.createElement('style');
  style.textContent = baseStyles + panelStyles;
  const surface = document.createElement('div');
  surface.className = 'surface';
  if (theme !== null) surface.dataset['theme'] = theme;
  root.append(style, surface);
  const section = document.createElement('section');
  section.append(heading, host);
  document.querySelector('main')?.append(section);
  const shown = whatIsShown(written(known), written(draft));
  const { windowProblem } = draft;
  const contents = {
    shown,
    windowProblem,
    usedPartners: written({ assigned: [contoso], checked: [fabrikam] }),
    now: NOW,
    acts,
    sureness,
  } as const;
  render(
    <OnPageContext.Provider value={onPage}>
      <Panel {...contents} place="inline" dock={DEFAULT_DOCK} onFold={nothing} onMove={nothing} />
    </OnPageContext.Provider>,
    surface,
  );
}
