import { CORNERS, type Corner } from '../../../../src/domain/dock';
import { DRAWN, drawPanel } from './draw-panel';

/** Draws the docked panel, one at a time as on a portal's page, in each state and corner, open and folded to its tab. */

declare global {
  /** Draws the one of that name in place of the one before; by their names, in order. */
  var docked: ReadonlyMap<string, () => void>;
}

const [FIRST, ...OTHER_CORNERS] = CORNERS;
/** Those of which the tab is looked at, and those that are looked at in each corner. */
const FOLDED = [
  'reading',
  'withheld',
  'one partner',
  'none',
  'hostile partner name',
  'not permitted',
  'unreachable',
  'link, linked',
  'link, none',
];
const IN_EACH_CORNER = ['one partner', 'checked', 'the log'];

const folded = (of: readonly string[], corner: Corner = FIRST) =>
  DRAWN.filter(({ name }) => of.includes(name)).map((state) => ({ state, corner, folded: true }));
const open = (of: readonly string[] | null, corner: Corner = FIRST) =>
  DRAWN.filter(({ name }) => of?.includes(name) ?? true).map((state) => ({ state, corner, folded: false }));

let present: Element | null = null;
globalThis.docked = new Map(
  [
    ...folded(FOLDED),
    ...OTHER_CORNERS.flatMap((corner) => folded(['one partner'], corner)),
    ...OTHER_CORNERS.flatMap((corner) => open(IN_EACH_CORNER, corner)),
    ...open(null),
  ].map(({ state, corner, folded }) => [
    `${state.name}, ${folded ? 'folded' : 'open'}${corner === FIRST ? '' : `, ${corner}`}`,
    () => {
      present?.remove();
      present = drawPanel(state, document.body, { corner, folded });
    },
  ]),
);
