import { holdingOf, stateOf } from '../../../src/domain/partner-state';
import { english } from '../../setup/english';
import { afterEvent, type Change, newChange } from '../../../src/domain/change';
import { planChange } from '../../../src/domain/change-request';
import { DEFAULT_DOCK, type Dock } from '../../../src/domain/dock';
import type { CheckOutcome } from '../../../src/domain/history';
import type { Partner, PartnerId, PartnerOfRecord, UsedPartners } from '../../../src/domain/partner';
import { nameOfPerson, type Person } from '../../../src/domain/person';
import type { PortalSettings } from '../../../src/domain/settings';
import type { SubscriptionId, SubscriptionRecord } from '../../../src/domain/subscription';
import type { WindowAnswer } from '../../../src/domain/window-answer';
import type {
  ChangeAnswer,
  ChangesAnswer,
  Envelope,
  LinkView,
  MessageName,
  MessageOutput,
  PanelStart,
  Push,
  SubscriptionView,
} from '../../../src/messaging/protocol';
import { panelWordsOf } from '../../../src/background/panel-words';
import { anchorsFor, recognise } from '../../../src/portals';
import { ADELE, changeOf, contoso, fabrikam, viewOf } from './panel-states';

type Listener = (message: unknown, sender: { id: string }) => unknown;

/** A worker in memory behind a browser API of our own: it holds records and carries changes out at once, unless told otherwise. */
export function fakeWorker() {
  const records = new Map<string, SubscriptionRecord>();
  /** The records as the worker has read them last. */
  const read = new Map<string, SubscriptionRecord>();
  const changes = new Map<string, Change>();
  /** Those that were shown, in their order. */
  const shown: string[] = [];
  const failures = new Map<string, SubscriptionView['failure']>();
  const partners: Partner[] = [contoso, fabrikam];
  const listeners = new Set<Listener>();
  const held = new Map<MessageName, (() => void)[]>();
  const deaf = new Map<MessageName, number>();
  const log: Envelope[] = [];
  let portals: PortalSettings = { off: [], own: [] };
  let dock: Dock = DEFAULT_DOCK;
  let tabAddress: string | null = null;
  let withheld = false;
  let linkView: LinkView | null = null;
  let hasService = true;
  let forbids = false;
  let logged: ChangesAnswer = { ok: true, changes: [], more: false, readAt: Date.now() };
  let overLimit = false;
  let windowAnswer: WindowAnswer = 'opened';
  let person: Person | null = ADELE;

  function view(subscriptionId: string): SubscriptionView {
    const record = records.get(subscriptionId) ?? null;
    if (record !== null) read.set(subscriptionId, record);
    const change = changes.get(subscriptionId) ?? null;
    if (change !== null && !shown.includes(change.id)) shown.push(change.id);
    const changeOrder = change === null ? 0 : shown.indexOf(change.id) + 1;
    const base = viewOf(record, { change, changeOrder, person, readAt: record && Date.now() });
    return {
      ...base,
      subscriptionId: record?.subscriptionId ?? base.subscriptionId,
      failure: failures.get(subscriptionId) ?? null,
    };
  }

  /** The change with that ID and its subscription. */
  function changeWith(changeId: string): readonly [SubscriptionId, Change] {
    for (const change of changes.values()) {
      if (change.id === changeId && change.target.kind === 'subscription') return [change.target.id, change];
    }
    throw new Error('No such change');
  }

  /** Asks on the record that the worker has read last, and carries that out on the record that the service holds. */
  function ask(
    id: string,
    subscriptionId: SubscriptionId,
    seen: string,
    wanted: PartnerId | null,
    more: Pick<Change, 'undoes'> = {},
  ): ChangeAnswer {
    if (overLimit) return { ok: false, problem: 'confirmInExtension' };
    const earlier = changes.get(subscriptionId);
    const held = records.get(subscriptionId);
    const record = read.get(subscriptionId) ?? held;
    if (held === undefined || record === undefined) throw new Error('No such record');
    if (earlier?.id !== id) {
      const target = { ...changeOf('change').target, kind: 'subscription', id: subscriptionId } as const;
      const plan = planChange(stateOf(record), { target, after: wanted, seen });
      if (!plan.ok) {
        return plan.problem === 'changedSince'
          ? { ok: false, problem: plan.problem, found: holdingOf(stateOf(record)), view: view(subscriptionId) }
          : { ok: false, problem: plan.problem };
      }
      const after = partners.find(({ partnerId }) => partnerId === wanted) ?? null;
      const { life: _life, sentAs: _sentAs, ...request } = changeOf(plan.kind);
      const { before, basedOn } = plan;
      const asked = {
        ...request,
        target,
        before,
        after,
        ...more,
      } as const;
      carryOut(newChange({ ...asked, id, basedOn, askedAt: Date.now() }), subscriptionId, held);
    }
    const { standing } = view(subscriptionId);
    if (standing === null) throw new Error('A change that was asked for is there');
    return { ok: true, standing };
  }

  function carryOut(change: Change, subscriptionId: SubscriptionId, held: SubscriptionRecord): void {
    const at = Date.now();
    const sent = afterEvent(change, { type: 'sent', at });
    if (forbids) {
      records.set(subscriptionId, { ...held, caller: { role: 'Reader', canChangePartner: false } });
      const failure = { reason: 'refused', status: 403, code: 'NotPermitted' } as const;
      changes.set(subscriptionId, afterEvent(sent, { type: 'failed', at, failure, retryAfterMs: null, chance: 0 }));
      return;
    }
    const { after } = change;
    const met = held.etag === change.basedOn;
    const partnerOfRecord: PartnerOfRecord | null =
      after === null
        ? null
        : { ...after, name: after.name ?? '', assignedAt: new Date().toISOString(), assignedBy: 'You' };
    const etag = `"${Number(held.etag.replaceAll('"', '')) + 1}"`;
    const record = met ? { ...held, partnerOfRecord, etag } : held;
    records.set(subscriptionId, record);
    read.set(subscriptionId, record);
    changes.set(
      subscriptionId,
      afterEvent(sent, { type: met ? 'applied' : 'preconditionFailed', at, state: stateOf(record) }),
    );
  }

  function started(): PanelStart {
    const address = tabAddress ?? location.href;
    const page = recognise(address, portals);
    return {
      address,
      words: panelWordsOf(english),
      page: page && { subscriptionId: page.subscriptionId, anchors: anchorsFor(page.portal), dock },
    };
  }

  function answer({ name, input }: Envelope): unknown {
    switch (name) {
      case 'panel.start':
        return started();
      case 'panel.dock':
        ({ dock } = input as MessageOutput<'panel.dock'>);
        return null;
      case 'subscription.read': {
        const known = view((input as MessageOutput<'subscription.read'>).subscriptionId);
        if (!hasService) return { ...known, source: null, state: null, readAt: null, standing: null };
        if (!withheld) return known;
        return { ...known, source: null, state: null, readAt: null, standing: null, withheld: true };
      }
      case 'subscription.show':
        withheld = false;
        return view((input as MessageOutput<'subscription.show'>).subscriptionId);
      case 'link.read':
        return linkView;
      case 'subscription.changes':
        return logged;
      case 'partners.used':
        return { assigned: [contoso, fabrikam], checked: [] } satisfies UsedPartners;
      case 'partner.check': {
        if (overLimit) return { kind: 'confirmInExtension' };
        const { partnerId } = input as MessageOutput<'partner.check'>;
        const partner = partners.find((one) => one.partnerId === partnerId);
        return (partner ? { kind: 'found', partner } : { kind: 'unknownPartner' }) satisfies CheckOutcome;
      }
      case 'change.assign': {
        const { id, subscriptionId, seen, partnerId } = input as MessageOutput<'change.assign'>;
        return ask(id, subscriptionId, seen, partnerId);
      }
      case 'change.remove': {
        const { id, subscriptionId, seen } = input as MessageOutput<'change.remove'>;
        return ask(id, subscriptionId, seen, null);
      }
      case 'change.overwrite': {
        const { id, changeId, seen } = input as MessageOutput<'change.overwrite'>;
        const [subscriptionId, { after }] = changeWith(changeId);
        return ask(id, subscriptionId, seen, after?.partnerId ?? null);
      }
      case 'change.undo': {
        const { id, changeId, seen } = input as MessageOutput<'change.undo'>;
        const [subscriptionId, { before }] = changeWith(changeId);
        return ask(id, subscriptionId, seen, before?.partnerId ?? null, { undoes: changeId });
      }
      case 'change.sendAsMe': {
        const { changeId, me } = input as MessageOutput<'change.sendAsMe'>;
        if (overLimit) return { ok: false, problem: 'confirmInExtension' };
        if (person === null || nameOfPerson(person) !== me) return { ok: false, problem: 'otherByNow' };
        const [subscriptionId, change] = changeWith(changeId);
        changes.set(subscriptionId, afterEvent(change, { type: 'adopted', at: Date.now(), person }));
        return { ok: true };
      }
      case 'change.stop':
      case 'change.keep': {
        const { changeId } = input as MessageOutput<'change.stop' | 'change.keep'>;
        const [subscriptionId, change] = changeWith(changeId);
        const at = Date.now();
        changes.set(
          subscriptionId,
          afterEvent(change, name === 'change.stop' ? { type: 'stopAsked', at } : { type: 'kept' }),
        );
        return null;
      }
      case 'confirm.open':
      case 'options.open':
      case 'signIn.start':
        return windowAnswer;
      default:
        return null;
    }
  }

  /** The ports that are open to it, by what is called when it ends. */
  const ports = new Set<() => void>();
  const runtime: { id: string | undefined; sendMessage: unknown; onMessage: unknown; connect: unknown } = {
    id: 'ours',
    connect() {
      let end = (): void => undefined;
      return {
        disconnect: () => ports.delete(end),
        onDisconnect: {
          addListener(listener: () => void) {
            end = listener;
            ports.add(end);
          },
        },
      };
    },
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
    browser: {
      runtime,
      // As in a panel whose extension was updated under it: its words come from the worker.
      get i18n(): never {
        throw new Error('Extension context invalidated.');
      },
    },
    records,
    changes,
    failures,
    view,
    /** What was sent, by name. */
    sent: (name: MessageName) => log.filter((envelope) => envelope.name === name),
    /** What the messages of that name carried. */
    inputs: <N extends MessageName>(name: N) =>
      log.filter((envelope): envelope is Envelope<N> => envelope.name === name).map(({ input }) => input),
    setPortals: (next: PortalSettings) => {
      portals = next;
    },
    /** The browser has not told the worker yet where the tab is; null: it has. */
    setTabAddress: (address: string | null) => {
      tabAddress = address;
    },
    /** From now on views are withheld until a person asks for one. */
    withhold: () => {
      withheld = true;
    },
    /** From now on no service is set up. */
    haveNoService: () => {
      hasService = false;
    },
    /** From now on this is known of the link on the page; null: there is none. */
    setLink: (next: LinkView | null) => {
      linkView = next;
    },
    /** From now on checks and changes are to be confirmed elsewhere. */
    reachLimits: () => {
      overLimit = true;
    },
    /** From now on the service lets this person change nothing. */
    forbid: () => {
      forbids = true;
    },
    /** From now on this is the service's log of changes. */
    setLog: (next: ChangesAnswer) => {
      logged = next;
    },
    /** From now on this is what comes of asking for a window. */
    answerWindow: (next: WindowAnswer) => {
      windowAnswer = next;
    },
    /** From now on this person is signed in. */
    signIn: (next: Person | null) => {
      person = next;
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
    /** How many ports are open to it. */
    ports: () => ports.size,
    /** The browser ends it; the next message, or port, starts it again. */
    end() {
      for (const end of ports) {
        ports.delete(end);
        end();
      }
    },
    /** As after an update of the extension. */
    goAway() {
      runtime.id = undefined;
    },
  };
}
