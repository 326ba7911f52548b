import { useEffect, useRef, useState } from 'preact/hooks';
import type { Capabilities } from '../domain/capabilities';
import type { Partner, PartnerId, PartnerRef } from '../domain/partner';
import { type CheckAnswer, type PartnerDraft, type PartnerForm, partnerFormOf } from '../domain/partner-form';
import { pastedPartnerId } from '../domain/pasted-partner-id';
import { call } from '../messaging/call';

/** A connection of which something is selected. */
export interface SelectedConnection {
  readonly id: string;
  readonly name: string;
  /** What its backend can do; null while nobody knows. */
  readonly can: Capabilities | null;
}

export interface PartnerCheck {
  readonly form: PartnerForm;
  /** Whether any of the connections tells whose an ID is. */
  readonly canCheck: boolean;
  /** Whose the ID is at that connection; null unless every connection has said so. */
  readonly partnerAt: ((connectionId: string) => PartnerRef | null) | null;
  /** The connections that did not say so, where others did. */
  readonly silent: readonly SelectedConnection[];
  readonly type: (typed: string) => void;
  readonly check: () => void;
  readonly choose: (partner: Partner) => void;
  readonly reset: () => void;
}

interface Draft {
  readonly typed: string;
  readonly problem: PartnerDraft['problem'];
  /** What was checked, and what each connection said by now. `number` tells one check from the next of the same ID. */
  readonly check: {
    readonly number: number;
    readonly partnerId: PartnerId;
    readonly outcomes: ReadonlyMap<string, CheckAnswer>;
  } | null;
}

const EMPTY: Draft = { typed: '', problem: null, check: null };

/** A Partner ID that is typed once, and checked at every connection of which something is selected. */
export function usePartnerCheck(connections: readonly SelectedConnection[]): PartnerCheck {
  const [draft, setDraft] = useState(EMPTY);
  const { typed, problem, check } = draft;
  const asked = connections.filter(({ can }) => can?.check !== false);
  const under = useRef(new Set<string>());

  // One that is selected later is asked as well.
  useEffect(() => {
    if (check === null) return;
    for (const { id } of asked) {
      const key = `${check.number} ${id}`;
      if (under.current.has(key)) continue;
      under.current.add(key);
      const tell = (outcome: CheckAnswer) => setDraft((before) => withOutcome(before, check.number, id, outcome));
      call('partner.check', { partnerId: check.partnerId, connectionId: id }).then(tell, () =>
        // The worker ended meanwhile, or has no storage.
        tell({ kind: 'failed', failure: { reason: 'interrupted' } }),
      );
    }
  }, [check?.number, asked.map(({ id }) => id).join()]);

  const begin = (text: string) => {
    const parsed = pastedPartnerId(text);
    setDraft((before) =>
      parsed.ok
        ? {
            typed: text,
            problem: null,
            check: { number: (before.check?.number ?? 0) + 1, partnerId: parsed.partnerId, outcomes: new Map() },
          }
        : { ...before, typed: text, problem: parsed.problem },
    );
  };

  const canCheck = asked.length > 0;
  const outcome = check === null ? null : together(asked, check.outcomes);
  const form = partnerFormOf(
    { typed, problem, check: check && { partnerId: check.partnerId, outcome } },
    null,
    canCheck,
  );
  const found = form.check?.kind === 'found' ? form.check.partner : null;
  return {
    form,
    canCheck,
    partnerAt:
      found &&
      ((connectionId) => {
        const own = check?.outcomes.get(connectionId);
        return own?.kind === 'found' ? { ...own.partner, partnerId: found.partnerId } : { ...found, name: null };
      }),
    silent:
      check === null || form.check === null || connections.length < 2
        ? []
        : asked.filter(({ id }) => !['found', undefined].includes(check.outcomes.get(id)?.kind)),
    type: (text) => setDraft((before) => ({ ...before, typed: text, problem: null })),
    check: () => begin(typed),
    choose: ({ partnerId }) => begin(partnerId),
    reset: () => setDraft(EMPTY),
  };
}

/** What all connections said: found where every one has found it, else what the first other one said; null while one is asked. */
function together(
  connections: readonly SelectedConnection[],
  outcomes: ReadonlyMap<string, CheckAnswer>,
): CheckAnswer | null {
  const said = connections.map(({ id }) => outcomes.get(id) ?? null);
  if (said.includes(null)) return null;
  return said.find((one) => one?.kind !== 'found') ?? said[0] ?? null;
}

function withOutcome(draft: Draft, number: number, connectionId: string, outcome: CheckAnswer): Draft {
  if (draft.check?.number !== number) return draft;
  const outcomes = new Map(draft.check.outcomes).set(connectionId, outcome);
  return { ...draft, check: { ...draft.check, outcomes } };
}
