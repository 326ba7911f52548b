import { type ChangeRequest, isSameWish, planChange, type Wish, wishOf } from '../../domain/change-request';
import type { Capabilities } from '../../domain/capabilities';
import type { PartnerId, PartnerRef } from '../../domain/partner';
import { type PartnerState, subscriptionName } from '../../domain/partner-state';
import type { Person } from '../../domain/person';
import { placeOf } from '../../domain/place';
import { LONGEST_ADDRESS } from '../../domain/schemas';
import type { Connection } from '../../domain/connection';
import type { Settings } from '../../domain/settings';
import { standingOf, type Viewer } from '../../domain/standing';
import type { SubscriptionId } from '../../domain/subscription';
import { subscriptionTarget, type Target } from '../../domain/target';
import type { ChangeAnswer } from '../../messaging/protocol';
import { type Handlers, NotAllowed, type VerifiedSender } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import { StorageFull } from '../../storage/database';
import { isPageOf, pageOf } from '../../portals';
import type { History } from '../../storage/history';
import { readPlaces } from '../../storage/places';
import type { Connections, CurrentConnection } from '../connections';
import type { Engine } from '../engine';
import type { MessageScope } from '../message-scope';
import { senderShown } from '../sender-shown';
import type { Subscriptions } from '../subscriptions';

export interface ChangeParts {
  readonly scope: MessageScope;
  readonly engine: Engine;
  readonly subscriptions: Subscriptions;
  readonly history: History;
  readonly connections: Pick<Connections, 'byId'>;
  readonly settings: () => Promise<Settings>;
  readonly person: (connection: Connection) => Promise<Person | null>;
  readonly clock: Clock;
}

type Commands = Pick<Handlers, Extract<keyof Handlers, `change.${string}`>>;

/** What is wanted, once we know that the sender may ask for it. */
interface Asked {
  readonly id: string;
  readonly subscriptionId: SubscriptionId;
  readonly seen: string;
  readonly after: PartnerId | null;
  /** The partner by name; null when the backend has not said whose the ID is, though it can. */
  readonly named: (current: CurrentConnection) => Promise<PartnerRef | null>;
  readonly overwrites: string | null;
  readonly undoes: string | null;
  /** The change that it answers, whose connection it goes to; null when it answers none. */
  readonly answers: { readonly connectionId: string; readonly page: string | null } | null;
}

/** The messages that ask for a change. Each becomes a change that is planned from one record, the newest one known. */
export function createChangeHandlers(parts: ChangeParts): Commands {
  const { engine, subscriptions, history, clock } = parts;

  return {
    async 'change.assign'({ id, subscriptionId, partnerId, seen }, sender) {
      await parts.scope.requireShown(subscriptionId, sender);
      const named = async ({ connection, backend }: CurrentConnection): Promise<PartnerRef | null> => {
        if (!backend.can.check) return { partnerId, name: null };
        const outcome = (await history.latestCheck(connection.id, partnerId))?.outcome;
        return outcome?.kind === 'found' ? outcome.partner : null;
      };
      return ask({ id, subscriptionId, seen, after: partnerId, named, ...BY_ITSELF }, sender);
    },

    async 'change.remove'({ id, subscriptionId, seen }, sender) {
      await parts.scope.requireShown(subscriptionId, sender);
      return ask({ id, subscriptionId, seen, after: null, named: async () => null, ...BY_ITSELF }, sender);
    },

    async 'change.overwrite'({ id, changeId, seen }, sender) {
      const own = await ownOfSubscription(changeId, sender);
      if (own?.change.life.state !== 'conflict') return { ok: false, problem: 'notThere' };
      const { subscriptionId, change } = own;
      return ask(
        {
          id,
          subscriptionId,
          seen,
          ...wanted(change.after),
          overwrites: changeId,
          undoes: null,
          answers: answering(change),
        },
        sender,
      );
    },

    async 'change.undo'({ id, changeId, seen }, sender) {
      const own = await ownOfSubscription(changeId, sender);
      if (own?.change.life.state !== 'done') return { ok: false, problem: 'notThere' };
      const { subscriptionId, change } = own;
      return ask(
        {
          id,
          subscriptionId,
          seen,
          ...wanted(change.before),
          overwrites: null,
          undoes: changeId,
          answers: answering(change),
        },
        sender,
      );
    },

    async 'change.sendAsMe'({ changeId, me }, sender) {
      const own = await ownOfSubscription(changeId, sender);
      if (own === null) return OTHER_BY_NOW;
      const { change, subscriptionId } = own;
      if (await parts.scope.mustConfirm(subscriptionId, sender)) return { ok: false, problem: 'confirmInExtension' };
      const current = await parts.connections.byId(change.target.connectionId);
      if (current === null) return OTHER_BY_NOW;
      // The person who pressed saw a name. Somebody else may have signed in since.
      const person = await senderShown(current, me, parts.person);
      if (person === null) return OTHER_BY_NOW;
      await engine.note(changeId, { type: 'adopted', at: clock.now(), person });
      return { ok: true };
    },

    'change.stop': ({ changeId }, sender) => note(changeId, sender, { type: 'stopAsked', at: clock.now() }),
    'change.tryNow': ({ changeId }, sender) => note(changeId, sender, { type: 'tryNow', at: clock.now() }),
    'change.keep': ({ changeId }, sender) => note(changeId, sender, { type: 'kept' }),
    'change.seen': ({ changeId }, sender) => note(changeId, sender, { type: 'seen' }),
  };

  /** A change that the sender may name: a panel only one of the subscription that its tab shows. */
  async function ownChange(changeId: string, sender: VerifiedSender) {
    const change = await history.readChange(changeId);
    // The same answer for a change that does not exist: a panel may not learn whether it does.
    if (change === null) throw NOT_SHOWN();
    const { target } = change;
    switch (target.kind) {
      case 'subscription':
        await parts.scope.requireShown(target.id, sender);
        return change;
      case 'signIn':
        if (sender.kind === 'portal') throw NOT_SHOWN();
        return change;
    }
  }

  /** The same, of a subscription; null where it is a link's, which no screen makes again and nobody else may send. */
  async function ownOfSubscription(changeId: string, sender: VerifiedSender) {
    const change = await ownChange(changeId, sender);
    const { target } = change;
    return target.kind === 'subscription' ? { change, subscriptionId: target.id } : null;
  }

  async function note(changeId: string, sender: VerifiedSender, event: Parameters<Engine['note']>[1]): Promise<null> {
    await ownChange(changeId, sender);
    await engine.note(changeId, event);
    return null;
  }

  async function ask(asked: Asked, sender: VerifiedSender): Promise<ChangeAnswer> {
    const { answers } = asked;
    const current = await (answers === null
      ? parts.scope.currentFor(sender)
      : parts.connections.byId(answers.connectionId));
    if (current === null) return { ok: false, problem: 'notConfigured' };
    const { id: connectionId } = current.connection;
    const target = subscriptionTarget(connectionId, asked.subscriptionId);
    const wish: Wish = { target, after: asked.after, seen: asked.seen };
    const person = await parts.person(current.connection);
    const earlier = await history.readChange(asked.id);
    const known = await subscriptions.view(current, asked.subscriptionId);
    const viewer = (state: PartnerState | null): Viewer => ({
      connectionId,
      person,
      mayChange: state?.rights.mayChange ?? null,
    });
    // Asking twice is asking once: the second request is compared with the first, not with what came of it since.
    if (earlier !== null) {
      return isSameWish(wishOf(earlier), wish)
        ? { ok: true, standing: standingOf(earlier, viewer(known.state), clock.now()) }
        : { ok: false, problem: 'idUsedOtherwise' };
    }
    // Asked before anything of the record is given away: the answer would show the present partner.
    if (await parts.scope.mustConfirm(asked.subscriptionId, sender))
      return { ok: false, problem: 'confirmInExtension' };
    // A subscription that was listed but never opened is read now.
    const view = known.state === null ? await subscriptions.readAnew(current, asked.subscriptionId) : known;
    const { state } = view;
    if (state === null)
      return { ok: false, problem: view.failure?.reason === 'timedOut' ? 'readTimedOut' : 'neverRead' };
    const plan = planChange(state, wish);
    if (!plan.ok) {
      // The target already is as the change wanted it: the conflict needs no answer any more.
      if (plan.problem === 'nothingToChange' && asked.overwrites !== null)
        await engine.note(asked.overwrites, { type: 'kept' });
      return plan.problem === 'changedSince'
        ? { ...plan, problem: plan.problem, view }
        : { ok: false, problem: plan.problem };
    }
    const after = asked.after === null ? null : await asked.named(current);
    if (asked.after !== null && after === null) return { ok: false, problem: 'notChecked' };
    const page = await pageFor(asked, state, sender, await parts.settings());
    const { can } = current.backend;
    const request = requestOf({ asked, target, plan, can, after, state, person, sender, page, at: clock.now() });
    return answered(request, asked.overwrites, viewer(state));
  }

  async function answered(request: ChangeRequest, overwrites: string | null, viewer: Viewer): Promise<ChangeAnswer> {
    try {
      const answer = await engine.ask(request, overwrites);
      switch (answer.kind) {
        case 'inserted':
        case 'alreadyThere':
          return { ok: true, standing: standingOf(answer.change, viewer, clock.now()) };
        case 'changeOpen':
          return { ok: false, problem: 'changeOpen', open: standingOf(answer.open, viewer, clock.now()) };
        case 'idUsedOtherwise':
          return { ok: false, problem: 'idUsedOtherwise' };
      }
    } catch (cause) {
      if (cause instanceof StorageFull) return { ok: false, problem: 'storageFull' };
      throw cause;
    }
  }
}

/** A change that answers no other one. */
const BY_ITSELF = { overwrites: null, undoes: null, answers: null } as const;
const NOT_SHOWN = (): NotAllowed => new NotAllowed('No change of the subscription on this page');
const OTHER_BY_NOW = { ok: false, problem: 'otherByNow' } as const;

function answering({ target, page }: ChangeRequest): Asked['answers'] {
  return { connectionId: target.connectionId, page };
}

/** A partner that the backend has named already. */
function wanted(partner: PartnerRef | null): Pick<Asked, 'after' | 'named'> {
  return { after: partner?.partnerId ?? null, named: async () => partner };
}

/** The subscription's page that people are led to: where they asked, else where they asked before, else in its own portal. */
async function pageFor(
  asked: Asked,
  { subscription }: PartnerState,
  sender: VerifiedSender,
  { portals }: Settings,
): Promise<string | null> {
  if (sender.kind === 'portal' && sender.address.length <= LONGEST_ADDRESS) return sender.address;
  // The person may have removed their own portal since.
  const { subscriptionId } = asked;
  const page = asked.answers?.page ?? null;
  if (page !== null && isPageOf(page, subscriptionId, portals)) return page;
  if (subscription === null) return null;
  return pageOf(
    { subscriptionId, service: subscription.service },
    placeOf(subscriptionId, await readPlaces()),
    portals,
  );
}

interface Planned {
  readonly asked: Asked;
  readonly target: Target;
  readonly plan: Extract<ReturnType<typeof planChange>, { readonly ok: true }>;
  readonly can: Capabilities;
  readonly after: PartnerRef | null;
  readonly state: PartnerState;
  readonly person: Person | null;
  readonly sender: VerifiedSender;
  readonly page: string | null;
  readonly at: number;
}

function requestOf({ asked, target, plan, can, after, state, person, sender, page, at }: Planned): ChangeRequest {
  return {
    id: asked.id,
    target,
    targetName: subscriptionName(asked.subscriptionId, state),
    page,
    kind: plan.kind,
    before: plan.before,
    after,
    basedOn: plan.basedOn,
    replay: can.replay,
    askedFrom: sender.kind === 'portal' ? 'panel' : (sender.page ?? 'popup'),
    askedAt: at,
    person,
    ...(asked.undoes === null ? {} : { undoes: asked.undoes }),
    ...(can.mails ? {} : { mails: false }),
  };
}
