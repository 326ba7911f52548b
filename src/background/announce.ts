import { connectionFor, type ServedPage } from '../domain/connection';
import type { Settings } from '../domain/settings';
import { isOnItsWay, type Standing } from '../domain/standing';
import { subscriptionTarget, type Target, targetKey } from '../domain/target';
import type { Broadcast, Push, SubscriptionView } from '../messaging/protocol';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { History } from '../storage/history';
import { readPortalUses } from '../storage/portal-uses';
import type { Secrets } from '../storage/secrets';
import type { SettingsRead } from '../storage/settings';
import { showBadge } from './badge';
import type { Connections } from './connections';
import { createGathering } from './gather';
import { hindranceOf } from './hindrance';
import { notifyOfEnd } from './notify';
import { asPanelSees } from './panel-view';
import type { PortalLimits } from './portal-limits';
import { type PanelsOf, pushToPanels } from './portal-tabs';
import type { Subscriptions } from './subscriptions';

export interface AnnouncerParts {
  readonly readSettings: () => Promise<SettingsRead>;
  readonly connections: Pick<Connections, 'byId'>;
  readonly subscriptions: Pick<Subscriptions, 'view'>;
  readonly history: Pick<History, 'attentionCount' | 'markTold' | 'progressOf'>;
  readonly secrets: Pick<Secrets, 'tokenKept' | 'readTokens'>;
  readonly limits: Pick<PortalLimits, 'shownIn'>;
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
  /** A batch was asked for, has gone on or ended. */
  batch(batchId: string): void;
  /** A subscription was read; this is known of it now. */
  view(view: SubscriptionView, connectionId: string): void;
  /** A service has said who its caller is, or whom to ask: on a page of that subscription it may show. */
  caller(target: Target): void;
  /** Rows of the history were written or removed, none of which the badge counts. */
  history(): void;
  /** What the badge counts, or what is in the way of all work, may be another. */
  badge(): void;
  /** Somebody signed in or out, or tried to. */
  signIn(): void;
  /** Other settings are in force than `before`. */
  settings(before: Settings): void;
  /** Resolves once whatever is gathered by now was announced or has failed. */
  settled(): Promise<void>;
}

export function createAnnouncer(parts: AnnouncerParts): Announcer {
  const { readSettings, log } = parts;
  const settings = async () => (await readSettings()).settings;
  const { add, settled } = createGathering(parts);

  return {
    change(standing) {
      toPages('history');
      target(standing.target);
      badge();
      if (standing.batch !== undefined) {
        batch(standing.batch);
        return;
      }
      add(`a notification of change ${standing.changeId}`, async () => {
        if ((await settings()).notify) await notifyOfEnd(standing);
        if (!isOnItsWay(standing.at)) await parts.history.markTold([standing.changeId]);
      });
    },

    batch,

    view({ subscriptionId, failure }, connectionId) {
      target(subscriptionTarget(connectionId, subscriptionId));
      // A provider may have ended the sign-in meanwhile.
      if (failure?.reason === 'signInNeeded') badge();
    },

    caller(shown) {
      toPages('settings');
      target(shown);
    },

    history: () => toPages('history'),

    badge,

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

  function batch(batchId: string): void {
    toPages('history');
    add(`the batch ${batchId}`, async () => {
      const progress = await parts.history.progressOf(batchId);
      if (progress !== null) parts.broadcast({ changed: 'batch', progress, rows: [] });
    });
  }

  function toPages(changed: 'history' | 'settings'): void {
    add(`pages, the ${changed}`, async () => parts.broadcast({ changed }));
  }

  function connectionToPanels(): void {
    add('panels, the connection', () => push({ push: 'connection' }, null));
  }

  function target(shown: Target): void {
    // Pages and panels get the same view, as it is when it is announced to the first of them.
    let known: Promise<SubscriptionView | null> | null = null;
    const view = () => (known ??= viewOf(shown));
    add(`pages, ${targetKey(shown)}`, async () => viewToPages(await view(), shown.connectionId));
    add(`panels, ${targetKey(shown)}`, async () => viewToPanels(await view(), shown.connectionId));
  }

  /** Null where no screen shows the target beside its changes, or its connection cannot be found. */
  async function viewOf(shown: Target): Promise<SubscriptionView | null> {
    switch (shown.kind) {
      case 'subscription': {
        const current = await parts.connections.byId(shown.connectionId);
        return current && parts.subscriptions.view(current, shown.id);
      }
      case 'signIn':
        return null;
    }
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

  function badge(): void {
    add('the badge', async () => {
      const { manyChanges } = await readPortalUses();
      await showBadge({
        attention: await parts.history.attentionCount(),
        manyChanges: manyChanges?.seen === false,
        hindrance: await hindranceOf(await readSettings(), parts.secrets),
      });
    });
  }
}
