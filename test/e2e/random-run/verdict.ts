import { type Change, type ChangeLife, isOpen, KEY_HOLDS_MS } from '../../../src/domain/change';
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
  /** Ended as unknown, where somebody else wrote and the backend keeps the change's key no more. */
  readonly unknown: number;
}

/** Compares what the service did with what the history says. */
export function judge(evidence: Evidence): Verdict {
  const lost: string[] = [];
  const doubled: string[] = [];
  const unexplained: string[] = [];
  let alreadySo = 0;
  let unknown = 0;

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
    if (life.state === 'unknown') {
      if (mayBeUnknown(change, life, evidence)) unknown += 1;
      else unexplained.push(`${id} is unknown by ${life.failure.reason}, and could have been known`);
    }
    const hadNoEffect = life.state === 'refused' || life.state === 'cancelled' || life.state === 'conflict';
    if (hadNoEffect && made !== undefined) {
      const ended = new Date(life.endedAt).toISOString();
      unexplained.push(`${id} is ${life.state} since ${ended} and took effect at ${made.effect.at}`);
    }
  }
  return { lost, doubled, unexplained, alreadySo, unknown };
}

/**
 * Whether nobody could know how the change ended: its key is kept no more, and somebody else wrote while it was open, which hides
 * what became of it. Nobody gives up a connection here, so that no other reason counts.
 */
function mayBeUnknown(
  change: Change,
  { failure, endedAt }: Extract<ChangeLife, { readonly state: 'unknown' }>,
  { effects }: Evidence,
): boolean {
  const keyHeld = change.replay === 'key' && change.sentAs === null && endedAt - change.askedAt < KEY_HOLDS_MS;
  const log = effects.get(targetOf(change)) ?? [];
  const somebodyWrote = log.some(({ idempotencyKey, at }) => {
    const time = Date.parse(at);
    return idempotencyKey !== change.id && time >= change.askedAt && time <= endedAt;
  });
  return failure.reason === 'keyExpired' && !keyHeld && somebodyWrote;
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

function targetOf({ target }: Change): string {
  return target.kind === 'subscription' ? target.id : '';
}

function partnerAfter({ after }: Change): string | null {
  return after?.partnerId ?? null;
}

function afterOf({ after }: Effect): string | null {
  return after?.partnerId ?? null;
}
