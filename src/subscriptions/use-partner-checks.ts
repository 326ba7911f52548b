import { useEffect, useRef, useState } from 'preact/hooks';
import type { Failure } from '../domain/failure';
import type { CheckOutcome } from '../domain/history';
import type { PartnerId } from '../domain/partner';
import { call } from '../messaging/call';

export interface PartnerChecks {
  /** What the backend said, once all are asked. */
  readonly checks: ReadonlyMap<PartnerId, CheckOutcome>;
  /** How many of all are asked; null: none is on its way. */
  readonly progress: { readonly done: number; readonly total: number } | null;
  /** Asks again for those whose check failed. */
  readonly again: () => void;
}

/** A browser has six connections for a host; this leaves some for other requests. */
const AT_ONCE = 4;
/** How many are asked is drawn so often. What they said is told once: thousands of rows are compared anew with it. */
const DRAWN_EVERY_MS = 100;

const NO_CHECKS: ReadonlyMap<PartnerId, CheckOutcome> = new Map();

/** Checks each of those IDs once at the connection, a few at a time. Once nobody is signed in, nothing more is asked. */
export function usePartnerChecks(partnerIds: readonly PartnerId[], connectionId: string): PartnerChecks {
  const [checks, setChecks] = useState(NO_CHECKS);
  /** How many are asked; null: none is on its way. */
  const [done, setDone] = useState<number | null>(null);
  const [round, setRound] = useState(0);
  /** Of which IDs, and where, the checks are. */
  const about = `${connectionId} ${partnerIds.join()}`;
  const known = useRef<{ about: string; outcomes: Map<PartnerId, CheckOutcome> }>({ about, outcomes: new Map() });

  useEffect(() => {
    const ended = new AbortController();
    if (known.current.about !== about) known.current = { about, outcomes: new Map() };
    const { outcomes } = known.current;
    const waiting = partnerIds.filter((partnerId) => (outcomes.get(partnerId)?.kind ?? 'failed') === 'failed');
    setChecks((before) => (before.size + outcomes.size === 0 ? before : new Map(outcomes)));
    if (waiting.length === 0) return undefined;
    for (const partnerId of waiting) outcomes.delete(partnerId);
    setDone(outcomes.size);
    const timer = setInterval(() => setDone(outcomes.size), DRAWN_EVERY_MS);
    let wall: Failure | null = null;
    const next = async () => {
      for (let id = waiting.shift(); id !== undefined && !ended.signal.aborted; id = waiting.shift()) {
        const outcome: CheckOutcome = wall === null ? await check(id, connectionId) : { kind: 'failed', failure: wall };
        if (outcome.kind === 'failed' && outcome.failure.reason === 'signInNeeded') wall = outcome.failure;
        outcomes.set(id, outcome);
      }
    };
    void Promise.all(Array.from({ length: AT_ONCE }, next)).then(() => {
      clearInterval(timer);
      if (ended.signal.aborted) return;
      setChecks(new Map(outcomes));
      setDone(null);
    });
    return () => {
      clearInterval(timer);
      ended.abort();
    };
  }, [about, round]);

  const isOfThese = known.current.about === about;
  return {
    checks: isOfThese ? checks : NO_CHECKS,
    progress: done === null ? null : { done, total: partnerIds.length },
    again: () => setRound((before) => before + 1),
  };
}

async function check(partnerId: PartnerId, connectionId: string): Promise<CheckOutcome> {
  try {
    const answer = await call('partner.check', { partnerId, connectionId });
    // Only a portal's page is ever told to confirm elsewhere.
    return answer.kind === 'confirmInExtension' ? INTERRUPTED : answer;
  } catch {
    // The worker ended meanwhile, or has no storage.
    return INTERRUPTED;
  }
}

const INTERRUPTED: CheckOutcome = { kind: 'failed', failure: { reason: 'interrupted' } };
