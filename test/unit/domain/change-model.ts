import {
  afterEvent,
  type Change,
  type ChangeEvent,
  type ChangeLife,
  IN_FLIGHT_MS,
  isOpen,
  LEAVES_WITHIN_MS,
  mayBeSentBy,
  nextStep,
} from '../../../src/domain/change';
import type { Replay } from '../../../src/domain/change-request';
import { isSamePartner, markOf, type PartnerState } from '../../../src/domain/partner-state';
import type { Failure } from '../../../src/domain/failure';
import type { Partner } from '../../../src/domain/partner';
import type { Person } from '../../../src/domain/person';
import { endOf, type Wait } from '../../../src/domain/wait';
import { aChange } from '../../support/changes';
import { HOUR, SECOND, START } from '../../support/clock';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { ADA, BEN } from '../../support/persons';
import { state } from '../../support/records';
import { uuid } from '../../support/targets';
import { failing, type Happening, happening } from './happenings';

/** What a backend and the way to it may do to one change. */
export interface Rules {
  readonly name: string;
  /** `key`: it keeps each answer for 24 hours; `readFirst`: it keeps none. */
  readonly replay: Replay;
  /** How often somebody else may write the same record. */
  readonly foreignWrites: number;
  /** A request that was given up may still take effect, within the time that one may be under way. */
  readonly lateRequests: boolean;
  /** How often another person may sign in in the place of who is there. */
  readonly signIns: number;
  /** How often the connection may be missing for a while. */
  readonly losses: number;
  /**
   * Whether reads, requests and what comes before them take their time: all that can happen may happen meanwhile. A request that is
   * given up then may take effect until 55 s after it left, whenever that was.
   */
  readonly slow: boolean;
  /** How often the clock may be set ahead by a day or put back by hours, while nothing is under way and nobody is away for long. */
  readonly clockSettings: number;
}

/** One change, the record it is about, and what is on the wire between them. */
export interface World {
  readonly now: number;
  readonly change: Change;
  readonly holder: Partner | null;
  readonly version: number;
  /** The first answer to this change's key, while the backend keeps it. */
  readonly kept: { readonly state: PartnerState; readonly at: number; readonly by: Person } | null;
  readonly effects: number;
  /** How often it was tried: sent, or kept back since another person is signed in. */
  readonly tries: number;
  readonly foreignWrites: number;
  readonly sleeps: number;
  /** Who is signed in. */
  readonly person: Person;
  readonly signIns: number;
  /** Who chose to send it as their own. */
  readonly adopters: readonly Person[];
  readonly connected: boolean;
  readonly losses: number;
  readonly wire: null | 'preparing' | 'left' | { readonly status: 200 | 412; readonly state: PartnerState };
  /** When the last request left. */
  readonly leftAt: number;
  /** A read that is on its way, with what it will tell. */
  readonly read: { readonly since: Wait; readonly state: PartnerState } | null;
  readonly clockSettings: number;
  /** What was written as sent last is asked by its key. */
  readonly asksByKey: boolean;
  /** A request that was given up and may take effect until then; null: none is under way. */
  readonly late: { readonly until: number; readonly by: Person } | null;
  /** The person asked to stop. */
  readonly stopped: boolean;
  /** What the end was judged by; null while open. */
  readonly end: null | {
    readonly by: string;
    readonly effects: number;
    readonly shown: Partner | null;
    readonly isEffectAhead: boolean;
  };
}

export interface Move {
  readonly name: string;
  readonly to: World;
}

const KEPT_FOR_MS = 24 * HOUR;
const SLEEP_MS = 25 * HOUR;
/** What the contract and the way to a service make of it: 30 s until it is there, 25 s until it is committed. */
const UNDER_WAY_MS = 55 * SECOND;
/** As long as somebody may take to sign in, or a service to tell whose a token is. */
const PREPARED_IN_MS = 40 * SECOND;
const ANSWER_WITHIN_MS = 30 * SECOND;
const CLOCK_SETTINGS = { 'clock set ahead a day': 25 * HOUR, 'clock put back 3 hours': -3 * HOUR } as const;

const HELD = { old: state(OLD), wanted: state(WANTED), foreign: state(FOREIGN) };
const NO_ANSWER: Failure = { reason: 'noAnswer' };
const TIMED_OUT: Failure = { reason: 'timedOut' };
const SIGNED_OUT: Failure = { reason: 'signInNeeded' };
const BUSY: Failure = { reason: 'busy' };
const BROKEN: Failure = { reason: 'serverError' };
const OTHER_PERSON: Failure = { reason: 'otherPerson' };
const NOT_PERMITTED: Failure = { reason: 'refused', code: 'NotPermitted' };

export function firstWorld(before: Partner | null, after: Partner | null, replay: Replay): World {
  const kind = after === null ? 'remove' : before === null ? 'assign' : 'change';
  return {
    now: START,
    change: aChange({ kind, before, after, replay }),
    holder: before,
    version: 1,
    kept: null,
    effects: 0,
    tries: 0,
    foreignWrites: 0,
    sleeps: 0,
    person: ADA,
    signIns: 0,
    adopters: [],
    connected: true,
    losses: 0,
    wire: null,
    leftAt: START,
    read: null,
    clockSettings: 0,
    asksByKey: false,
    late: null,
    stopped: false,
    end: null,
  };
}

/** What was read of each holder and version: nobody alters it. */
const STATES = new Map<string, PartnerState>();

function stateOf({ holder, version }: World): PartnerState {
  const key = `${holder?.partnerId} ${version}`;
  const known = STATES.get(key) ?? state(holder, `"${version}"`);
  STATES.set(key, known);
  return known;
}

/** The world after an event has happened to the change. */
function told(world: World, event: Happening): World {
  const change = afterEvent(world.change, happening(world.change, event));
  const justEnded = isOpen(world.change) && !isOpen(change);
  const { effects, holder } = world;
  const end = { by: event.type, effects, shown: holder, isEffectAhead: isEffectAhead(world) };
  return { ...world, change, end: justEnded ? end : world.end };
}

/** Whether a request that was given up could still take effect. */
function isEffectAhead({ late, version, change, kept }: World): boolean {
  return late !== null && kept?.by !== late.by && change.basedOn === `"${version}"`;
}

/** What the backend does with a request: the contract's order of checks, with a key that may be kept. */
function worked(world: World, by: Person, { replay }: Rules): Worked {
  const { change, kept } = world;
  // Keys are per caller.
  if (kept?.by === by) return { world, status: 200, state: kept.state };
  const present = stateOf(world);
  if (change.basedOn !== present.version) return { world, status: 412, state: present };
  const holder = change.after === null ? null : WANTED;
  const next = { ...world, holder, version: world.version + 1, effects: world.effects + 1 };
  const answer = stateOf(next);
  const keeps = replay === 'key' ? { state: answer, at: world.now, by } : null;
  return { world: { ...next, kept: keeps }, status: 200, state: answer };
}

interface Worked {
  readonly world: World;
  readonly status: 200 | 412;
  readonly state: PartnerState;
}

function passed(world: World, now: number): World {
  const isGone = world.kept !== null && now - world.kept.at >= KEPT_FOR_MS;
  const isOver = world.late !== null && now >= world.late.until;
  return { ...world, now, kept: isGone ? null : world.kept, late: isOver ? null : world.late };
}

function nameOf(person: Person): string {
  return person === ADA ? 'a' : 'b';
}

/** Everything that can happen next. */
export function moves(world: World, rules: Rules): Move[] {
  return possibilities(world, rules).map(({ name, to }) => ({ name, to: to() }));
}

/** The same, where each world is worked out once it is asked for. */
function possibilities(world: World, rules: Rules): { readonly name: string; readonly to: () => World }[] {
  const { change, now, wire } = world;
  const { life } = change;
  const sender = change.sentAs ?? ADA;
  const givenUp = rules.lateRequests
    ? { ...world, late: { until: (rules.slow ? world.leftAt : now) + UNDER_WAY_MS, by: sender } }
    : world;
  const found: ReturnType<typeof possibilities> = [];
  const can = (name: string, to: () => World) => found.push({ name, to });
  const failed = (name: string, failure: Failure, retryAfterMs: number | null = null, from = world) =>
    can(name, () => told({ ...from, wire: null }, failing('failed', now, failure, retryAfterMs)));

  if (life.state === 'waiting') {
    const step = nextStep(change, now);
    if (world.read !== null) {
      const { since, state: read } = world.read;
      const answered = { ...world, read: null };
      can('read', () => told(answered, { type: 'stateRead', at: now, since, state: read }));
      can('read fails', () => told(answered, { ...failing('readFailed', now, NO_ANSWER), since }));
    } else if (!world.connected && (step.do === 'send' || step.do === 'read')) {
      can('connection missing', () => told(world, { type: 'connectionMissing', at: now }));
    } else if (step.do === 'send') {
      // The token's person is asked for between noting the attempt and the request.
      const noted = () => ({
        ...told(world, { type: 'sent', at: now }),
        tries: world.tries + 1,
        asksByKey: life.for === 'key',
      });
      const leaves = mayBeSentBy(change, world.person);
      if (leaves && rules.slow) can('prepare', () => ({ ...noted(), wire: 'preparing' }));
      else if (leaves) can('send', () => ({ ...noted(), wire: 'left' }));
      else can('other person', () => told(noted(), failing('failed', now, OTHER_PERSON)));
    } else if (step.do === 'read' && rules.slow) {
      can('read begins', () => ({ ...world, read: { since: step.since, state: stateOf(world) } }));
    } else if (step.do === 'read') {
      can('read', () => told(world, { type: 'stateRead', at: now, state: stateOf(world) }));
      can('read fails', () => told(world, failing('readFailed', now, NO_ANSWER)));
      can('read signed out', () => told(world, failing('readFailed', now, SIGNED_OUT)));
    }
    const until = step.do === 'wait' ? step.until : null;
    if (until !== null) can('time comes', () => passed(world, until));
    if (step.do === 'wait') can('try again', () => told(world, { type: 'tryNow', at: now }));
    if (life.for === 'signIn') can('sign in', () => told(world, { type: 'signedIn', at: now, person: world.person }));
    if (life.for === 'person') {
      const { person, adopters } = world;
      can('send as me', () =>
        told({ ...world, adopters: [...adopters, person] }, { type: 'adopted', at: now, person }),
      );
    }
    if (life.for === 'connection' && world.connected)
      can('found', () => told(world, { type: 'connectionFound', at: now }));
    if (rules.clockSettings === 0 && world.sleeps < 2)
      can('sleep', () => passed({ ...world, sleeps: world.sleeps + 1 }, now + SLEEP_MS));
  }
  if (isOpen(change)) {
    if (life.state === 'waiting' || (life.state === 'sending' && life.settle === null)) {
      can('stop', () => ({ ...told(world, { type: 'stopAsked', at: now }), stopped: true }));
    }
    can('abandon', () => ({
      ...told(world, { type: 'abandoned', at: now }),
      wire: null,
      late: wire === 'left' ? givenUp.late : world.late,
    }));
  }
  if (world.signIns < rules.signIns) {
    const person = world.person === ADA ? BEN : ADA;
    const next = { ...world, person, signIns: world.signIns + 1 };
    can(`${person === ADA ? 'asker' : 'other'} signs in`, () => told(next, { type: 'signedIn', at: now, person }));
  }
  if (world.connected && world.losses < rules.losses) {
    can('connection lost', () => ({ ...world, connected: false, losses: world.losses + 1 }));
  }
  if (!world.connected) can('connection back', () => ({ ...world, connected: true }));
  // What passed since anything was written, and is put back before anything else is, nothing stored can tell.
  const isNoted = life.state === 'waiting' && life.wait.from === now;
  if (isNoted && wire === null && world.late === null && world.clockSettings < rules.clockSettings) {
    for (const [name, ms] of Object.entries(CLOCK_SETTINGS)) {
      const kept = world.kept === null ? null : { ...world.kept, at: world.kept.at + ms };
      can(name, () => ({ ...world, now: now + ms, kept, clockSettings: world.clockSettings + 1 }));
    }
  }
  if (wire === 'preparing') {
    const isStopped = life.state === 'sending' && life.settle !== null && !world.asksByKey;
    if (!isStopped && mayBeSentBy(change, world.person)) {
      const isLate = life.state === 'sending' && now - (life.lastSentAt ?? 0) > LEAVES_WITHIN_MS;
      const noted = () => (isLate ? told(world, { type: 'sent', at: now }) : world);
      can('send', () => ({ ...noted(), wire: 'left', leftAt: now }));
    } else failed('kept back', { ...OTHER_PERSON, unsent: true });
    can('worker dies', () => told({ ...world, wire: null }, { type: 'interrupted', at: now }));
    if (life.state === 'sending' && now === life.lastSentAt)
      can('preparing takes long', () => passed(world, now + PREPARED_IN_MS));
  }
  if (wire === 'left' && rules.slow) {
    can('timed out', () => {
      const timedOut = passed(givenUp, now + ANSWER_WITHIN_MS);
      return told({ ...timedOut, wire: null }, failing('failed', timedOut.now, TIMED_OUT));
    });
  }
  if (wire === 'left') {
    can('backend works', () => {
      const { world: done, status, state: answer } = worked(world, sender, rules);
      return { ...done, wire: { status, state: answer } };
    });
    failed('request lost', NO_ANSWER, null, givenUp);
    can('worker dies', () => told({ ...givenUp, wire: null }, { type: 'interrupted', at: now }));
    failed('signed out', SIGNED_OUT);
    failed('busy', BUSY, 2 * HOUR);
    if (rules.clockSettings > 0) failed('busy for long', BUSY, 30 * HOUR);
    failed('broken', BROKEN);
    if (world.kept?.by !== sender) failed('not permitted', NOT_PERMITTED);
  } else if (wire !== null && wire !== 'preparing') {
    const type = wire.status === 200 ? 'applied' : 'preconditionFailed';
    can('answer', () => told({ ...world, wire: null }, { type, at: now, state: wire.state }));
    failed('answer lost', NO_ANSWER);
    can('worker dies', () => told({ ...world, wire: null }, { type: 'interrupted', at: now }));
  }
  const { late } = world;
  if (late !== null) can('late request', () => worked({ ...world, late: null }, late.by, rules).world);
  if (world.foreignWrites < rules.foreignWrites) {
    for (const holder of [FOREIGN, WANTED, OLD, null]) {
      if (holder?.partnerId === world.holder?.partnerId) continue;
      const written = { holder, version: world.version + 1, foreignWrites: world.foreignWrites + 1 };
      can(`foreign write ${holder?.name ?? 'nobody'}`, () => ({ ...world, ...written }));
    }
  }
  if (life.state === 'conflict' && life.answer === null) {
    can('keep', () => told(world, { type: 'kept' }));
    can('overwrite', () => told(world, { type: 'overwritten', by: uuid(2) }));
  }
  if ((life.state === 'refused' || life.state === 'unknown') && !life.seen)
    can('see', () => told(world, { type: 'seen' }));
  return found;
}

/** Every event there is, as of this moment of the world. */
export function allEvents(world: World): ChangeEvent[] {
  const { now: at } = world;
  const events: readonly Happening[] = [
    { type: 'sent', at },
    { type: 'applied', at, state: HELD.wanted },
    { type: 'preconditionFailed', at, state: HELD.foreign },
    { type: 'preconditionFailed', at, state: stateOf(world) },
    ...[NO_ANSWER, SIGNED_OUT, BUSY, NOT_PERMITTED].flatMap((failure) => [
      failing('failed', at, failure),
      failing('readFailed', at, failure),
    ]),
    { type: 'interrupted', at },
    { type: 'stateRead', at, state: HELD.old },
    { type: 'stateRead', at, state: stateOf(world) },
    { type: 'stopAsked', at },
    { type: 'tryNow', at },
    { type: 'signedIn', at, person: ADA },
    { type: 'signedIn', at, person: BEN },
    { type: 'signedIn', at, person: null },
    { type: 'adopted', at, person: BEN },
    { type: 'connectionMissing', at },
    { type: 'connectionFound', at },
    { type: 'abandoned', at },
    { type: 'kept' },
    { type: 'overwritten', by: uuid(3) },
    { type: 'seen' },
  ];
  return events.map((event) => happening(world.change, event));
}

/** The events that mean something to a change; every other one must leave it as it is. */
export function meaningful(life: ChangeLife): readonly ChangeEvent['type'][] {
  switch (life.state) {
    case 'waiting':
      return [
        ...(['sent', 'stateRead', 'readFailed', 'stopAsked', 'tryNow', 'signedIn', 'adopted', 'abandoned'] as const),
        ...(['connectionMissing', 'connectionFound'] as const),
      ];
    case 'sending':
      return ['sent', 'applied', 'preconditionFailed', 'failed', 'interrupted', 'stopAsked', 'abandoned'];
    case 'refused':
    case 'unknown':
      return life.seen ? [] : ['seen'];
    case 'conflict':
      return life.answer === null ? ['kept', 'overwritten'] : [];
    case 'done':
    case 'cancelled':
      return [];
  }
}

/** What is wrong with how the change has ended; null when nothing is. */
export function untruth(world: World): string | null {
  const { change, end, foreignWrites } = world;
  const { life } = change;
  if (end === null) return 'ended without an end';
  const isShown = isSamePartner(end.shown, change.after);
  switch (life.state) {
    case 'done':
      return end.effects === 1 || isShown || foreignWrites > 0 ? null : 'done without effect';
    case 'cancelled':
    case 'refused':
      if (end.effects > 0) return `${life.state} with an effect`;
      return end.isEffectAhead ? `${life.state}, and an effect may follow` : null;
    case 'unknown':
      return end.by === 'abandoned' || foreignWrites > 0 ? null : 'unknown, though nobody gave it up or wrote besides';
    case 'conflict':
      if (end.effects > 0) return 'conflict with an effect';
      if (foreignWrites === 0) return 'conflict with nobody';
      return isSamePartner(life.found.partnerOfRecord, change.after) ? 'conflict with what was wanted' : null;
    case 'waiting':
    case 'sending':
      return 'still open';
  }
}

/** What is wrong with how the change ends if from now on everything works and everybody does their part; null when nothing is. */
export function flawInTheEnd(world: World, rules: Rules, known: Map<string, string | null>): string | null {
  const way: string[] = [];
  const verdict = (present: World): string | null => {
    if (!isOpen(present.change)) return untruth(present);
    if (way.length === 20) return 'lost: does not end when everything works';
    const key = keyOf(present);
    const judged = known.get(key);
    if (judged !== undefined) return judged;
    way.push(key);
    const next = nextWhenAllIsWell(present, rules);
    return next === null ? 'lost: open, and nobody will ever do anything' : verdict(next);
  };
  const found = verdict(world);
  for (const key of way) known.set(key, found);
  return found;
}

function nextWhenAllIsWell(world: World, rules: Rules): World | null {
  const { change, now, person } = world;
  // How a stopped change was answered only who asked can find out.
  const isBack = change.life.state === 'waiting' && change.life.settle !== null && person !== ADA;
  if (isBack && change.sentAs === null)
    return told({ ...world, person: ADA }, { type: 'signedIn', at: now, person: ADA });
  const possible = possibilities(world, rules);
  for (const name of WHEN_ALL_IS_WELL) {
    const move = possible.find((one) => one.name === name);
    if (move !== undefined) return move.to();
  }
  return null;
}

/** With everybody's part done: who asked signs in again, and the connection comes back. */
const WHEN_ALL_IS_WELL = [
  ...[
    'kept back',
    'answer',
    'backend works',
    'connection back',
    'found',
    'read',
    'read begins',
    'send',
    'prepare',
    'other person',
    'sign in',
  ],
  ...['time comes', 'send as me'],
];

/** The same for worlds that cannot be told apart by what follows; times are told from now. */
export function keyOf(world: World): string {
  const { now, change, holder, version, kept, effects, tries, foreignWrites, sleeps, wire, stopped, end } = world;
  const { late } = world;
  const { person, signIns, adopters, connected, losses } = world;
  return [
    lifeKey(change.life, now),
    holder?.partnerId,
    version,
    kept === null ? '' : markOf(kept.state) + (kept.at - now) + nameOf(kept.by),
    effects,
    tries,
    foreignWrites,
    sleeps,
    typeof wire === 'string' || wire === null ? wire : wire.status + markOf(wire.state),
    wire === 'left' || world.late !== null ? now - world.leftAt : '',
    world.read === null ? '' : markOf(world.read.state) + (world.read.since.from - now) + world.read.since.ms,
    world.clockSettings,
    world.asksByKey,
    late === null ? '' : late.until - now + nameOf(late.by),
    stopped,
    nameOf(person),
    signIns,
    adopters.map(nameOf).join(''),
    change.sentAs === null ? '' : nameOf(change.sentAs),
    connected,
    losses,
    end === null ? '' : [end.by, end.effects, end.shown?.partnerId, end.isEffectAhead],
  ].join(' ');
}

function lifeKey(life: ChangeLife, now: number): string {
  const { state, attempts } = life;
  switch (state) {
    case 'waiting':
      return [state, attempts, life.for, endOf(life.wait, now) - now, life.failedReads, tryingKey(life, now)].join(' ');
    case 'sending':
      return [state, attempts, tryingKey(life, now)].join(' ');
    case 'done':
      return [state, attempts, markOf(life.outcome)].join(' ');
    case 'refused':
    case 'unknown':
      return [state, attempts, life.failure.reason, life.seen].join(' ');
    case 'conflict':
      return [state, attempts, markOf(life.found), life.answer?.kind].join(' ');
    case 'cancelled':
      return [state, attempts].join(' ');
  }
}

function tryingKey(life: Extract<ChangeLife, { state: 'waiting' | 'sending' }>, now: number): string {
  const { triedMs, firstSentAt, lastSentAt, effectPossible, lastFailure, settle } = life;
  // Exactly so far as it decides anything.
  const ages = [
    firstSentAt === null ? null : Math.floor((now - firstSentAt) / HOUR),
    lastSentAt === null ? null : Math.min(now - lastSentAt, IN_FLIGHT_MS),
  ];
  const ending = [settle?.as, settle?.as === 'refused' && settle.failure.reason];
  return [triedMs, ...ages, effectPossible, lastFailure?.reason, ...ending].join(' ');
}
