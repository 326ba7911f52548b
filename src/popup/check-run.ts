import type { Check } from '../domain/history';
import { type PartnerId, type PartnerIdProblem, parsePartnerId } from '../domain/partner';
import type { CheckAnswer } from '../domain/partner-form';

/** One of the IDs that were typed, with what is known of it. */
export type CheckedId = { readonly typed: string; readonly problem: PartnerIdProblem } | ValidId;

export interface ValidId {
  readonly typed: string;
  readonly partnerId: PartnerId;
  readonly unusualLength: boolean;
  /** The last check in the history, shown until there is an answer. */
  readonly recent: Check | null;
  readonly answer: Answer | null;
}

/** `broken`: no answer came, for a reason that is no backend's. */
export type Answer = CheckAnswer | { readonly kind: 'broken'; readonly cause: unknown };

interface CheckParts {
  readonly latestCheck: (id: PartnerId) => Promise<Check | null>;
  readonly check: (id: PartnerId) => Promise<CheckAnswer>;
  /** Told whenever more is known: all IDs, in the order in which they were typed. */
  readonly show: (ids: readonly CheckedId[]) => void;
}

const AT_ONCE = 4;

/**
 * Checks what was typed: each ID once, a few at once. Shows problems and recent checks first, then answers as they come.
 * Nothing is shown any more once the signal has aborted.
 */
export async function checkTyped(typed: string, parts: CheckParts, signal: AbortSignal): Promise<void> {
  const ids = readTyped(typed);
  const show = (index: number, known: CheckedId) => {
    ids[index] = known;
    if (!signal.aborted) parts.show([...ids]);
  };
  if (!signal.aborted) parts.show([...ids]);

  const valid = ids.flatMap((id, index) => ('partnerId' in id ? [{ id, index }] : []));
  await Promise.all(
    valid.map(async (entry) => {
      entry.id = { ...entry.id, recent: await parts.latestCheck(entry.id.partnerId) };
      show(entry.index, entry.id);
    }),
  );
  const queue = valid.values();
  const work = async () => {
    for (const { id, index } of queue) {
      if (signal.aborted) return;
      const answer = await parts.check(id.partnerId).catch((cause: unknown): Answer => ({ kind: 'broken', cause }));
      show(index, { ...id, answer });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function readTyped(typed: string): CheckedId[] {
  const ids = new Map<string, CheckedId>();
  for (const part of new Set(typed.split(/[\s,;\uff0c\u3001]+/).filter(Boolean))) {
    const parsed = parsePartnerId(part);
    const known: CheckedId = parsed.ok
      ? { typed: part, partnerId: parsed.partnerId, unusualLength: parsed.unusualLength, recent: null, answer: null }
      : { typed: part, problem: parsed.problem };
    // One ID may be typed in two ways.
    const key = parsed.ok ? parsed.partnerId : part;
    if (!ids.has(key)) ids.set(key, known);
  }
  return [...ids.values()];
}
