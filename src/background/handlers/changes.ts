import { type ChangeRequest, isSameWish, planChange, type Wish, wishOf } from '../../domain/change-request';
import type { Capabilities } from '../../domain/capabilities';
import type { Failure } from '../../domain/failure';
import type { PartnerId, PartnerRef } from '../../domain/partner';
import { holdingOf, type PartnerState, subscriptionName } from '../../domain/partner-state';
import type { Person } from '../../domain/person';
import { placeOf } from '../../domain/place';
import { LONGEST_ADDRESS } from '../../domain/schemas';
import type { Connection } from '../../domain/connection';
import type { Settings } from '../../domain/settings';
import { standingOf, type Viewer } from '../../domain/standing';
import type { SubscriptionId } from '../../domain/subscription';
import { type LinkTarget, subscriptionTarget, type Target, targetKey } from '../../domain/target';
import type { ChangeAnswer } from '../../messaging/protocol';
import { type Handlers, NotAllowed, type VerifiedSender } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import { StorageFull } from '../../storage/database';
import { isPageOf, pageOf } from '../../portals';
import type { History } from '../../storage/history';
import { readPlaces } from '../../storage/places';
import type { Connections, CurrentConnection } from '../connections';
import type { Engine } from '../engine';
import type { Links } from '../links';
import type { MessageScope } from '../message-scope';
import { senderShown } from '../sender-shown';
import type { Subscriptions } from '../subscriptions';

export interface ChangeParts {
  readonly scope: MessageScope;
  readonly engine: Engine;
  readonly subscriptions: Subscriptions;
  readonly history: History;
  readonly connections: Pick<Connections, 'byId'>;
  readonly links: Pick<Links, 'connectionFor' | 'placeFor' | 'personOf' | 'nameOf'>;
  readonly settings: () => Promise<Settings>;
  readonly person: (connection: Connection) => Promise<Person | null>;
  readonly clock: Clock;
  /** The person has met changes made elsewhere. */
  readonly onMet: () => void;
}

type Commands = Pick<Handlers, Extract<keyof Handlers, `change.${string}`> | 'link.assign' | 'link.remove'>;

/** What is wanted, once we know that the sender may ask for it. */
interface Asked {
  readonly id: string;
  /** A subscription at whichever connection is meant, or a link at its own. */
  readonly of: SubscriptionId | LinkTarget;
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
      return ask({ id, of: subscriptionId, seen, after: partnerId, named, ...BY_ITSELF }, sender);
    },

    async 'change.remove'({ id, subscriptionId, seen }, sender) {
      await parts.scope.requireShown(subscriptionId, sender);
      return ask({ id, of: subscriptionId, seen, after: null, named: async () => null, ...BY_ITSELF }, sender);
    },

    async 'link.assign'({ id, target, partnerId, seen }, sender) {
      const hindrance = await inTheWay(target, sender);
      if (hindrance !== null) return hindrance;
      // Nobody can say before whose it is.
      return ask({ id, of: target, seen, ...wanted({ partnerId, name: null }), ...BY_ITSELF }, sender);
    },

    async 'link.remove'({ id, target, seen }, sender) {
      const hindrance = await inTheWay(target, sender);
      if (hindrance !== null) return hindrance;
      return ask({ id, of: target, seen, ...wanted(null), ...BY_ITSELF }, sender);
    },

    async 'change.overwrite'({ id, changeId, seen }, sender) {
      const change = await ownChange(changeId, sender);
      if (change.life.state !== 'conflict') return { ok: false, problem: 'notThere' };
      const hindrance = await inTheWay(change.target, sender);
      if (hindrance !== null) return hindrance;
      return ask(
        {
          id,
          of: subjectOf(change),
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
      const change = await ownChange(changeId, sender);
      if (change.life.state !== 'done') return { ok: false, problem: 'notThere' };
      const hindrance = await inTheWay(change.target, sender);
      if (hindrance !== null) return hindrance;
      return ask(
        {
          id,
          of: subjectOf(change),
          seen,
          ...wanted(change.before),
          overwrites: null,
          undoes: changeId,
          answers: answering(change),
        },
        sender,
      );
    },

    async 'change.restore'({ id, changeId, seen }, sender) {
      const foreign = await history.readForeign(changeId);
      if (foreign === null) return { ok: false, problem: 'notThere' };
      const { target, before } = foreign;
      const answer = await ask(
        {
          id,
          of: subjectOf(foreign),
          seen,
          ...wanted(before),
          overwrites: null,
          undoes: changeId,
          answers: { connectionId: target.connectionId, page: null },
        },
        sender,
      );
      if (answer.ok && (await history.markMet([changeId]))) parts.onMet();
      return answer;
    },

    async 'change.sendAsMe'({ changeId, me }, sender) {
      const change = await ownChange(changeId, sender);
      // A link is its account's own.
      if (change.target.kind !== 'subscription') return OTHER_BY_NOW;
      if (await parts.scope.mustConfirm(change.target.id, sender)) return { ok: false, problem: 'confirmInExtension' };
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

  /** A change that the sender may name: a panel only one of the subscription that its tab shows. Asks nobody. */
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
        await requireLinksOf(target, sender);
        return change;
    }
  }

  /**
   * Throws {@link NotAllowed} where a panel asks about a change of a link on a page for which its connection holds none. Which tenant the
   * page is in may take the network to tell, and a change is stopped without. Its ID is told only where its link is shown.
   */
  async function requireLinksOf({ connectionId }: LinkTarget, sender: VerifiedSender): Promise<void> {
    if (sender.kind === 'page') return;
    const page = await parts.scope.pageShownIn(sender);
    const connection = page && (await parts.links.connectionFor(page));
    if (connection?.id !== connectionId) throw NOT_SHOWN();
  }

  /**
   * Why a link is not changed from there: nobody can tell in time whether it is the one that counts on a panel's page. Null: it is changed.
   * Throws {@link NotAllowed} where it is another than counts there, for whichever account.
   */
  async function inTheWay(target: Target, sender: VerifiedSender): Promise<ChangeAnswer | null> {
    if (sender.kind === 'page' || target.kind === 'subscription') return null;
    const page = await parts.scope.pageShownIn(sender);
    const place = page && (await parts.links.placeFor(page, target.user));
    if (place === null) throw NOT_SHOWN();
    const { link, failure } = place;
    if (link.target === null) return { ok: false, problem: notRead(failure) };
    if (targetKey(link.target) !== targetKey(target)) throw NOT_SHOWN();
    return null;
  }

  async function note(changeId: string, sender: VerifiedSender, event: Parameters<Engine['note']>[1]): Promise<null> {
    await ownChange(changeId, sender);
    await engine.note(changeId, event);
    return null;
  }

  async function ask(asked: Asked, sender: VerifiedSender): Promise<ChangeAnswer> {
    const { answers, of } = asked;
    const connectionIdOf = typeof of === 'string' ? answers?.connectionId : of.connectionId;
    const current = await (connectionIdOf === undefined
      ? parts.scope.currentFor(sender)
      : parts.connections.byId(connectionIdOf));
    if (current === null) return { ok: false, problem: 'notConfigured' };
    const { id: connectionId } = current.connection;
    const target = typeof of === 'string' ? subscriptionTarget(connectionId, of) : of;
    const wish: Wish = { target, after: asked.after, seen: asked.seen };
    const person =
      target.kind === 'signIn' ? await parts.links.personOf(target) : await parts.person(current.connection);
    const earlier = await history.readChange(asked.id);
    const known = await subscriptions.viewOf(current, target);
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
    const shown = target.kind === 'subscription' ? target.id : await parts.scope.shownIn(sender);
    if (shown !== null && (await parts.scope.mustConfirm(shown, sender)))
      return { ok: false, problem: 'confirmInExtension' };
    // A subscription that was listed but never opened is read now.
    const view = known.state === null ? await subscriptions.readAnewOf(current, target) : known;
    const { state } = view;
    if (state === null) return { ok: false, problem: notRead(view.failure) };
    const plan = planChange(state, wish);
    if (!plan.ok) {
      // The target already is as the change wanted it: the conflict needs no answer any more.
      if (plan.problem === 'nothingToChange' && asked.overwrites !== null)
        await engine.note(asked.overwrites, { type: 'kept' });
      return plan.problem === 'changedSince'
        ? {
            ...plan,
            problem: plan.problem,
            found: holdingOf(state),
            view: target.kind === 'subscription' ? { subscriptionId: target.id, ...view } : null,
          }
        : { ok: false, problem: plan.problem };
    }
    const after = asked.after === null ? null : await asked.named(current);
    if (asked.after !== null && after === null) return { ok: false, problem: 'notChecked' };
    const page = await pageFor(target, asked, state, sender, await parts.settings());
    const targetName =
      target.kind === 'subscription' ? subscriptionName(target.id, state) : await parts.links.nameOf(target);
    const { can } = current.backend;
    const request = requestOf({ asked, target, targetName, plan, can, after, person, sender, page, at: clock.now() });
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

/** Why nothing was asked for where what it would be of could not be read. */
function notRead(failure: Failure | null): 'readTimedOut' | 'neverRead' {
  return failure?.reason === 'timedOut' ? 'readTimedOut' : 'neverRead';
}

/** What a change, or one made elsewhere, is of. */
function subjectOf({ target }: { readonly target: Target }): SubscriptionId | LinkTarget {
  return target.kind === 'subscription' ? target.id : target;
}

function answering({ target, page }: ChangeRequest): Asked['answers'] {
  return { connectionId: target.connectionId, page };
}

/** A partner that the backend has named already. */
function wanted(partner: PartnerRef | null): Pick<Asked, 'after' | 'named'> {
  return { after: partner?.partnerId ?? null, named: async () => partner };
}

/** The subscription's page that people are led to: where they asked, else where they asked before, else in its own portal. */
async function pageFor(
  target: Target,
  asked: Asked,
  { subscription }: PartnerState,
  sender: VerifiedSender,
  { portals }: Settings,
): Promise<string | null> {
  if (sender.kind === 'portal' && sender.address.length <= LONGEST_ADDRESS) return sender.address;
  const page = asked.answers?.page ?? null;
  // A link is of no one page.
  if (target.kind === 'signIn') return page;
  const { id: subscriptionId } = target;
  // The person may have removed their own portal since.
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
  readonly targetName: string;
  readonly after: PartnerRef | null;
  readonly person: Person | null;
  readonly sender: VerifiedSender;
  readonly page: string | null;
  readonly at: number;
}

function requestOf({ asked, target, targetName, plan, can, after, person, sender, page, at }: Planned): ChangeRequest {
  return {
    id: asked.id,
    target,
    targetName,
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
