import { type Connection, connectionFor } from '../domain/connection';
import type { Failure } from '../domain/failure';
import { placeOf } from '../domain/place';
import { defaultConnectionOf, type Settings } from '../domain/settings';
import type { SubscriptionId } from '../domain/subscription';
import { NotAllowed, type VerifiedSender } from '../messaging/serve';
import { recognise, type SubscriptionPage } from '../portals';
import { readConfirmWindow } from '../storage/confirm-window';
import { readPlaces } from '../storage/places';
import type { Connections, CurrentConnection } from './connections';
import type { PortalLimits } from './portal-limits';

export interface MessageScopeParts {
  readonly settings: () => Promise<Settings>;
  readonly connections: Connections;
  readonly limits: PortalLimits;
}

/** What a message is about, by who sent it: a subscription's page, a subscription, a connection. */
export interface MessageScope {
  /** The page that the sender's tab shows; null for an extension's page, and where none is shown. */
  pageShownIn(sender: VerifiedSender): Promise<SubscriptionPage | null>;
  /** The page that shows that subscription: a panel's own, else {@link NotAllowed} is thrown; for a page of ours where it was met. */
  pageMeant(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<SubscriptionPage>;
  /** The subscription that the sender's tab shows; null for an extension's page, and where none is shown. */
  shownIn(sender: VerifiedSender): Promise<SubscriptionId | null>;
  /** Throws {@link NotAllowed} where a panel asks about another subscription than its tab shows. */
  requireShown(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<void>;
  /** Whether a change from a panel is to be made in the extension's own window. */
  mustConfirm(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<boolean>;
  /**
   * The connection that a message is about: the one that a page of ours names, or that the window to confirm in is about, null where
   * that is gone; where none is named, the one that serves the sender's page, which for a page of ours is the default.
   */
  connectionMeant(id: string | undefined, sender: VerifiedSender): Promise<Connection | null>;
  /** {@link MessageScope.connectionMeant} with its backend; null when there is none, or none that this version can use. */
  currentFor(sender: VerifiedSender, id?: string): Promise<CurrentConnection | null>;
  /** Why {@link MessageScope.currentFor} is null. */
  whyNone(sender: VerifiedSender, id?: string): Promise<Failure>;
  /** What names a connection where the default needs no name. */
  unlessDefault(connectionId: string | undefined): Promise<{ readonly connectionId?: string }>;
}

export function createMessageScope({ settings, connections: usable, limits }: MessageScopeParts): MessageScope {
  async function pageShownIn(sender: VerifiedSender): Promise<SubscriptionPage | null> {
    if (sender.kind === 'page') return null;
    return recognise(sender.address, (await settings()).portals);
  }

  async function pageMeant(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<SubscriptionPage> {
    if (sender.kind === 'page')
      return { portal: 'azure', subscriptionId, ...placeOf(subscriptionId, await readPlaces()) };
    const page = await pageShownIn(sender);
    if (page?.subscriptionId !== subscriptionId) throw new NotAllowed('Not the subscription on this page');
    return page;
  }

  async function shownIn(sender: VerifiedSender): Promise<SubscriptionId | null> {
    return (await pageShownIn(sender))?.subscriptionId ?? null;
  }

  async function connectionMeant(id: string | undefined, sender: VerifiedSender): Promise<Connection | null> {
    const { connections, defaultConnection } = await settings();
    const wanted = sender.kind === 'page' ? (id ?? (await ofWindow(sender))) : undefined;
    // One that is gone has no other in its place: what is about it goes nowhere else.
    if (wanted !== undefined) return connections.find(({ id }) => id === wanted) ?? null;
    return connectionFor(await pageShownIn(sender), connections, defaultConnection);
  }

  async function currentFor(sender: VerifiedSender, id?: string): Promise<CurrentConnection | null> {
    const connection = await connectionMeant(id, sender);
    return connection && usable.byId(connection.id);
  }

  async function whyNone(sender: VerifiedSender, id?: string): Promise<Failure> {
    const isKept = (await connectionMeant(id, sender)) !== null;
    return { reason: isKept ? 'kindUnknown' : 'notConfigured' };
  }

  async function unlessDefault(connectionId: string | undefined): Promise<{ readonly connectionId?: string }> {
    const isDefault = defaultConnectionOf(await settings())?.id === connectionId;
    return connectionId === undefined || isDefault ? {} : { connectionId };
  }

  async function requireShown(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<void> {
    if (sender.kind === 'page') return;
    if ((await shownIn(sender)) !== subscriptionId) throw new NotAllowed('Not the subscription on this page');
  }

  async function mustConfirm(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<boolean> {
    if (sender.kind === 'page') return false;
    return (await settings()).confirm === 'always' || !(await limits.mayChange(sender, subscriptionId));
  }

  async function ofWindow(sender: Extract<VerifiedSender, { kind: 'page' }>): Promise<string | undefined> {
    return sender.page === 'confirm' ? (await readConfirmWindow())?.subject.connectionId : undefined;
  }

  return {
    pageShownIn,
    pageMeant,
    shownIn,
    requireShown,
    mustConfirm,
    connectionMeant,
    currentFor,
    whyNone,
    unlessDefault,
  };
}
