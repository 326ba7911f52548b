import { render } from 'preact';
import { createHost } from '../../../../src/content/host';
import { Panel } from '../../../../src/content/panel';
import panelStyles from '../../../../src/content/panel.css?inline';
import type { Acts } from '../../../../src/content/panel-controller';
import { whatIsShown } from '../../../../src/content/panel-state';
import { DEFAULT_DOCK, type Dock } from '../../../../src/domain/dock';
import { type OnPage, OnPageContext } from '../../../../src/ui/on-page';
import baseStyles from '../../../../src/ui/base.css?inline';
import { speak } from '../../../../src/words/words';
import { dataInOtherScript } from '../../../setup/other-script';
import { contoso, fabrikam, NOW, STATES } from '../../../unit/content/panel-states';
import { catalogue } from './catalogue';

/** Draws panels as their portals have them, each in a host of its own, but with an open root: so that eyes and tools can look at it. */

const { attachShadow } = Element.prototype;
Element.prototype.attachShadow = function (init) {
  return attachShadow.call(this, { ...init, mode: 'open' });
};

const nothing = () => undefined;
const acts: Acts = {
  type: nothing,
  choose: nothing,
  check: nothing,
  save: nothing,
  askToRemove: nothing,
  remove: nothing,
  link: nothing,
  chooseAccount: nothing,
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
export const DRAWN = [...STATES.map((state) => ({ ...state, sureness: 'sure' as const })), ...UNSURE];
export type Drawn = (typeof DRAWN)[number];

const asked = new URLSearchParams(location.search);
const written = <T,>(data: T): T => (asked.get('script') === 'other' ? dataInOtherScript(data) : data);
speak(catalogue);
const portal = document.documentElement;
portal.style.colorScheme = asked.get('theme') ?? 'light dark';
portal.dir = asked.get('direction') ?? 'ltr';
const theme = asked.get('theme') === 'dark' || matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

/** Puts a panel in that state there, and answers its host. */
export function drawPanel({ name, known, draft, sureness }: Drawn, parent: Element, dock: Dock | null): Element {
  const place = dock === null ? 'inline' : 'docked';
  const { corner } = dock ?? DEFAULT_DOCK;
  const { element, surface, moveTo } = createHost(baseStyles + panelStyles, { theme, inset: 0, corner });
  element.dataset['state'] = name;
  moveTo(parent, place);
  const contents = {
    shown: whatIsShown(written(known), written(draft)),
    windowProblem: draft.windowProblem,
    otherAccount: null,
    usedPartners: written({ assigned: [contoso], checked: [fabrikam] }),
    now: NOW,
    acts,
    sureness,
  } as const;
  render(
    <OnPageContext.Provider value={onPage}>
      <Panel {...contents} place={place} dock={dock ?? DEFAULT_DOCK} onFold={nothing} onMove={nothing} />
    </OnPageContext.Provider>,
    surface,
  );
  return element;
}
