import { BackendError, type BackendKind } from '../../src/backends/backend';
import { type ChangeRequest, isBasis, showsChange } from '../../src/domain/change-request';
import type { AttachedPartner } from '../../src/domain/partner';
import type { PartnerState } from '../../src/domain/partner-state';
import type { Target } from '../../src/domain/target';
import { OLD } from './partners';
import { ADA } from './persons';
import { createFakeWire } from './fake-wire';
import type { FakeBackend } from './fake-service';

const CAN = {
  check: false,
  list: false,
  changeLog: false,
  mails: false,
  shares: false,
  replay: 'readFirst',
} as const;

/** The line that a registry of kinds has for it. */
export const ledgerKind: Omit<BackendKind, 'create'> = { can: CAN, signIns: ['none'], steps: ['reachable'] };

/**
 * Another kind of backend than the service: it names nobody whom it does not hold, lists nothing, keeps neither versions nor keys
 * nor a log, and knows nothing of a subscription but who its partner is. It holds links of a sign-in too.
 */
export function createFakeLedger(): FakeBackend {
  const { requests, wire, onTheWire } = createFakeWire();
  const held = new Map<string, AttachedPartner | null>();

  function stateOf(target: Target): PartnerState {
    const kept = held.get(nameOf(target));
    const partnerOfRecord = kept === undefined && target.kind === 'subscription' ? attachedTo(OLD) : (kept ?? null);
    return {
      partnerOfRecord,
      version: null,
      rights: { mayChange: true, role: null, reason: null },
      subscription: null,
    };
  }

  /** It compares nothing itself, so what holds the target is looked at right before. */
  function takeEffect(change: ChangeRequest): PartnerState {
    const present = stateOf(change.target);
    if (showsChange(change, present)) return present;
    if (!isBasis(change, present)) throw new BackendError({ reason: 'refused', status: 412 }, { state: present });
    held.set(nameOf(change.target), change.after && attachedTo(change.after));
    ledger.effects.push(change.id);
    return stateOf(change.target);
  }

  const ledger: FakeBackend = {
    effects: [],
    requests,
    senders: new Map(),
    person: ADA,
    wire,
    fateOf: async () => 'answered',
    fateOfRead: async () => 'answered',
    write: (id, holder) => {
      held.set(id, holder && attachedTo(holder));
    },
    forgetKeys: () => undefined,
    can: CAN,
    lane: ({ connectionId }) => connectionId,
    sender: async () => ledger.person,

    async apply(change, isSender, signal) {
      const { person } = ledger;
      if (!(await isSender(person))) throw new BackendError({ reason: 'otherPerson' });
      ledger.senders.set(change.id, [...(ledger.senders.get(change.id) ?? []), person]);
      return onTheWire(`apply ${change.id}`, async () => {
        const fate = await ledger.fateOf(change, signal);
        if (fate instanceof BackendError) throw fate;
        const answer = takeEffect(change);
        if (fate === 'answerLost') throw new BackendError({ reason: 'noAnswer' });
        return answer;
      });
    },

    read: (target) =>
      onTheWire(`read ${nameOf(target)}`, async () => {
        const fate = target.kind === 'subscription' ? await ledger.fateOfRead(target.id) : 'answered';
        if (fate instanceof BackendError) throw fate;
        return stateOf(target);
      }),

    async *test() {
      yield { step: 'reachable', ok: true };
    },
  };
  return ledger;
}

function nameOf(target: Target): string {
  switch (target.kind) {
    case 'subscription':
      return target.id;
    case 'signIn':
      return `${target.tenant} ${target.user}`;
  }
}

/** It has a name of its own for whom it holds, and knows neither since when nor by whom. */
function attachedTo({ partnerId }: Pick<AttachedPartner, 'partnerId'>): AttachedPartner {
  return { partnerId, name: `Ledger’s ${partnerId}`, assignedAt: null, assignedBy: null };
}
