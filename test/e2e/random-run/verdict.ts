import { type Change, isOpen } from '../../../src/domain/change';
import { isRead, isWrite, type SeenRequest } from '../harness/fault-proxy';
import type { Effect } from '../harness/service';

/** A change that the extension said it took up. */
export interface Requested {
  readonly id: string;
  readonly subscriptionId: string;
  readonly after: string | null;
}

export interface Evidence {
  readonly requested: readonly Requested[];
  /** The ids of changes that the extension said it did not take up. */
  readonly declined: readonly string[];
  /** Every change in the history. */
  readonly changes: readonly Change[];
  /** The service's effect log by subscription, newest first, since before the run. */
  readonly effects: ReadonlyMap<string, readonly Effect[]>;
  /** The keys of what was changed behind the extension's back. */
  readonly foreignKeys: ReadonlySet<string>;
  /** The partners that the subscriptions had before the run. */
  readonly partnersBefore: ReadonlyMap<string, string | null>;
  readonly requests: readonly SeenRequest[];
}

export interface Verdict {
  /** Each in words: asked for and not in the history, still open, or `done` without an effect or a reason for none. */
  readonly lost: readonly string[];
  /** Each in words: a key with more than one effect. */
  readonly doubled: readonly string[];
  /** Each in words: whatever else the log and the history tell differently. */
  readonly unexplained: readonly string[];
  /** `done` without an effect: the record already held what was wanted, by somebody else's change. */
  readonly alreadySo: number;
  /**
   * Stopped or refused after a look that did not show it, then carried out: its request was still on its way to the service,
   * which no look at the record can tell. The next look finds such an effect and tells of it as made elsewhere.
   */
  readonly late: number;
  /**
   * Stopped or refused after a look that did not show it any more: it had been carried out, its answer was lost, and somebody
   * else had replaced it before the look. The record alone cannot tell this from a change that never arrived.
   */
  readonly replaced: number;
}

/** Compares what the service did with what the history says. */
export function judge(evidence: Evidence): Verdict {
  const lost: string[] = [];
  const doubled: string[] = [];
  const unexplained: string[] = [];
  let alreadySo = 0;
  let late = 0;
  let replaced = 0;

  const changes = new Map(evidence.changes.map((change) => [change.id, change]));
  const effects = new Map<string, { readonly effect: Effect; readonly subscriptionId: string }[]>();
  for (const [subscriptionId, log] of evidence.effects) {
    for (const effect of log) {
      const key = effect.idempotencyKey ?? `without a key: ${effect.changeId}`;
      effects.set(key, [...(effects.get(key) ?? []), { effect, subscriptionId }]);
    }
  }

  for (const { id, subscriptionId, after } of evidence.requested) {
    const change = changes.get(id);
    if (change === undefined) lost.push(`${id} was asked for and is not in the history`);
    else if (targetOf(change) !== subscriptionId || partnerAfter(change) !== after)
      unexplained.push(`${id} is another change in the history than was asked for`);
  }
  for (const id of evidence.declined) {
    if (changes.has(id) || effects.has(id)) unexplained.push(`${id} was not taken up, and is there all the same`);
  }
  for (const [key, made] of effects) {
    if (made.length > 1) doubled.push(`${key} has ${made.length} effects`);
    if (!changes.has(key) && !evidence.foreignKeys.has(key)) unexplained.push(`${key} has an effect and no row`);
  }

  for (const change of changes.values()) {
    const { id, life } = change;
    const [made] = effects.get(id) ?? [];
    if (isOpen(change)) lost.push(`${id} is still ${life.state}`);
    if (
      made !== undefined &&
      (made.subscriptionId !== targetOf(change) || afterOf(made.effect) !== partnerAfter(change))
    )
      unexplained.push(`${id} took effect as something else than was asked for`);
    if (life.state === 'done' && made === undefined) {
      if (wasAlreadySo(change, life.endedAt, evidence)) alreadySo += 1;
      else lost.push(`${id} is done and has no effect`);
    }
    if (life.state === 'refused' || life.state === 'cancelled' || life.state === 'conflict') {
      if (made === undefined) continue;
      const log = evidence.effects.get(made.subscriptionId) ?? [];
      if (life.state !== 'conflict' && wasReplaced(made.effect, log, life.endedAt)) replaced += 1;
      else if (life.state !== 'conflict' && cameLate(id, Date.parse(made.effect.at), life.endedAt, evidence)) late += 1;
      else {
        const ended = new Date(life.endedAt).toISOString();
        unexplained.push(`${id} is ${life.state} since ${ended} and took effect at ${made.effect.at}`);
      }
    }
  }
  return { lost, doubled, unexplained, alreadySo, late, replaced };
}

/** Whether the subscription had the partner wanted at some time between the asking and the end. */
function wasAlreadySo(change: Change, endedAt: number, { effects, partnersBefore }: Evidence): boolean {
  const log = effects.get(targetOf(change)) ?? [];
  const wanted = partnerAfter(change);
  // Newest first: each partner held from its effect until the next one's.
  let until = Number.POSITIVE_INFINITY;
  for (const effect of log) {
    const since = Date.parse(effect.at);
    if (afterOf(effect) === wanted && since <= endedAt && until >= change.askedAt) return true;
    until = since;
  }
  return partnersBefore.get(targetOf(change)) === wanted && until >= change.askedAt;
}

/** Whether the next effect after it came before the change ended. */
function wasReplaced(effect: Effect, log: readonly Effect[], endedAt: number): boolean {
  const next = log[log.indexOf(effect) - 1];
  return next !== undefined && Date.parse(next.at) <= endedAt;
}

/**
 * Whether one of its requests was at the service when it took effect, and the look that ended the change was made before:
 * one that was answered just before the end.
 */
function cameLate(id: string, effectAt: number, endedAt: number, { requests }: Evidence): boolean {
  const write = requests.find(
    (request) => isWrite(request) && request.idempotencyKey === id && wasAtService(request, effectAt),
  );
  const record = write?.path.replace(/\/partnerOfRecord$/, '');
  return requests.some(
    (look) =>
      isRead(look) &&
      look.path === record &&
      look.forwardedAt !== null &&
      look.forwardedAt <= effectAt &&
      look.endedAt !== null &&
      look.endedAt > endedAt - LOOK_TO_END_MS &&
      look.forwardedAt <= endedAt,
  );
}

/** From a look's answer to the end of the change that it is written down as, on a busy machine. */
const LOOK_TO_END_MS = 1000;

function wasAtService({ forwardedAt, endedAt }: SeenRequest, time: number): boolean {
  return forwardedAt !== null && forwardedAt <= time && (endedAt === null || time <= endedAt);
}

function targetOf({ target }: Change): string {
  return target.kind === 'subscription' ? target.id : '';
}

function partnerAfter({ after }: Change): string | null {
  return after?.partnerId ?? null;
}

function afterOf({ after }: Effect): string | null {
  return after?.partnerId ?? null;
}
