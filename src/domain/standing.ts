import type { LaneHold } from './batch';
import { type Change, type ChangeLife, mayBeSentBy, settlement } from './change';
import type { ChangeRequest } from './change-request';
import { nameOfPerson, type Person } from './person';
import { needsPerson, type OpenPhase, type Phase } from './phase';
import { endOf } from './wait';
import { targetNameOf } from './target';

export const ACTS = ['signIn', 'tryNow', 'stop', 'overwrite', 'keep', 'sendAsMe', 'discard', 'undo'] as const;
/** What a person may do about a change. */
export type Act = (typeof ACTS)[number];

/** Who looks at a change, and what they may. */
export interface Viewer {
  /** A connection that is set up; null when there is none. */
  readonly connectionId: string | null;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: Person | null;
  /** Whether the backend lets them change the partner; null when it has not said. */
  readonly mayChange: boolean | null;
}

/** Whoever looks where nobody knows who, and whichever connection it is about. */
export const ANYBODY: Viewer = { connectionId: null, person: null, mayChange: null };

/** As whom somebody looks at what is of that connection. @param viewers who they are at each connection that is set up */
export function viewerAt(connectionId: string, viewers: readonly Viewer[]): Viewer {
  return viewers.find((viewer) => viewer.connectionId === connectionId) ?? ANYBODY;
}

/** A change as people meet it: what was asked, where it stands, and what the person who looks may do. */
export interface Standing extends Omit<ChangeRequest, 'id' | 'basedOn' | 'replay' | 'person'> {
  readonly changeId: string;
  /** The name of who asked; null when it is not known. */
  readonly askedBy: string | null;
  /** The name of another person who sent it as their own; null when nobody did, or the name is not known. */
  readonly sentAs: string | null;
  /** The name of who is signed in now; null when it is not known. */
  readonly me: string | null;
  readonly attempts: number;
  readonly endedAt: number | null;
  readonly at: Phase;
  readonly may: readonly Act[];
  /** Grows along the change's way: of two standings of one change the greater is the later. */
  readonly progress: number;
}

/**
 * Where a change stands, the one derivation that panel, pages, badge and notifications share.
 * @param hold what holds up its lane, where whoever looks is told; null where nothing does
 */
export function standingOf(change: Change, viewer: Viewer, now: number, hold: LaneHold | null = null): Standing {
  const { id, basedOn: _seenBefore, replay: _how, person, sentAs, directoryUser: _whose, life, ...asked } = change;
  const at = behind(hold, phaseOf(life, now), now);
  return {
    ...asked,
    // A row of before may have a blank one.
    targetName: targetNameOf(asked.target, asked.targetName),
    changeId: id,
    askedBy: person && nameOfPerson(person),
    sentAs: sentAs && nameOfPerson(sentAs),
    me: viewer.person && nameOfPerson(viewer.person),
    attempts: life.attempts,
    endedAt: 'endedAt' in life ? life.endedAt : null,
    at,
    may: actsIn(at, change, viewer),
    progress: progressOf(life),
  };
}

/** Whether Azure refused a link, maybe for its Partner ID: 403 says that it is for what the account may. */
export function isRefusedForId({ kind, at }: Standing): boolean {
  if (kind === 'remove' || at.phase !== 'refused') return false;
  const { reason, status } = at.cause;
  return reason === 'refused' && status !== undefined && status !== 403;
}

/** Where a life stands at `now` (milliseconds since the epoch). */
export function phaseOf(life: ChangeLife, now: number): Phase {
  switch (life.state) {
    case 'waiting': {
      const { lastFailure, wait } = life;
      if (life.failedReads > 0 && life.for !== 'connection') {
        return {
          phase: 'outcomeUnknown',
          cause: lastFailure,
          goesOnAt: endOf(wait, now),
          needsSignIn: life.for === 'signIn',
        };
      }
      return waitingPhase(life, now);
    }
    case 'sending':
      if (life.settle !== null) return settling(life);
      return life.lastFailure === null
        ? { phase: 'sending' }
        : { phase: 'retrying', cause: life.lastFailure, goesOnAt: null };
    case 'done':
      return { phase: 'done', outcome: life.outcome };
    case 'refused':
      return { phase: 'refused', cause: life.failure, seen: life.seen };
    case 'unknown':
      return { phase: 'unknown', cause: life.failure, found: life.found, seen: life.seen };
    case 'conflict':
      return { phase: 'conflict', found: life.found, answer: life.answer && ANSWERS[life.answer.kind] };
    case 'cancelled':
      return { phase: 'cancelled' };
  }
}

const ANSWERS = { kept: 'kept', resolvedBy: 'overwritten' } as const;

/** What has not been tried yet stands behind a hold as what was sent before it, and answered so. */
function behind(hold: LaneHold | null, at: Phase, now: number): Phase {
  if (hold === null || at.phase !== 'waiting') return at;
  if (hold.for === 'signIn') return { phase: 'signIn', cause: null };
  return {
    phase: 'retrying',
    cause: { reason: hold.silent === true ? 'noAnswer' : 'busy' },
    goesOnAt: endOf(hold.wait, now),
  };
}

function waitingPhase(life: Extract<ChangeLife, { state: 'waiting' }>, now: number): OpenPhase {
  switch (life.for) {
    case 'signIn':
      return { phase: 'signIn', cause: life.lastFailure };
    case 'person':
      return { phase: 'otherPerson' };
    case 'connection':
      return { phase: 'noConnection' };
    case 'look':
    case 'key':
      return settling(life);
    case 'turn':
      if (settlement(life, now) !== null) return settling(life);
      return life.lastFailure === null
        ? { phase: 'waiting' }
        : { phase: 'retrying', cause: life.lastFailure, goesOnAt: endOf(life.wait, now) };
  }
}

function settling({ lastFailure, settle }: Extract<ChangeLife, { state: 'waiting' | 'sending' }>): OpenPhase {
  return { phase: 'settling', cause: lastFailure, stopping: settle?.as === 'cancelled' };
}

function actsIn(at: Phase, change: Change, viewer: Viewer): readonly Act[] {
  const stop: readonly Act[] = isStoppable(change.life) ? ['stop'] : [];
  const { connectionId, mayChange } = viewer;
  const canAsk = connectionId === change.target.connectionId && mayChange !== false;
  switch (at.phase) {
    case 'waiting':
    case 'sending':
      // Nothing holds it up, so there is nothing to stop yet.
      return [];
    case 'noConnection':
      return stop;
    case 'retrying':
      return at.goesOnAt === null ? stop : ['tryNow', ...stop];
    case 'signIn':
      return ['signIn', ...stop];
    case 'outcomeUnknown':
      return [at.needsSignIn ? 'signIn' : 'tryNow', ...stop];
    case 'settling':
      return [];
    case 'otherPerson': {
      // A link is its account's own.
      if (change.target.kind === 'signIn') return ['signIn', 'discard'];
      // Nobody is known to be signed in, so nobody can send it as their own.
      const { person } = viewer;
      return canAsk && person !== null && !mayBeSentBy(change, person) ? ['sendAsMe', 'discard'] : ['discard'];
    }
    case 'conflict':
      if (at.answer !== null) return [];
      return canAsk ? ['overwrite', 'keep'] : ['keep'];
    case 'done':
      return canAsk ? ['undo'] : [];
    case 'refused':
    case 'unknown':
    case 'cancelled':
      return [];
  }
}

function isStoppable(life: ChangeLife): boolean {
  return (life.state === 'waiting' || life.state === 'sending') && life.settle === null;
}

function progressOf(life: ChangeLife): number {
  switch (life.state) {
    case 'sending':
      return 2 * life.attempts;
    case 'waiting':
      return 2 * life.attempts + 1;
    case 'conflict':
      return life.answer === null ? ENDED : ANSWERED;
    case 'refused':
    case 'unknown':
      return life.seen ? ANSWERED : ENDED;
    case 'done':
    case 'cancelled':
      return ANSWERED;
  }
}

const ENDED = Number.MAX_SAFE_INTEGER - 1;
const ANSWERED = Number.MAX_SAFE_INTEGER;

/** Whether the badge counts a change as it is stored, whenever that is asked. */
export function wantsAttention(change: Change): boolean {
  return needsPerson(phaseOf(change.life, 0));
}
