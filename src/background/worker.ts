import { createSkew } from '../backends/skew';
import { type Connection, connectionFor, type ServedPage } from '../domain/connection';
import type { KindFacts } from '../domain/kind-facts';
import type { Target } from '../domain/target';
import type { PortalSettings, Settings } from '../domain/settings';
import { type Standing, standingOf } from '../domain/standing';
import type { SubscriptionId } from '../domain/subscription';
import { createBroadcaster } from '../messaging/broadcasts';
import type { PanelWords, SubscriptionView } from '../messaging/protocol';
import type { Handlers } from '../messaging/serve';
import { browserCatalogue } from '../platform/catalogue';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import { knownHosts } from '../portals';
import { createDatabase } from '../storage/database';
import { keepDocksOf } from '../storage/docks';
import { createHistory } from '../storage/history';
import { createSecrets } from '../storage/secrets';
import { readPortalUses } from '../storage/portal-uses';
import { areConnectionsUnread } from '../storage/settings';
import { createSettingsBook } from '../storage/settings-book';
import { createSnapshots } from '../storage/snapshots';
import { showBadge } from './badge';
import { type CheckRunner, createCheckRunner } from './check-runner';
import { type ConfirmWindows, createConfirmWindows } from './confirm-window';
import { ASK_FOR_MS, backendWith, type CreateBackend, createConnections, type CurrentConnection } from './connections';
import { createEngine, type Engine, type EngineParts } from './engine';
import { createHandlers } from './handlers';
import { notifyOfEnd } from './notify';
import { createOwners, presentPerson } from './persons';
import { asPanelSees } from './panel-view';
import { hindranceOf } from './hindrance';
import { createHistoryUpdate } from './history-update';
import { panelWordsOf } from './panel-words';
import { createPortalLimits } from './portal-limits';
import { detectInOpenTabs, pushToPanels, registerOwnPortals } from './portal-tabs';
import { createSignIn } from './sign-in';
import { createSubscriptions } from './subscriptions';
import { createSupport } from './support';
import { CHANGES_ALARM, CHECKS_ALARM, createWakefulness, HISTORY_ALARM } from './wakefulness';

/** The worker's parts, put together; it listens to nothing by itself. */
export interface Worker {
  readonly handlers: Handlers;
  readonly engine: Engine;
  readonly checks: CheckRunner;
  readonly confirmWindows: ConfirmWindows;
  /** Sets this version to work on the portal pages that are open, and shows the badge. */
  settle(): Promise<void>;
  /** Brings the rows of an earlier version into the form of this one, while there are any; open changes go first. */
  updateHistory(): Promise<void>;
  /** Removes what the retention no longer keeps. */
  prune(): Promise<void>;
  /** Brings everything in line with the settings, which the person or policy has changed. */
  followSettings(before: Settings): Promise<void>;
  refreshBadge(): Promise<void>;
  settings(): Promise<Settings>;
}

/** How long the update of the history lets open changes go first. */
const FIRST_FOR_MS = 5000;

/** What the worker needs from around it. */
export interface WorkerPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly createBackend: CreateBackend;
  /** Every kind that {@link WorkerPorts.createBackend} knows. */
  readonly kinds: readonly KindFacts[];
}

export function createWorker({ clock, log, createBackend, kinds }: WorkerPorts): Worker {
  const book = createSettingsBook();
  const settings = async () => (await book.read()).settings;
  const open = createDatabase(() => log.info('Somebody else holds the database; opening waits'));
  const history = createHistory(open);
  const secrets = createSecrets(open);
  const broadcast = createBroadcaster();
  let panelWords: PanelWords | null = null;
  const skew = createSkew(clock, (input, init) => fetch(input, init));
  const signIn = createSignIn({ secrets, clock, log, skew });
  const support = createSupport({ clock, log });
  const owners = createOwners(secrets, async (connectionId, token, person, identity) => {
    await engine.noteOpen(connectionId, { type: 'ownerKnown', token, person });
    await support.keep(connectionId, identity);
  });
  const limits = createPortalLimits({ clock, onManyChanges: refreshBadge });
  const confirmWindows = createConfirmWindows(log);
  const backendOf = backendWith(createBackend, owners, skew, clock);
  const connections = createConnections(settings, { secrets, signIn }, backendOf);
  const current = () => connections.for(null);
  const person = (connection: Connection) => presentPerson(connection, secrets);

  const subscriptions = createSubscriptions({
    history,
    snapshots: createSnapshots(open),
    connections,
    person,
    clock,
    log,
    support: support.of,
    connectionsUnread: async () => areConnectionsUnread(await book.read()),
    onAccepted: (current, id) => {
      learnCaller(current, id).catch((cause: unknown) =>
        log.info('The service has not told who is signed in', { why: String(cause) }),
      );
    },
    onView: (view, connectionId) => {
      tellOfView(view, connectionId).catch((cause: unknown) => log.error('A view could not be told', cause));
    },
  });

  const nobody = { connectionId: null, person: null, mayChange: null };

  /** A person who cannot be told now reads it in the history: the change itself must go on. */
  const tellOfChange: EngineParts['onChanged'] = async (change) => {
    try {
      await tellEveryone(standingOf(change, nobody, clock.now()));
    } catch (cause) {
      log.error(`Not everyone could be told of change ${change.id}`, cause);
    }
  };

  const engine: Engine = createEngine({
    history,
    backendFor: async (connectionId) => {
      const found = await connections.byId(connectionId);
      return found && subscriptions.ordered(found.backend);
    },
    knownOwner: owners.known,
    clock,
    log,
    wakefulness: createWakefulness(CHANGES_ALARM, clock),
    onState: subscriptions.keep,
    onReplayed: (target) => {
      readAnew(target).catch((cause: unknown) => log.error('What was answered again could not be read anew', cause));
    },
    onChanged: tellOfChange,
  });

  const checks = createCheckRunner({
    history,
    current,
    wakefulness: createWakefulness(CHECKS_ALARM, clock),
    clock,
    log,
    // A check is nothing that the badge tells.
    onHistory: async () => broadcast({ changed: 'history' }),
  });

  const historyUpdate = createHistoryUpdate({
    history,
    wakefulness: createWakefulness(HISTORY_ALARM, clock),
    clock,
    log,
    onHistory: () => broadcast({ changed: 'history' }),
  });

  const handlers = createHandlers({
    engine,
    checks,
    subscriptions,
    history,
    secrets,
    signIn,
    backendOf,
    skew,
    support,
    limits,
    confirmWindows,
    connections,
    kinds,
    book,
    settings,
    person,
    words: () => (panelWords ??= panelWordsOf(browserCatalogue)),
    clock,
    trustedNow: skew.trustedNow,
    log,
    onSettings: async (before) => {
      await followSettings(before);
      // Another token may be there.
      await checks.signedIn();
    },
    onHistory: async () => {
      broadcast({ changed: 'history' });
      await refreshBadge();
    },
    onSignIn: async () => {
      await checks.signedIn();
      broadcast({ changed: 'settings' });
      await refreshBadge();
      await pushToPanels({ push: 'connection' }, (await settings()).portals, null, log);
    },
  });

  /**
   * Learns whose a pasted token is while it still works: once it has ended, nobody can tell whose changes were asked for with it.
   * Learns whom to ask too, before a refusal makes somebody wonder.
   */
  async function learnCaller(current: CurrentConnection, shown: SubscriptionId): Promise<void> {
    const { connection, backend } = current;
    const before = await support.of(connection.id);
    if ((await person(connection))?.kind === 'token') await backend.sender();
    else if (backend.whoAmI !== undefined) {
      const { whoAmI } = backend;
      await support.renew(connection.id, () => whoAmI(AbortSignal.timeout(ASK_FOR_MS)));
    }
    if ((await support.of(connection.id)) === before) return;
    broadcast({ changed: 'settings' });
    await tellOfView(await subscriptions.view(current, shown), connection.id);
  }

  async function tellOfView(view: SubscriptionView, connectionId: string): Promise<void> {
    const { connections, defaultConnection, portals, confirm } = await settings();
    const serves = (page: ServedPage | null) =>
      connectionFor(page, connections, defaultConnection)?.id === connectionId;
    broadcast({ changed: 'subscription', view, ...(serves(null) ? {} : { connectionId }) });
    // A provider may have ended the sign-in meanwhile.
    if (view.failure?.reason === 'signInNeeded') await refreshBadge();
    const { subscriptionId } = view;
    const isShownIn = await limits.shownIn(subscriptionId);
    await pushToPanels(
      { push: 'subscription', view: asPanelSees(view, confirm) },
      portals,
      { subscriptionId, isShownIn, serves },
      log,
    );
  }

  async function readAnew(target: Target): Promise<void> {
    const current = await connections.byId(target.connectionId);
    if (current === null) return;
    switch (target.kind) {
      case 'subscription':
        await subscriptions.readAnew(current, target.id);
        return;
      case 'signIn': {
        const { read } = subscriptions.ordered(current.backend);
        await subscriptions.keep(target, await read(target, AbortSignal.timeout(ASK_FOR_MS)));
      }
    }
  }

  async function tellOfTarget(target: Target): Promise<void> {
    switch (target.kind) {
      case 'subscription': {
        const current = await connections.byId(target.connectionId);
        if (current !== null) await tellOfView(await subscriptions.view(current, target.id), target.connectionId);
        return;
      }
      case 'signIn':
        // No page shows a link beside its changes, and those are told of as the history.
        return;
    }
  }

  async function tellEveryone(standing: Standing): Promise<void> {
    broadcast({ changed: 'history' });
    await tellOfTarget(standing.target);
    await refreshBadge();
    if ((await settings()).notify) await notifyOfEnd(standing);
  }

  async function refreshBadge(): Promise<void> {
    const { manyChanges } = await readPortalUses();
    await showBadge({
      attention: await history.attentionCount(),
      manyChanges: manyChanges?.seen === false,
      hindrance: await hindranceOf(await book.read(), secrets),
    });
  }

  async function followSettings(before: Settings): Promise<void> {
    const { portals } = await settings();
    broadcast({ changed: 'settings' });
    await registerOwnPortals(portals);
    // Panels on portals that are served no more hear of it too.
    const either = {
      off: before.portals.off.filter((id) => portals.off.includes(id)),
      own: [...new Set([...before.portals.own, ...portals.own])],
    };
    await pushToPanels({ push: 'portals' }, either, null, log);
    await pushToPanels({ push: 'connection' }, portals, null, log);
    await detectInOpenTabs(portals, log);
    await refreshBadge();
    await forgetDocks(portals);
  }

  async function settle(): Promise<void> {
    // What is read is in the form of now already; what cannot be written stays as it is.
    await book
      .migrate()
      .catch((cause: unknown) => log.error('The settings keep the form of an earlier version', cause));
    const { portals } = await settings();
    await registerOwnPortals(portals);
    await detectInOpenTabs(portals, log);
    // This sets damaged rows aside, so that the badge counts no change that the popup cannot show.
    await history.attention({ viewer: nobody, now: clock.now() });
    await refreshBadge();
    await forgetDocks(portals);
  }

  /** Forgets how panels were left on portals that are gone. */
  async function forgetDocks(portals: PortalSettings): Promise<void> {
    await keepDocksOf(knownHosts(portals)).catch((cause: unknown) =>
      log.error('How panels were docked on portals that are gone could not be forgotten', cause),
    );
  }

  /** What is open goes first, as long as it needs no more than a moment. */
  async function updateHistory(): Promise<void> {
    const waited = new AbortController();
    const moment = new Promise<void>((resolve) => clock.callAt(clock.now() + FIRST_FOR_MS, resolve, waited.signal));
    await Promise.race([engine.run(), moment]);
    waited.abort();
    await historyUpdate.run();
  }

  /** Lets the service tell the time, by any answer; false when it can't be reached. */
  async function askTheTime(): Promise<boolean> {
    try {
      await (await current())?.backend.test(AbortSignal.timeout(ASK_FOR_MS))[Symbol.asyncIterator]().next();
    } catch (cause) {
      log.info('The service has not told the time; nothing is removed by its age', { why: String(cause) });
    }
    return skew.trustedNow() !== null;
  }

  async function prune(): Promise<void> {
    const { retention } = await settings();
    const pass = async () => {
      const { removed, timeUnknown } = await history.prune(retention, { now: clock.now(), trusted: skew.trustedNow() });
      if (removed > 0) broadcast({ changed: 'history' });
      return timeUnknown;
    };
    if ((await pass()) && (await askTheTime())) await pass();
  }

  return {
    handlers,
    engine,
    checks,
    confirmWindows,
    settle,
    updateHistory,
    prune,
    followSettings,
    refreshBadge,
    settings,
  };
}
