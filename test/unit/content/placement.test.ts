import { describe, expect, it } from 'vitest';
import {
  BACK_AFTER_MS,
  type Decision,
  decidePlace,
  LEAVES_AFTER_MS,
  type Past,
  pastAt,
  placeOf,
  REMOVALS,
  REMOVALS_IN_MS,
  REST_MS,
  type Scene,
  WAIT_FOR_ANCHOR_MS,
} from '../../../src/content/placement';

const NOW = 10_000;
const ANCHOR = { holdsPanel: false, seenFor: null };
const HELD = { holdsPanel: true, seenFor: null };

const scene = (more: Partial<Scene> = {}): Scene => ({
  now: NOW,
  isThere: true,
  hasBox: true,
  anchor: null,
  unseenFor: null,
  pressRefused: false,
  dialogInTheWay: false,
  hasFocus: false,
  ...more,
});
const past = (more: Partial<Past> = {}): Past => ({ ...pastAt(0), ...more });
const removedOften = Array.from({ length: REMOVALS }, (_, count) => NOW - count);

type Case = readonly [what: string, past: Past, scene: Scene, to: Decision['to'], lookAgainIn: number | null];

describe('the panel', () => {
  const cases: readonly Case[] = [
    ['goes inline where there is an anchor', past(), scene({ isThere: false, anchor: ANCHOR }), 'anchor', null],
    [
      'waits for an anchor at first',
      past({ openedAt: NOW - 100 }),
      scene({ isThere: false }),
      'stay',
      WAIT_FOR_ANCHOR_MS - 100,
    ],
    [
      'docks when none came in time',
      past({ openedAt: NOW - WAIT_FOR_ANCHOR_MS }),
      scene({ isThere: false }),
      'body',
      null,
    ],
    ['goes inline when one comes later', past({ spot: 'body' }), scene({ anchor: ANCHOR }), 'anchor', null],
    ['stays docked while there is none', past({ spot: 'body' }), scene(), 'stay', null],
    ['stays in its anchor', past({ spot: 'anchor' }), scene({ anchor: HELD }), 'stay', null],
    [
      'stays where it is inline while it has room, though another anchor came',
      past({ spot: 'anchor' }),
      scene({ anchor: ANCHOR }),
      'stay',
      null,
    ],
    [
      'leaves an anchor that is hidden for one that is not',
      past({ spot: 'anchor' }),
      scene({ hasBox: false, anchor: ANCHOR }),
      'anchor',
      null,
    ],
    ['docks when its anchor is hidden', past({ spot: 'anchor' }), scene({ hasBox: false }), 'body', null],
    [
      'comes back when it was taken away',
      past({ spot: 'anchor' }),
      scene({ isThere: false, anchor: ANCHOR }),
      'anchor',
      null,
    ],
    ['comes back to its dock', past({ spot: 'body' }), scene({ isThere: false }), 'body', null],
    [
      'rests when it was taken away too often',
      past({ spot: 'anchor', removals: removedOften }),
      scene({ isThere: false, anchor: ANCHOR }),
      'rest',
      REST_MS,
    ],
    [
      'does not count what was long ago',
      past({ spot: 'anchor', removals: removedOften.map((at) => at - REMOVALS_IN_MS) }),
      scene({ isThere: false, anchor: ANCHOR }),
      'anchor',
      null,
    ],
    [
      'rests to the end, whatever happens meanwhile',
      past({ spot: 'anchor', restsUntil: NOW + 70 }),
      scene({ isThere: false, anchor: ANCHOR }),
      'rest',
      70,
    ],
    [
      'comes back after its rest',
      past({ spot: 'anchor', restsUntil: NOW }),
      scene({ isThere: false, anchor: ANCHOR }),
      'anchor',
      null,
    ],
    [
      'stays a while where it is not seen',
      past({ spot: 'anchor' }),
      scene({ anchor: HELD, unseenFor: 200 }),
      'stay',
      LEAVES_AFTER_MS - 200,
    ],
    [
      'leaves its anchor for the outermost dock when it is not seen there',
      past({ spot: 'anchor' }),
      scene({ anchor: HELD, unseenFor: LEAVES_AFTER_MS }),
      'root',
      null,
    ],
    [
      'leaves the body for the outermost dock',
      past({ spot: 'body' }),
      scene({ unseenFor: LEAVES_AFTER_MS }),
      'root',
      null,
    ],
    [
      'leaves at once where a press was refused',
      past({ spot: 'anchor' }),
      scene({ anchor: HELD, pressRefused: true }),
      'root',
      null,
    ],
    [
      'waits for the end of a dialog that covers it',
      past({ spot: 'anchor' }),
      scene({ anchor: HELD, unseenFor: LEAVES_AFTER_MS, dialogInTheWay: true }),
      'stay',
      LEAVES_AFTER_MS,
    ],
    [
      'has no further place than the outermost dock',
      past({ spot: 'root', timesUnseen: 1, avoidsAnchor: true }),
      scene({ unseenFor: 60_000, pressRefused: true }),
      'stay',
      null,
    ],
    [
      'does not go back where nobody saw what stands there',
      past({ spot: 'root', timesUnseen: 1, avoidsAnchor: true }),
      scene({ anchor: ANCHOR }),
      'stay',
      null,
    ],
    [
      'does not go back too early',
      past({ spot: 'root', timesUnseen: 1, avoidsAnchor: true }),
      scene({ anchor: { holdsPanel: false, seenFor: BACK_AFTER_MS - 1 } }),
      'stay',
      null,
    ],
    [
      'does not go back while somebody is at work in it',
      past({ spot: 'root', timesUnseen: 1, avoidsAnchor: true }),
      scene({ anchor: { holdsPanel: false, seenFor: BACK_AFTER_MS }, hasFocus: true }),
      'stay',
      null,
    ],
    [
      'goes back where its place is free again',
      past({ spot: 'root', timesUnseen: 1, avoidsAnchor: true }),
      scene({ anchor: { holdsPanel: false, seenFor: BACK_AFTER_MS } }),
      'anchor',
      null,
    ],
    [
      'waits longer the next time',
      past({ spot: 'root', timesUnseen: 3, avoidsAnchor: true }),
      scene({ anchor: { holdsPanel: false, seenFor: 4 * BACK_AFTER_MS - 1 } }),
      'stay',
      null,
    ],
    [
      'comes back outside of the body when it was not seen before',
      past({ spot: 'root', timesUnseen: 1 }),
      scene({ isThere: false }),
      'root',
      null,
    ],
  ];

  it.each(cases)('%s', (_what, before, seen, to, lookAgainIn) => {
    const decision = decidePlace(before, seen);
    expect({ to: decision.to, lookAgainIn: decision.lookAgainIn }).toEqual({ to, lookAgainIn });
    const moves = to !== 'stay' && to !== 'rest';
    expect(decision.past.spot).toBe(moves ? to : before.spot);
  });

  it('forgets that it left its anchor once it is back, and remembers how often', () => {
    const away = past({ spot: 'root', timesUnseen: 2, avoidsAnchor: true });
    const back = decidePlace(away, scene({ anchor: { holdsPanel: false, seenFor: 2 * BACK_AFTER_MS } }));
    expect(back.past).toMatchObject({ spot: 'anchor', timesUnseen: 2, avoidsAnchor: false });
  });

  it('is called inline in an anchor and docked everywhere else', () => {
    expect((['anchor', 'body', 'root'] as const).map(placeOf)).toEqual(['inline', 'docked', 'docked']);
  });
});
