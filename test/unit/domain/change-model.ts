import {
  afterEvent,
  type Change,
  type ChangeEvent,
  type ChangeLife,
  isOpen,
  mayBeSentBy,
  nextStep,
} from '../../../src/domain/change';
import type { Outcome } from '../../../src/domain/change-request';
import type { Failure } from '../../../src/domain/failure';
import type { Partner } from '../../../src/domain/partner';
import type { Person } from '../../../src/domain/person';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { ADA, asked, BEN, FOREIGN, failing, HOUR, OLD, record, START, uuid, WANTED } from './samples';

/** What a backend and the way to it may do to one change. */
export interface Rules {
  readonly name: string;
  /** Forgets answers when it likes, rather than keep each for 24 hours. */
  readonly forgetsKeys: boolean;
  /** How often somebody else may write the same record. */
  readonly foreignWrites: number;
  /** A request that was given up may still reach the backend, at any time later. */
  readonly lateRequests: boolean;
  /** How often another person may sign in in the place of who is there. */
  readonly signIns: number;
  /** How often the connection may be missing for a while. */
  readonly losses: number;
}

/** One change, the record it is about, and what is on the wire between them. */
export interface World {
  readonly now: number;
  readonly change: Change;
  readonly holder: Partner | null;
  readonly version: number;
  /** The first answer to this change's key, while the backend keeps it. */
  readonly kept: { readonly record: SubscriptionRecord; readonly at: number } | null;
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
  readonly wire: null | 'left' | { readonly status: 200 | 412; readonly record: SubscriptionRecord };
  readonly late: boolean;
  /** The person asked to stop. */
  readonly stopped: boolean;
  /** What the end was judged by; null while open. */
  readonly end: null | {
    readonly by: string;
    readonly effects: number;
    readonly shown: Partner | null;
    readonly late: boolean;
  };
}

export interface Move {
  readonly name: string;
  readonly to: World;
}

const KEPT_FOR_MS = 24 * HOUR;
const SLEEP_MS = 25 * HOUR;

const NO_ANSWER: Failure = { reason: 'noAnswer' };
const SIGNED_OUT: Failure = { reason: 'signInNeeded' };
const BUSY: Failure = { reason: 'busy' };
const BROKEN: Failure = { reason: 'serverError' };
const OTHER_PERSON: Failure = { reason: 'otherPerson' };
const NOT_PERMITTED: Failure = { reason: 'refused', code: 'NotPermitted' };

export function firstWorld(before: Partner | null, after: Partner | null): World {
  const kind = after === null ? 'remove' : before === null ? 'assign' : 'change';
  return {
    now: START,
    change: asked({ kind, before, after }),
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
    late: false,
    stopped: false,
    end: null,
  };
}

function recordOf({ holder, version }: World): SubscriptionRecord {
  return record(holder, `"${version}"`);
}

/** The world after an event has happened to the change. */
function told(world: World, event: ChangeEvent): World {
  const change = afterEvent(world.change, event);
  const justEnded = isOpen(world.change) && !isOpen(change);
  const { effects, holder, late } = world;
  return { ...world, change, end: justEnded ? { by: event.type, effects, shown: holder, late } : world.end };
}

/** What the backend does with a request: the contract's order of checks, with a key that may be kept. */
function worked(world: World): {
  readonly world: World;
  readonly status: 200 | 412;
  readonly record: SubscriptionRecord;
} {
  const { change, kept } = world;
  if (kept !== null) return { world, status: 200, record: kept.record };
  const present = recordOf(world);
  if (change.basedOn !== present.etag) return { world, status: 412, record: present };
  const next = { ...world, holder: change.after, version: world.version + 1, effects: world.effects + 1 };
  const answer = recordOf(next);
  return { world: { ...next, kept: { record: answer, at: world.now } }, status: 200, record: answer };
}

function passed(world: World, now: number, rules: Rules): World {
  const gone = !rules.forgetsKeys && world.kept !== null && now - world.kept.at >= KEPT_FOR_MS;
  return { ...world, now, kept: gone ? null : world.kept };
}

/** Everything that can happen next. */
export function moves(world: World, rules: Rules): Move[] {
  const { change, now, wire } = world;
  const { life } = change;
  const found: Move[] = [];
  const can = (name: string, to: World) => found.push({ name, to });
  const failed = (name: string, failure: Failure, retryAfterMs: number | null = null, from = world) =>
    can(name, told({ ...from, wire: null }, failing('failed', now, failure, retryAfterMs)));

  if (life.state === 'waiting') {
    const step = nextStep(change, now);
    if (!world.connected && (step.do === 'send' || step.do === 'read')) {
      can('connection missing', told(world, { type: 'connectionMissing', at: now }));
    } else if (step.do === 'send') {
      // The token's person is asked for between noting the attempt and the request.
      const noted = { ...told(world, { type: 'sent', at: now }), tries: world.tries + 1 };
      const leaves = mayBeSentBy(change, world.person);
      if (leaves) can('send', { ...noted, wire: 'left' });
      else can('other person', told(noted, failing('failed', now, OTHER_PERSON)));
    } else if (step.do === 'read') {
      can('read', told(world, { type: 'stateRead', at: now, record: recordOf(world) }));
      can('read fails', told(world, failing('readFailed', now, NO_ANSWER)));
      can('read signed out', told(world, failing('readFailed', now, SIGNED_OUT)));
    }
    if (step.do === 'wait' && step.until !== null) can('time comes', passed(world, step.until, rules));
    if (step.do === 'wait') can('try again', told(world, { type: 'tryNow', at: now }));
    if (life.for === 'signIn') can('sign in', told(world, { type: 'signedIn', at: now, person: world.person }));
    if (life.for === 'person') {
      const { person, adopters } = world;
      can('send as me', told({ ...world, adopters: [...adopters, person] }, { type: 'adopted', at: now, person }));
    }
    if (life.for === 'connection' && world.connected) can('found', told(world, { type: 'connectionFound', at: now }));
    if (world.sleeps < 2) can('sleep', passed({ ...world, sleeps: world.sleeps + 1 }, now + SLEEP_MS, rules));
  }
  if (isOpen(change)) {
    if (life.state === 'waiting' || (life.state === 'sending' && life.settle === null)) {
      can('stop', { ...told(world, { type: 'stopAsked', at: now }), stopped: true });
    }
    can('abandon', {
      ...told(world, { type: 'abandoned', at: now }),
      wire: null,
      late: rules.lateRequests && wire === 'left',
    });
  }
  if (world.signIns < rules.signIns) {
    const person = world.person === ADA ? BEN : ADA;
    const next = { ...world, person, signIns: world.signIns + 1 };
    can(`${person === ADA ? 'asker' : 'other'} signs in`, told(next, { type: 'signedIn', at: now, person }));
  }
  if (world.connected && world.losses < rules.losses) {
    can('connection lost', { ...world, connected: false, losses: world.losses + 1 });
  }
  if (!world.connected) can('connection back', { ...world, connected: true });
  if (wire === 'left') {
    const { world: done, status, record: answer } = worked(world);
    can('backend works', { ...done, wire: { status, record: answer } });
    const given = { ...world, late: world.late || rules.lateRequests };
    failed('request lost', NO_ANSWER, null, given);
    can('worker dies', told({ ...given, wire: null }, { type: 'interrupted', at: now }));
    failed('signed out', SIGNED_OUT);
    failed('busy', BUSY, 2 * HOUR);
    failed('broken', BROKEN);
    if (world.kept === null) failed('not permitted', NOT_PERMITTED);
  } else if (wire !== null) {
    const type = wire.status === 200 ? 'applied' : 'preconditionFailed';
    can('answer', told({ ...world, wire: null }, { type, at: now, record: wire.record }));
    failed('answer lost', NO_ANSWER);
    can('worker dies', told({ ...world, wire: null }, { type: 'interrupted', at: now }));
  }
  if (world.late) can('late request', { ...worked({ ...world, late: false }).world });
  if (rules.forgetsKeys && world.kept !== null) can('key forgotten', { ...world, kept: null });
  if (world.foreignWrites < rules.foreignWrites) {
    for (const holder of [FOREIGN, change.after, change.before]) {
      if (holder?.partnerId === world.holder?.partnerId) continue;
      const written = { holder, version: world.version + 1, foreignWrites: world.foreignWrites + 1 };
      can(`foreign write ${holder?.name ?? 'nobody'}`, { ...world, ...written });
    }
  }
  if (life.state === 'conflict' && life.answer === null) {
    can('keep', told(world, { type: 'kept' }));
    can('overwrite', told(world, { type: 'overwritten', by: uuid(2) }));
  }
  if ((life.state === 'refused' || life.state === 'unknown') && !life.seen) can('see', told(world, { type: 'seen' }));
  return found;
}

/** Every event there is, as of this moment of the world. */
export function allEvents(world: World): ChangeEvent[] {
  const { now: at } = world;
  return [
    { type: 'sent', at },
    { type: 'applied', at, record: record(WANTED) },
    { type: 'preconditionFailed', at, record: record(FOREIGN) },
    { type: 'preconditionFailed', at, record: recordOf(world) },
    ...[NO_ANSWER, SIGNED_OUT, BUSY, NOT_PERMITTED].flatMap((failure) => [
      failing('failed', at, failure),
      failing('readFailed', at, failure),
    ]),
    { type: 'interrupted', at },
    { type: 'stateRead', at, record: record(OLD) },
    { type: 'stateRead', at, record: recordOf(world) },
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
      return ['applied', 'preconditionFailed', 'failed', 'interrupted', 'stopAsked', 'abandoned'];
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
  const shows = (end.shown?.partnerId ?? null) === (change.after?.partnerId ?? null);
  // Without somebody else's hand, and with nothing still under way, an end tells exactly whether there was an effect.
  const alone = foreignWrites === 0 && !end.late;
  switch (life.state) {
    case 'done':
      return end.effects === 1 || shows || foreignWrites > 0 ? null : 'done without effect';
    case 'cancelled':
      if (life.attempts === 0) return end.effects === 0 && !end.late ? null : 'cancelled as never sent, with an effect';
      if (end.by === 'abandoned') return end.effects === 0 && !end.late ? null : 'given up as without effect, with one';
      if (alone) return end.effects === 0 ? null : 'cancelled with an effect';
      return end.by === 'stateRead' && shows ? 'cancelled while the record shows it' : null;
    case 'refused':
      if (end.by === 'failed' || alone) return end.effects === 0 ? null : 'refused with an effect';
      return end.by === 'stateRead' && shows ? 'refused while the record shows it' : null;
    case 'unknown':
      return end.by === 'abandoned' ? null : 'unknown, though nobody gave it up';
    case 'conflict':
      if (foreignWrites === 0) return 'conflict with nobody';
      return life.found.partnerOfRecord?.partnerId === change.after?.partnerId ? 'conflict with what was wanted' : null;
    default:
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
  const possible = moves(world, rules);
  for (const name of WHEN_ALL_IS_WELL) {
    const move = possible.find((one) => one.name === name);
    if (move !== undefined) return move.to;
  }
  return null;
}

/** With everybody's part done: who asked signs in again, and the connection comes back. */
const WHEN_ALL_IS_WELL = [
  ...['answer', 'backend works', 'connection back', 'found', 'read', 'send', 'other person', 'sign in'],
  ...['time comes', 'send as me'],
];

/** The same for worlds that cannot be told apart by what follows; times are told from now. */
export function keyOf(world: World): string {
  const { now, change, holder, version, kept, effects, tries, foreignWrites, sleeps, wire, late, stopped, end } = world;
  const { person, signIns, adopters, connected, losses } = world;
  return [
    lifeKey(change.life, now),
    holder?.partnerId,
    version,
    kept === null ? '' : recordKey(kept.record) + (kept.at - now),
    effects,
    tries,
    foreignWrites,
    sleeps,
    wire === null || wire === 'left' ? wire : wire.status + recordKey(wire.record),
    late,
    stopped,
    person === ADA ? 'a' : 'b',
    signIns,
    adopters.map((one) => (one === ADA ? 'a' : 'b')).join(''),
    change.sentAs === null ? '' : change.sentAs === ADA ? 'a' : 'b',
    connected,
    losses,
    end === null ? '' : [end.by, end.effects, end.shown?.partnerId, end.late],
  ].join(' ');
}

function lifeKey(life: ChangeLife, now: number): string {
  const { state, attempts } = life;
  switch (state) {
    case 'waiting':
      return [state, attempts, life.for, life.nextAt - now, life.failedReads, tryingKey(life, now)].join(' ');
    case 'sending':
      return [state, attempts, life.sentAt - now, tryingKey(life, now)].join(' ');
    case 'done':
      return [state, attempts, recordKey(life.outcome)].join(' ');
    case 'refused':
    case 'unknown':
      return [state, attempts, life.failure.reason, life.seen].join(' ');
    case 'conflict':
      return [state, attempts, recordKey(life.found), life.answer?.kind].join(' ');
    case 'cancelled':
      return [state, attempts].join(' ');
  }
}

function tryingKey(life: Extract<ChangeLife, { state: 'waiting' | 'sending' }>, now: number): string {
  const { tryingSince, effectPossible, lastFailure, settle } = life;
  const age = tryingSince === null ? null : tryingSince - now;
  return [age, effectPossible, lastFailure?.reason, settle?.as, settle?.as === 'refused' && settle.failure.reason].join(
    ' ',
  );
}

function recordKey({ partnerOfRecord, etag }: Outcome): string {
  return `${partnerOfRecord?.partnerId}${etag}`;
}
