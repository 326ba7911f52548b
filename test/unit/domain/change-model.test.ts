import { expect, test } from 'vitest';
import { afterEvent, asksTheSame, isOpen, nextStep, TRY_FOR_MS } from '../../../src/domain/change';
import {
  allEvents,
  firstWorld,
  flawInTheEnd,
  keyOf,
  type Move,
  meaningful,
  moves,
  type Rules,
  untruth,
  type World,
} from './change-model';
import { OLD, WANTED } from '../../support/partners';
import { ADA } from '../../support/persons';

const CALM: Rules = {
  name: 'the backend keeps keys',
  replay: 'key',
  foreignWrites: 0,
  lateRequests: false,
  signIns: 0,
  losses: 0,
  slow: false,
  clockSettings: 0,
};
const KEYLESS: Rules = { ...CALM, name: 'the backend keeps no keys', replay: 'readFirst' };
const CONTENDED: Rules = { ...CALM, name: 'somebody else writes too', foreignWrites: 2 };
const TWO_PEOPLE: Rules = { ...CALM, name: 'two people sign in', signIns: 3 };
const MISSING: Rules = { ...CALM, name: 'the connection goes missing', losses: 2 };
const LATE: Rules = {
  ...CALM,
  name: 'somebody else writes too, and requests come late',
  foreignWrites: 1,
  lateRequests: true,
};
const KEYLESS_LATE: Rules = { ...LATE, name: `the backend keeps no keys, ${LATE.name}`, replay: 'readFirst' };
const ALL_OF_THAT: Rules = {
  ...LATE,
  name: 'two people, a missing connection, late requests and somebody else who writes',
  signIns: 2,
  losses: 1,
};

const SLOW: Rules = { ...LATE, name: 'two people, and all takes its time', slow: true, signIns: 1 };
const KEYLESS_SLOW: Rules = { ...SLOW, name: `the backend keeps no keys, ${SLOW.name}`, replay: 'readFirst' };
const CLOCK: Rules = {
  ...CALM,
  name: 'the clock is set, and somebody else writes',
  clockSettings: 2,
  foreignWrites: 1,
};

const WISHES = { assign: [null, WANTED], change: [OLD, WANTED], remove: [OLD, null] } as const;

const CASES: readonly { readonly rules: Rules; readonly wish: keyof typeof WISHES; readonly length: number }[] = [
  { rules: CALM, wish: 'change', length: 10 },
  { rules: KEYLESS, wish: 'change', length: 10 },
  { rules: CONTENDED, wish: 'assign', length: 7 },
  { rules: CONTENDED, wish: 'change', length: 8 },
  { rules: CONTENDED, wish: 'remove', length: 7 },
  { rules: LATE, wish: 'change', length: 8 },
  { rules: KEYLESS_LATE, wish: 'change', length: 8 },
  { rules: TWO_PEOPLE, wish: 'change', length: 9 },
  { rules: MISSING, wish: 'change', length: 9 },
  { rules: ALL_OF_THAT, wish: 'assign', length: 7 },
  { rules: SLOW, wish: 'change', length: 9 },
  { rules: KEYLESS_SLOW, wish: 'change', length: 9 },
  { rules: CLOCK, wish: 'change', length: 9 },
];

/** What is wrong with one step; null when nothing is. */
function fault(from: World, { name, to }: Move, rules: Rules): string | null {
  const [before, after] = [from.change.life, to.change.life];
  if (to.effects > 1) return 'doubled: more than one effect';
  if (name === 'send') {
    if (after.state !== 'sending') return 'sent without being written down as sent';
    if (after.attempts !== to.tries) return 'a request that was not counted';
    if (![ADA, ...to.adopters].includes(to.person)) return 'sent as another person than who asked or chose to';
    const asksByKey = rules.slow ? from.asksByKey : before.state === 'waiting' && before.for === 'key';
    if (asksByKey)
      return from.version === 1 && from.kept === null ? 'asked by its key while it could take effect' : null;
    if (from.stopped || after.settle !== null) return 'sent after it was to be sent no more';
    if (after.triedMs >= TRY_FOR_MS) return 'sent after 24 hours of trying';
  } else if (before.state !== 'sending' && after.state === 'sending' && name !== 'prepare')
    return 'on the wire without a request';
  if (!asksTheSame(from.change, to.change)) return 'the request was altered';
  if (isOpen(to.change)) {
    if (!isOpen(from.change)) return 'resurrected';
    const step = nextStep(to.change, to.now);
    if (step.do === 'nothing' && to.wire === null) return 'lost: open, and nobody will ever do anything';
    const waitsForSomebody = after.state === 'waiting' && ['signIn', 'person', 'connection'].includes(after.for);
    if (step.do === 'wait' && step.until === null && !waitsForSomebody) {
      return 'lost: waits for nothing';
    }
    return null;
  }
  if (isOpen(from.change)) return untruth(to);
  if (before.state !== after.state) return 'resurrected as something else';
  return before === after || ['keep', 'overwrite', 'see'].includes(name) ? null : 'altered after its end';
}

/** What is wrong with how a change takes events that have no meaning in its state. */
function confusion(world: World): string | null {
  const { state } = world.change.life;
  for (const event of allEvents(world)) {
    if (!meaningful(world.change.life).includes(event.type) && afterEvent(world.change, event) !== world.change) {
      return `${event.type} means something when ${state}`;
    }
  }
  return null;
}

interface Reached {
  readonly world: World;
  readonly path: readonly string[];
  paths: number;
}

/** Goes every way of up to `length` steps; worlds that cannot be told apart are looked at once, their ways all counted. */
function explore(first: World, rules: Rules, length: number) {
  const looked = new Set<string>([keyOf(first)]);
  const met = new Set<string>();
  const known = new Map<string, string | null>();
  let layer = new Map<string, Reached>([[keyOf(first), { world: first, path: [], paths: 1 }]]);
  let paths = 0;
  for (let depth = 0; depth < length; depth += 1) {
    const next = new Map<string, Reached>();
    for (const { world, path, paths: ways } of layer.values()) {
      for (const move of moves(world, rules)) {
        const key = keyOf(move.to);
        const other = next.get(key);
        const wrong =
          fault(world, move, rules) ??
          (looked.has(key) ? null : (confusion(move.to) ?? flawInTheEnd(move.to, rules, known)));
        if (wrong !== null)
          throw new Error(`${wrong}\n  ${[...path, move.name].join(' > ')}\n${JSON.stringify(move.to, null, 1)}`);
        looked.add(key);
        met.add(move.to.change.life.state);
        paths += ways;
        if (other !== undefined) other.paths += ways;
        else next.set(key, { world: move.to, path: [...path, move.name], paths: ways });
      }
    }
    layer = next;
  }
  return { states: looked.size, paths, met };
}

test.each(CASES)(
  'no way of up to $length steps loses, doubles or resurrects: $wish, $rules.name',
  ({ wish, rules, length }) => {
    const [before, after] = WISHES[wish];
    const started = performance.now();
    const { states, paths, met } = explore(firstWorld(before, after, rules.replay), rules, length);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.info(
      `${wish}, ${rules.name}, ${length} steps: ${states} states, ${paths.toExponential(2)} paths, ${seconds} s`,
    );
    const all = ['waiting', 'sending', 'done', 'refused', 'cancelled', 'unknown'];
    expect([...met].sort()).toEqual([...all, ...(rules.foreignWrites > 0 ? ['conflict'] : [])].sort());
  },
);
