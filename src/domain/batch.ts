import type { Change } from './change';
import { type AskedFrom, type ChangeRequest, changeKind, type Replay } from './change-request';
import type { PartnerId, PartnerRef } from './partner';
import type { Holding } from './partner-state';
import type { Person } from './person';
import { isOnItsWay, type Phase } from './phase';
import { phaseOf } from './standing';
import type { Target } from './target';
import type { Wait } from './wait';

export const BATCH_KINDS = ['bulk', 'import', 'undo', 'retry', 'overwrite'] as const;
/**
 * What brought changes together:
 *
 * - `bulk`: one partner for all that was selected, or none
 * - `import`: a file that names subscriptions and partners
 * - `undo`: what another batch has done is put back
 * - `retry`: what failed in another batch is asked for once more
 * - `overwrite`: another batch met what others had changed, and goes over it
 */
export type BatchKind = (typeof BATCH_KINDS)[number];

/** One change that a batch asks for. */
export interface BatchItem {
  /** A UUID: the ID of the change that it becomes. */
  readonly id: string;
  readonly target: Target;
  readonly targetName: string;
  /** The address of the target's page; null where none is known. */
  readonly page: string | null;
  /** What was seen: who held the target, and its version. */
  readonly before: PartnerRef | null;
  readonly basedOn: string | null;
  /** Null: no partner any more. */
  readonly after: PartnerId | null;
  /** The change that this one takes back, or whose conflict it answers; absent where it answers none. */
  readonly answers?: string;
  /** Whose it is, where not all of a batch are one person's; absent: whose the batch is. */
  readonly person?: Person;
}

/** Changes that were asked for together, at one connection. What was asked for never changes. Times are milliseconds since the epoch. */
export interface Batch {
  /** A UUID made by the page that asked: asking twice is asking once. */
  readonly id: string;
  readonly connectionId: string;
  readonly kind: BatchKind;
  /** The batch whose changes this one undoes, retries or overwrites with; null for a bulk and an import. */
  readonly of: string | null;
  /** How many changes were asked for. */
  readonly size: number;
  /** The partners that are assigned, by the names that the backend gave where it gives any. */
  readonly partners: readonly PartnerRef[];
  readonly replay: Replay;
  /** No partner is told by mail; absent where the backend tells them. */
  readonly mails?: false;
  readonly askedFrom: AskedFrom;
  readonly askedAt: number;
  /** Who asked; null when nobody was signed in. */
  readonly person: Person | null;
}

export const BATCH_OUTCOMES = [
  'done',
  'refused',
  'open',
  'conflict',
  'answered',
  'cancelled',
  'unknown',
  'skipped',
] as const;
/**
 * How a change of a batch stands. `answered`: it met what others had changed, and a person has answered that. `skipped`: it was not
 * asked for, since another change of its target was open.
 */
export type BatchOutcome = (typeof BATCH_OUTCOMES)[number];

/** What is asked for about a batch that there is. */
export type FollowUp = 'undo' | 'retry' | 'overwrite' | 'keep';

/** How a change of a batch stands. */
export function outcomeOf({ life }: Pick<Change, 'life'>): BatchOutcome {
  return outcomeAt(phaseOf(life, 0));
}

/** The same by its phase. */
export function outcomeAt(at: Phase): BatchOutcome {
  if (isOnItsWay(at)) return 'open';
  if (at.phase === 'conflict') return at.answer === null ? 'conflict' : 'answered';
  return at.phase;
}

/** How many changes stand how. */
export function countOutcomes(outcomes: readonly BatchOutcome[]): Readonly<Record<BatchOutcome, number>> {
  const counts = { open: 0, done: 0, refused: 0, conflict: 0, answered: 0, cancelled: 0, unknown: 0, skipped: 0 };
  for (const outcome of outcomes) counts[outcome] += 1;
  return counts;
}

/** The change that one item of a batch asks for; null where the item wants what it says is there already. */
export function requestOfItem(batch: Batch, item: BatchItem): ChangeRequest | null {
  const { id, target, targetName, page, before, basedOn, answers } = item;
  const kind = changeKind(before?.partnerId ?? null, item.after);
  if (kind === null) return null;
  const { replay, askedFrom, askedAt, person, mails } = batch;
  return {
    id,
    target,
    targetName,
    page,
    kind,
    before,
    after: item.after === null ? null : partnerNamed(batch, item.after),
    basedOn,
    replay,
    askedFrom,
    askedAt,
    person: item.person ?? person,
    batch: batch.id,
    ...(batch.kind === 'undo' && answers !== undefined ? { undoes: answers } : {}),
    ...(mails === undefined ? {} : { mails }),
  };
}

function partnerNamed({ partners }: Batch, partnerId: PartnerId): PartnerRef {
  return partners.find((partner) => partner.partnerId === partnerId) ?? { partnerId, name: null };
}

/** How far a batch is. */
export interface BatchProgress {
  readonly batchId: string;
  readonly size: number;
  /** How many were asked for or skipped by now; the rest follows by itself, unless it was stopped. */
  readonly made: number;
  readonly counts: Readonly<Record<BatchOutcome, number>>;
  /** What was not asked for yet is not asked for any more. */
  readonly stopped: boolean;
  /** Nothing of it is open, and nothing follows. */
  readonly ended: boolean;
  /** What holds it up; null: nothing does. */
  readonly hold: LaneHold | null;
  /** Another person than who asked chose to send as their own what was left of it; null when nobody did. */
  readonly sentAs: Person | null;
  /** What was asked for after it about it, which is not asked for once more. Of one that was stopped the rest may be. */
  readonly followed: readonly BatchKind[];
}

/** The same with what holds up its connection: nothing does once it has ended. */
export function withHold(progress: BatchProgress, hold: LaneHold | null): BatchProgress {
  return progress.ended ? progress : { ...progress, hold };
}

/**
 * Whether any of a batch goes on without anybody: they may leave it then.
 * @param waiting how many of its open changes wait for somebody
 */
export function goesOnByItself({ ended, counts, hold }: BatchProgress, waiting: number): boolean {
  return !ended && hold?.for !== 'signIn' && counts.open > waiting;
}

/** A batch, and how far it is. */
export interface Carried {
  readonly batch: Batch;
  readonly progress: BatchProgress;
}

/** The batch of the same connection that goes first, where nothing of this one was sent yet; null: nothing is in its way. */
export function batchAhead({ batch, progress }: Carried, others: readonly Carried[]): Batch | null {
  const { counts, size, stopped } = progress;
  // What was skipped was not sent: it is no sign of a beginning.
  if (stopped || counts.open === 0 || counts.open + counts.skipped < size) return null;
  const ahead = others.filter(
    (one) => !one.progress.ended && one.batch.connectionId === batch.connectionId && one.batch.askedAt < batch.askedAt,
  );
  return ahead.toSorted((one, other) => one.batch.askedAt - other.batch.askedAt)[0]?.batch ?? null;
}

/** What holds up a lane. `wait`: the backend asked to wait; `silent`: nobody answers, and it is tried again then. */
export type LaneHold =
  | { readonly for: 'signIn' }
  | { readonly for: 'time'; readonly wait: Wait; readonly silent?: true };

/** A subscription that others have changed since, or that is as wanted by now: what people call it, and who holds it. */
export interface LeftOut {
  readonly name: string;
  readonly holding: Holding;
}
