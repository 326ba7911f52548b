import { type LaneHold, outcomeAt, withHold } from '../domain/batch';
import { connectionFor, type ServedPage } from '../domain/connection';
import type { Failure } from '../domain/failure';
import type { Settings } from '../domain/settings';
import { isOnItsWay } from '../domain/phase';
import type { Standing } from '../domain/standing';
import type { SubscriptionId } from '../domain/subscription';
import { type LinkTarget, subscriptionTarget, type Target, targetKey } from '../domain/target';
import type { BatchNews, Broadcast, Push, SubscriptionView } from '../messaging/protocol';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { History } from '../storage/history';
import { readPortalUses } from '../storage/portal-uses';
import type { SettingsRead } from '../storage/settings';
import { createBadge } from './badge';
import type { Connections } from './connections';
import { createGathering } from './gather';
import { hindranceOf, type SignedInSecrets } from './hindrance';
import { notifyOfBatch, notifyOfEnd, notifyOfForeign } from './notify';
import { asPanelSees } from './panel-view';
import type { PortalLimits } from './portal-limits';
import { type PanelsOf, pushToPanels } from './portal-tabs';
import type { Subscriptions } from './subscriptions';

export interface AnnouncerParts {
  readonly readSettings: () => Promise<SettingsRead>;
  readonly connections: Pick<Connections, 'byId'>;
  readonly subscriptions: Pick<Subscriptions, 'view' | 'known'>;
  readonly history: Pick<
    History,
    | 'attentionCount'
    | 'unmetCount'
    | 'markTold'
    | 'untoldForeign'
    | 'markForeignTold'
    | 'readForeign'
    | 'progressOf'
    | 'readBatch'
    | 'runningBatches'
    | 'openChanges'
    | 'untold'
  >;
  readonly secrets: SignedInSecrets;
  readonly limits: Pick<PortalLimits, 'shownIn' | 'shownInTabs'>;
  /** What holds up the changes of a connection; null where nothing does. */
  readonly holdOf: (connectionId: string) => Promise<LaneHold | null>;
  readonly broadcast: (broadcast: Broadcast) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Announces what has happened to whoever shows it: pages of the extension, panels, the badge, a notification. Nobody waits for it:
 * everything is gathered for a moment and announced as it is then, several steps of one change as its last.
 */
export interface Announcer {
  /** A change was written: asked for, gone on, or ended. This is how anybody sees it. */
  change(standing: Standing): void;
  /** Whether this worker announces the end of that change, or has. */
  isAnnounced(changeId: string): boolean;
  /** A batch was asked for, has gone on or ended. */
  batch(batchId: string): void;
  /** Something holds up the changes of a connection, or does not any more. */
  hold(connectionId: string): void;
  /** A target was read. `failure`: why that did not work; null where it did. */
  view(target: Target, failure: Failure | null): void;
  /** A service has said who its caller is, or whom to ask: pages may show it, and those of the subscription where one is named. */
  caller(target: Target | null): void;
  /** Changes made elsewhere are in the history, of which nobody was told. All of them are told as one. */
  foreign(): void;
  /** Rows of the history were written or removed, none of which the badge counts. */
  history(): void;
  /** Other subscriptions are starred. */
  stars(): void;
  /** What a person says of a link is another by now. */
  link(target: LinkTarget): void;
  /** What the badge counts, or what is in the way of all work, may be another. */
  badge(): void;
  /** Somebody signed in or out, or tried to. */
  signIn(): void;
  /** Other settings are in force than `before`. */
  settings(before: Settings): void;
  /** Resolves once whatever is gathered by now was announced or has failed. */
  settled(): Promise<void>;
}

/** Of many changes nobody wants to hear more often. */
export const BATCH_NEWS_EVERY_MS = 1000;
/** Often enough that whoever looks at one sees it at once. */
const LINK_NEWS_EVERY_MS = 300;
/** Rows of a batch that are named at once: a page that has missed some reads them. */
const MOST_NEWS = 200;
/** Of more, panels are not told one by one: they read anew what they show. */
const FEW_FOREIGN = 20;

export function createAnnouncer(parts: AnnouncerParts): Announcer {
  const { readSettings, history, log } = parts;
  const settings = async () => (await readSettings()).settings;
  const { add, settled } = createGathering(parts);
  /** The changes of each batch that have gone on and were not announced yet. */
  const members = new Map<string, Map<string, Standing>>();
  const showBadge = createBadge();
  const unlooked = new Map<string, Extract<Target, { kind: 'subscription' }>>();
  /** Links that have gone on and were not announced yet. */
  const links = new Map<string, LinkTarget>();
  /** Ends of changes that this worker announces. */
  const announced = new Set<string>();
  /** Those of which it is still to be noted that they were told. */
  const told = new Set<string>();
  let marking: Promise<void> | null = null;

  return {
    change(standing) {
      if (standing.batch !== undefined) {
        member(standing.batch, standing);
        return;
      }
      badge();
      toPages('history');
      target(standing.target);
      if (isOnItsWay(standing.at)) return;
      announced.add(standing.changeId);
      add(`a notification of change ${standing.changeId}`, async () => {
        if ((await settings()).notify) await notifyOfEnd(standing);
        await markTold(standing.changeId);
      });
    },

    isAnnounced: (changeId) => announced.has(changeId),

    batch,

    hold(connectionId) {
      toPages('history');
      add(`what holds up ${connectionId}`, async () => {
        for (const id of await history.runningBatches())
          if ((await history.readBatch(id))?.connectionId === connectionId) await batchToAll(id);
        for (const change of await history.openChanges())
          if (change.target.connectionId === connectionId) shownTarget(change.target);
      });
    },

    view(read, failure) {
      target(read);
      // A provider may have ended the sign-in meanwhile.
      if (failure?.reason === 'signInNeeded') badge();
    },

    caller(shown) {
      toPages('settings');
      if (shown !== null) target(shown);
    },

    foreign() {
      toPages('history');
      badge();
      add('a notification of changes made elsewhere', async () => {
        const untold = await parts.history.untoldForeign();
        if (untold.length === 0) return;
        if (untold.length > FEW_FOREIGN) connectionToPanels();
        if ((await settings()).notify) await notifyOfForeign(untold, parts.history);
        await parts.history.markForeignTold(untold);
      });
    },

    history: () => toPages('history'),

    stars: () => toPages('stars'),

    link: (shown) => linkToPages(shown),

    badge: () => badge(),

    signIn() {
      toPages('settings');
      badge();
      connectionToPanels();
    },

    settings(before) {
      toPages('settings');
      badge();
      // Each under a name of its own: settings that are changed twice at once leave nobody out.
      add(`panels of the portals ${JSON.stringify(before.portals)}`, async () => {
        const { portals } = await settings();
        // Panels on portals that are served no more hear of it too.
        const either = {
          off: before.portals.off.filter((id) => portals.off.includes(id)),
          own: [...new Set([...before.portals.own, ...portals.own])],
        };
        await pushToPanels({ push: 'portals' }, either, null, log);
      });
      connectionToPanels();
    },

    settled,
  };

  function member(batchId: string, standing: Standing): void {
    const standings = members.get(batchId) ?? new Map<string, Standing>();
    members.set(batchId, standings.set(standing.changeId, standing));
    badge(BATCH_NEWS_EVERY_MS);
    batch(batchId);
    shownTarget(standing.target);
  }

  /** Of many that are told at once this is noted in a few writes. */
  function markTold(id: string): Promise<void> {
    told.add(id);
    marking ??= markAllTold();
    return marking;
  }

  async function markAllTold(): Promise<void> {
    try {
      while (told.size > 0) {
        const ids = [...told];
        told.clear();
        await history.markTold(ids);
      }
    } finally {
      marking = null;
    }
  }

  /** Of one of many targets there is a view only where a portal's tab was shown it. */
  function shownTarget(one: Target): void {
    if (one.kind === 'signIn') {
      target(one);
      return;
    }
    unlooked.set(targetKey(one), one);
    const tell = async () => {
      const some = [...unlooked.values()];
      unlooked.clear();
      const shownIn = await parts.limits.shownInTabs();
      for (const shown of some) if (shownIn(shown.id)) target(shown);
    };
    add('targets that tabs were shown', tell, BATCH_NEWS_EVERY_MS);
  }

  function batch(batchId: string): void {
    toPages('history', BATCH_NEWS_EVERY_MS);
    add(`the batch ${batchId}`, () => batchToAll(batchId), BATCH_NEWS_EVERY_MS);
  }

  async function batchToAll(batchId: string): Promise<void> {
    const standings = [...(members.get(batchId)?.values() ?? [])];
    members.delete(batchId);
    const [progress, own] = await Promise.all([history.progressOf(batchId), history.readBatch(batchId)]);
    if (progress === null) return;
    const rows = own === null ? [] : await newsOf(own.connectionId, standings.slice(0, MOST_NEWS));
    const hold = own && (await parts.holdOf(own.connectionId));
    parts.broadcast({ changed: 'batch', progress: withHold(progress, hold), rows });
    if (!progress.ended || !(await history.untold()).includes(batchId)) return;
    const present = await settings();
    if (own !== null && present.notify) await notifyOfBatch(own, progress, present);
    await history.markTold([batchId]);
  }

  async function newsOf(connectionId: string, standings: readonly Standing[]): Promise<BatchNews[]> {
    const rows = standings.flatMap(({ target, at }) =>
      target.kind === 'subscription' ? [{ subscriptionId: target.id, connectionId, outcome: outcomeAt(at) }] : [],
    );
    const current = await parts.connections.byId(connectionId);
    const targets = rows.map(({ subscriptionId }) => subscriptionTarget(connectionId, subscriptionId));
    const states = current === null ? [] : await parts.subscriptions.known(current, targets);
    return rows.map((row, i) => ({ ...row, ...(states[i] == null ? {} : { state: states[i] }) }));
  }

  function toPages(changed: 'history' | 'settings' | 'stars', restMs = 0): void {
    add(`pages, the ${changed}`, async () => parts.broadcast({ changed }), restMs);
  }

  /** Of many that are read or changed one after the other the page that shows all is told together. */
  function linkToPages(link: LinkTarget): void {
    links.set(targetKey(link), link);
    const tell = async () => {
      const targets = [...links.values()];
      links.clear();
      parts.broadcast({ changed: 'links', targets });
    };
    add('pages, the links', tell, LINK_NEWS_EVERY_MS);
  }

  function connectionToPanels(): void {
    add('panels, the connection', () => push({ push: 'connection' }, null));
  }

  function target(shown: Target): void {
    if (shown.kind === 'signIn') {
      linkToPages(shown);
      // Whose link a panel shows, its page decides: each looks for itself.
      add('panels, the links', () => push({ push: 'link' }, null));
      return;
    }
    // Pages and panels get the same view, as it is when it is announced to the first of them.
    let known: Promise<SubscriptionView | null> | null = null;
    const view = () => (known ??= viewOf(shown.connectionId, shown.id));
    add(`pages, ${targetKey(shown)}`, async () => viewToPages(await view(), shown.connectionId));
    add(`panels, ${targetKey(shown)}`, async () => viewToPanels(await view(), shown.connectionId));
  }

  /** Null where its connection cannot be found. */
  async function viewOf(connectionId: string, id: SubscriptionId): Promise<SubscriptionView | null> {
    const current = await parts.connections.byId(connectionId);
    return current && parts.subscriptions.view(current, id);
  }

  async function viewToPages(view: SubscriptionView | null, connectionId: string): Promise<void> {
    if (view === null) return;
    const isDefault = (await servedBy(connectionId))(null);
    parts.broadcast({ changed: 'subscription', view, ...(isDefault ? {} : { connectionId }) });
  }

  async function viewToPanels(view: SubscriptionView | null, connectionId: string): Promise<void> {
    if (view === null) return;
    const { subscriptionId } = view;
    const isShownIn = await parts.limits.shownIn(subscriptionId);
    const { confirm } = await settings();
    const panels = { subscriptionId, isShownIn, serves: await servedBy(connectionId) };
    await push({ push: 'subscription', view: asPanelSees(view, confirm) }, panels);
  }

  async function servedBy(connectionId: string): Promise<(page: ServedPage | null) => boolean> {
    const { connections, defaultConnection } = await settings();
    return (page) => connectionFor(page, connections, defaultConnection)?.id === connectionId;
  }

  async function push(news: Push, panels: PanelsOf | null): Promise<void> {
    await pushToPanels(news, (await settings()).portals, panels, log);
  }

  function badge(restMs = 0): void {
    const show = async () => {
      const { manyChanges } = await readPortalUses();
      await showBadge({
        attention: await history.attentionCount(),
        unmet: await history.unmetCount(),
        manyChanges: manyChanges?.seen === false,
        hindrance: await hindranceOf(await readSettings(), parts.secrets),
      });
    };
    add('the badge', show, restMs);
  }
}
