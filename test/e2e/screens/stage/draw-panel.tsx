import { render } from 'preact';
import { createHost } from '../../../../src/content/host';
import { Panel } from '../../../../src/content/panel';
import panelStyles from '../../../../src/content/panel.css?inline';
import type { Acts } from '../../../../src/content/panel-controller';
import type { Sureness } from '../../../../src/content/seeing';
import { whatIsShown } from '../../../../src/content/panel-state';
import { DEFAULT_DOCK, type Dock } from '../../../../src/domain/dock';
import { type OnPage, OnPageContext } from '../../../../src/ui/on-page';
import baseStyles from '../../../../src/ui/base.css?inline';
import { speak } from '../../../../src/words/words';
import { dataInOtherScript } from '../../../setup/other-script';
import { LINK_STATES } from '../../../unit/content/link-states';
import { contoso, fabrikam, NOW, type PanelState, STATES } from '../../../unit/content/panel-states';
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
const LINKED = LINK_STATES.filter(({ name }) =>
  ['link, linked', 'link, none', 'link, nobody is signed in'].includes(name),
);
/** The record, and below it a link. */
const BOTH = STATES.filter(({ name }) => name === 'one partner').flatMap((state) =>
  LINKED.map((link) => ({
    ...state,
    name: `one partner, and below it: ${link.name}`,
    link,
    sureness: 'sure' as const,
  })),
);
export const DRAWN: readonly Drawn[] = [
  ...[...STATES, ...LINK_STATES].map((state) => ({ ...state, sureness: 'sure' as const })),
  ...UNSURE,
  ...BOTH,
];
export interface Drawn extends PanelState {
  readonly sureness: Sureness;
  /** What stands below it in the same host. */
  readonly link?: PanelState;
}

const asked = new URLSearchParams(location.search);
const written = <T,>(data: T): T => (asked.get('script') === 'other' ? dataInOtherScript(data) : data);
speak(catalogue);
const portal = document.documentElement;
portal.style.colorScheme = asked.get('theme') ?? 'light dark';
portal.dir = asked.get('direction') ?? 'ltr';
const theme = asked.get('theme') === 'dark' || matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

/** Puts a panel in that state there, and answers its host. */
export function drawPanel({ name, sureness, link, ...state }: Drawn, parent: Element, dock: Dock | null): Element {
  const place = dock === null ? 'inline' : 'docked';
  const { corner } = dock ?? DEFAULT_DOCK;
  const { element, surface, moveTo } = createHost(baseStyles + panelStyles, { theme, inset: 0, corner });
  element.dataset['state'] = name;
  moveTo(parent, place);
  const contentsOf = ({ known, draft, about = 'record' }: Pick<PanelState, 'known' | 'draft' | 'about'>) => ({
    about,
    shown: whatIsShown(written(known), written(draft)),
    windowProblem: draft.windowProblem,
    ...written({ otherAccount: draft.otherAccount }),
    usedPartners: written({ assigned: [contoso], checked: [fabrikam] }),
    now: NOW,
    acts,
    sureness,
  });
  const stand = { place, dock: dock ?? DEFAULT_DOCK, onFold: nothing, onMove: nothing } as const;
  render(
    <OnPageContext.Provider value={onPage}>
      <Panel {...contentsOf(state)} {...stand}>
        {link !== undefined && <Panel {...contentsOf(link)} {...stand} below />}
      </Panel>
    </OnPageContext.Provider>,
    surface,
  );
  return element;
}
