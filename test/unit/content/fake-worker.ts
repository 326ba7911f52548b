import type { Change } from '../../../src/domain/change';
import { changeKind, newChange } from '../../../src/domain/change';
import type { CheckOutcome } from '../../../src/domain/history';
import type { Partner, PartnerOfRecord } from '../../../src/domain/partner';
import type { PortalSettings } from '../../../src/domain/settings';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import type { Envelope, MessageName, MessageOutput, Push, SubscriptionView } from '../../../src/messaging/protocol';
import { changeOf, contoso, fabrikam, viewOf } from './panel-states';

type Listener = (message: unknown, sender: { id: string }) => unknown;

/** A worker in memory behind a browser API of our own: it holds records and carries changes out at once, unless told otherwise. */
export function fakeWorker() {
  const records = new Map<string, SubscriptionRecord>();
  const changes = new Map<string, Change>();
  const failures = new Map<string, SubscriptionView['failure']>();
  const partners: Partner[] = [contoso, fabrikam];
  const listeners = new Set<Listener>();
  const held = new Map<MessageName, (() => void)[]>();
  const deaf = new Map<MessageName, number>();
  const log: Envelope[] = [];
  let portals: PortalSettings = { off: [], own: [] };
  let withheld = false;
  let overLimit = false;

  function view(subscriptionId: string): SubscriptionView {
    const record = records.get(subscriptionId) ?? null;
    const base = viewOf(record, { change: changes.get(subscriptionId) ?? null, readAt: record && Date.now() });
    return {
      ...base,
      subscriptionId: record?.subscriptionId ?? base.subscriptionId,
      failure: failures.get(subscriptionId) ?? null,
    };
  }

  function carryOut(input: MessageOutput<'change.ask'>): Change {
    const record = records.get(input.subscriptionId);
    if (record === undefined) throw new Error('No such record');
    const known = [...changes.values()].find(({ id }) => id === input.id);
    if (known) return known;
    const before = record.partnerOfRecord;
    const after = partners.find(({ partnerId }) => partnerId === input.after?.partnerId) ?? null;
    const kind = changeKind(before?.partnerId ?? null, after?.partnerId ?? null);
    if (kind === null) throw new Error('Nothing to change');
    const { life: _, ...request } = changeOf(kind);
    const change = newChange({ ...request, id: input.id, before, after, basedOn: input.basedOn, askedAt: Date.now() });
    const partnerOfRecord: PartnerOfRecord | null =
      after === null ? null : { ...after, assignedAt: new Date().toISOString(), assignedBy: 'You' };
    const etag = `"${Number(record.etag.replaceAll('"', '')) + 1}"`;
    if (record.etag !== input.basedOn) {
      const found = { partnerOfRecord: before, etag: record.etag };
      return { ...change, life: { state: 'conflict', attempts: 1, endedAt: Date.now(), found, answer: null } };
    }
    records.set(input.subscriptionId, { ...record, partnerOfRecord, etag });
    const outcome = { partnerOfRecord, etag };
    return { ...change, life: { state: 'done', attempts: 1, endedAt: Date.now(), outcome } };
  }

  function answer({ name, input }: Envelope): unknown {
    switch (name) {
      case 'panel.start':
        return { portals, here: null };
      case 'subscription.read': {
        const known = view((input as MessageOutput<'subscription.read'>).subscriptionId);
        if (!withheld) return known;
        return { ...known, source: null, record: null, readAt: null, change: null, withheld: true };
      }
      case 'subscription.show':
        withheld = false;
        return view((input as MessageOutput<'subscription.show'>).subscriptionId);
      case 'partners.used':
        return partners;
      case 'partner.check': {
        if (overLimit) return { kind: 'confirmInExtension' };
        const { partnerId } = input as MessageOutput<'partner.check'>;
        const partner = partners.find((one) => one.partnerId === partnerId);
        return (partner ? { kind: 'found', partner } : { kind: 'unknownPartner' }) satisfies CheckOutcome;
      }
      case 'change.ask': {
        if (overLimit) return { ok: false, problem: 'confirmInExtension' };
        const ask = input as MessageOutput<'change.ask'>;
        const change = carryOut(ask);
        changes.set(ask.subscriptionId, change);
        return { ok: true, change };
      }
      case 'change.keep': {
        const { changeId } = input as MessageOutput<'change.keep'>;
        for (const [id, change] of changes) {
          if (change.id !== changeId || change.life.state !== 'conflict') continue;
          changes.set(id, { ...change, life: { ...change.life, answer: { kind: 'kept' } } });
        }
        return null;
      }
      default:
        return null;
    }
  }

  const runtime: { id: string | undefined; sendMessage: unknown; onMessage: unknown } = {
    id: 'ours',
    async sendMessage(envelope: Envelope) {
      log.push(envelope);
      const deafFor = deaf.get(envelope.name) ?? 0;
      if (deafFor > 0) {
        deaf.set(envelope.name, deafFor - 1);
        throw new Error('The message port closed before a response was received.');
      }
      const given = answer(envelope);
      const waiting = held.get(envelope.name);
      if (waiting) await new Promise<void>((resolve) => waiting.push(resolve));
      return { ok: true, answer: given };
    },
    onMessage: {
      addListener: (listener: Listener) => listeners.add(listener),
      removeListener: (listener: Listener) => listeners.delete(listener),
    },
  };

  return {
    browser: { runtime },
    records,
    changes,
    failures,
    view,
    /** What was sent, by name. */
    sent: (name: MessageName) => log.filter((envelope) => envelope.name === name),
    setPortals: (next: PortalSettings) => {
      portals = next;
    },
    /** From now on views are withheld until a person asks for one. */
    withhold: () => {
      withheld = true;
    },
    /** From now on checks and changes are to be confirmed elsewhere. */
    reachLimits: () => {
      overLimit = true;
    },
    push(push: Push, sender = 'ours') {
      for (const listener of listeners) listener(push, { id: sender });
    },
    /** From now on answers to this message are made but kept back; the returned function lets them go, the oldest first. */
    hold(name: MessageName): () => void {
      const waiting: (() => void)[] = [];
      held.set(name, waiting);
      return () => waiting.shift()?.();
    },
    release(name: MessageName) {
      for (const go of held.get(name) ?? []) go();
      held.delete(name);
    },
    /** The next messages of this name get no answer. */
    doNotAnswer: (name: MessageName, times: number) => deaf.set(name, times),
    /** As after an update of the extension. */
    goAway() {
      runtime.id = undefined;
    },
  };
}
