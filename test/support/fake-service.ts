import { type Backend, BackendError } from '../../src/backends/backend';
import type { ChangeRequest } from '../../src/domain/change-request';
import type { Failure } from '../../src/domain/failure';
import type { Partner } from '../../src/domain/partner';
import { type PartnerState, stateOf } from '../../src/domain/partner-state';
import type { Person } from '../../src/domain/person';
import type { LoggedChange, SubscriptionId, SubscriptionRecord } from '../../src/domain/subscription';
import type { Target } from '../../src/domain/target';
import { attached, FOREIGN, OLD, WANTED } from './partners';
import { ADA } from './persons';
import { aRecord } from './records';
import { createFakeWire } from './fake-wire';

/** What becomes of one request: it is answered, its answer is lost after the effect, or it fails before any. */
export type Fate = 'answered' | 'answerLost' | BackendError;

/** A backend in memory, of whatever kind, and what tests do to it. */
export interface FakeBackend extends Backend {
  /** Every effect there was, by the id of its change. */
  readonly effects: string[];
  /** Every request that left, oldest first. */
  readonly requests: string[];
  /** As whom each change was sent, by its id. */
  readonly senders: Map<string, Person[]>;
  /** Who is signed in. */
  person: Person;
  /** How many requests are on the wire now, and how many there were at most. */
  readonly wire: { now: number; most: number };
  /** Decides each write's fate; it may take its time. */
  fateOf: (change: ChangeRequest, signal: AbortSignal) => Promise<Fate>;
  /** Decides each read's fate. */
  fateOfRead: (id: SubscriptionId) => Promise<Fate>;
  /** Somebody else writes. */
  write(id: SubscriptionId, holder: Partner | null): void;
  /** Where it keeps any. */
  forgetKeys(): void;
}

export interface FakeService extends FakeBackend {
  recordOf(id: SubscriptionId): SubscriptionRecord;
  /** A change that took effect, newest first: what the log of every subscription holds. */
  log: readonly LoggedChange[];
  changes: NonNullable<Backend['changes']>;
  checkPartner: NonNullable<Backend['checkPartner']>;
  whoAmI: NonNullable<Backend['whoAmI']>;
}

export function failed(reason: Failure['reason'], retryAfterMs: number | null = null): BackendError {
  return new BackendError({ reason }, { retryAfterMs });
}

/** A service in memory that keeps to the contract: etags, keys, one effect for each key. */
export function createFakeService(): FakeService {
  const { requests, wire, onTheWire } = createFakeWire();
  const records = new Map<SubscriptionId, SubscriptionRecord>();
  const kept = new Map<string, PartnerState>();

  function recordOf(id: SubscriptionId): SubscriptionRecord {
    return records.get(id) ?? aRecord({ subscriptionId: id, partnerOfRecord: attached(OLD) });
  }

  function write(id: SubscriptionId, holder: Partner | null): SubscriptionRecord {
    const etag = `"${Number(recordOf(id).etag.slice(1, -1)) + 1}"`;
    const written = aRecord({ subscriptionId: id, partnerOfRecord: holder && attached(holder), etag });
    records.set(id, written);
    return written;
  }

  function takeEffect(change: ChangeRequest, id: SubscriptionId): PartnerState {
    const answer = kept.get(change.id);
    if (answer !== undefined) return answer;
    const present = recordOf(id);
    if (change.basedOn !== present.etag) {
      throw new BackendError(
        { reason: 'refused', status: 412, code: 'PreconditionFailed' },
        { state: stateOf(present) },
      );
    }
    const holder = change.after && { ...change.after, name: change.after.name ?? 'Unnamed' };
    const written = stateOf(write(id, holder));
    kept.set(change.id, written);
    service.effects.push(change.id);
    return written;
  }

  const service: FakeService = {
    effects: [],
    requests,
    senders: new Map(),
    person: ADA,
    wire,
    fateOf: async () => 'answered',
    fateOfRead: async () => 'answered',
    recordOf,
    write,
    forgetKeys: () => kept.clear(),
    log: [],
    lane: ({ connectionId }) => connectionId,
    can: { check: true, list: true, changeLog: true, mails: true, shares: true, replay: 'key' },

    sender: async () => service.person,

    async apply(change, isSender, signal) {
      const { person } = service;
      if (!(await isSender(person))) throw failed('otherPerson');
      service.senders.set(change.id, [...(service.senders.get(change.id) ?? []), person]);
      return onTheWire(`apply ${change.id}`, async () => {
        const fate = await service.fateOf(change, signal);
        if (fate instanceof BackendError) throw fate;
        const answer = takeEffect(change, idOf(change.target));
        if (fate === 'answerLost') throw failed('noAnswer');
        return answer;
      });
    },

    read: (target) =>
      onTheWire(`read ${idOf(target)}`, async () => {
        const fate = await service.fateOfRead(idOf(target));
        if (fate instanceof BackendError) throw fate;
        return stateOf(recordOf(idOf(target)));
      }),

    changes: (target) =>
      onTheWire(`changes ${idOf(target)}`, async () => {
        const id = idOf(target);
        const fate = await service.fateOfRead(id);
        if (fate instanceof BackendError) throw fate;
        return { changes: service.log, more: false };
      }),

    whoAmI: async () => ({ name: 'Ada', principalId: 'ada', organization: 'Contoso', support: 'help@contoso.example' }),
    async *test() {
      yield { step: 'reachable', ok: true };
      yield { step: 'contract', ok: true, version: 1 };
      yield { step: 'signedIn', ok: true, name: 'Ada', organization: 'Contoso' };
    },
    checkPartner: async (partnerId) => {
      const known = [OLD, WANTED, FOREIGN].find((one) => one.partnerId === partnerId);
      return { partner: known ?? { partnerId, name: `Partner ${partnerId}` } };
    },
    list: async () => ({ subscriptions: [], next: null }),
  };
  return service;
}

function idOf(target: Target): SubscriptionId {
  if (target.kind !== 'subscription') throw failed('refused');
  return target.id;
}
