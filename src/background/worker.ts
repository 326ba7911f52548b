import { createSkew } from '../backends/skew';
import type { Connection } from '../domain/connection';
import type { KindFacts } from '../domain/kind-facts';
import type { PortalSettings, Settings } from '../domain/settings';
import { ANYBODY, standingOf } from '../domain/standing';
import { createBroadcaster } from '../messaging/broadcasts';
import type { PanelWords } from '../messaging/protocol';
import type { Handlers } from '../messaging/serve';
import { browserCatalogue } from '../platform/catalogue';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import { knownHosts } from '../portals';
import { createDatabase } from '../storage/database';
import { keepDocksOf } from '../storage/docks';
import { createHistory } from '../storage/history';
import { createLaneStore } from '../storage/lanes';
import { keepSecrets } from '../storage/kept-secrets';
import { createKeptLists } from '../storage/kept-lists';
import { readLinkPlaces, writeLinkPlace } from '../storage/link-places';
import { createSecrets } from '../storage/secrets';
import { areConnectionsUnread } from '../storage/settings';
import { createSettingsBook } from '../storage/settings-book';
import { createSnapshots } from '../storage/snapshots';
import { createStars } from '../storage/stars';
import { createWatches } from '../storage/watches';
import { type Announcer, createAnnouncer } from './announce';
import { type Batches, createBatches } from './batches';
import { type CheckRunner, createCheckRunner } from './check-runner';
import { type ConfirmWindows, createConfirmWindows } from './confirm-window';
import { type BackendOf, type CreateBackend, createConnections, createPorts, credentialOf } from './connections';
import { createEngine, type Engine, type EngineParts } from './engine';
import { createEntraSignIn } from './entra-sign-in';
import { createHandlers } from './handlers';
import { createLinks } from './links';
import { createAzureReader } from './azure-reader';
import { createHistoryUpdate } from './history-update';
import { learnCaller } from './learn-caller';
import { createOwners, presentPerson } from './persons';
import { panelWordsOf } from './panel-words';
import { createPortalLimits } from './portal-limits';
import { detectInOpenTabs, registerOwnPortals } from './portal-tabs';
import { createOpenNotified } from './open-notified';
import { createPruning } from './pruning';
import { createSignIn } from './sign-in';
import { createSubscriptions } from './subscriptions';
import { createSupport } from './support';
import { createTenants } from './tenants';
import { CHANGES_ALARM, CHECKS_ALARM, createWakefulness, HISTORY_ALARM, WATCHING_ALARM } from './wakefulness';
import { createWatch, type Watch } from './watch';

/** The worker's parts, put together; it listens to nothing by itself. */
export interface Worker {
  readonly handlers: Handlers;
  readonly engine: Engine;
  readonly batches: Batches;
  readonly announcer: Announcer;
  readonly checks: CheckRunner;
  readonly confirmWindows: ConfirmWindows;
  readonly watch: Watch;
  /** Opens what a notification was about, by its ID. */
  openNotified(notificationId: string): Promise<void>;
  /** Sets this version to work on the portal pages that are open. */
  settle(): Promise<void>;
  /** Announces what an earlier worker wrote, and had no time to announce. */
  tellUntold(): Promise<void>;
  /** Brings the rows of an earlier version into the form of this one, while there are any; open changes go first. */
  updateHistory(): Promise<void>;
  /** Removes what the retention no longer keeps. */
  prune(): Promise<void>;
  /** Brings everything in line with the settings, which the person or policy has changed. */
  followSettings(before: Settings): Promise<void>;
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
  const secrets = keepSecrets(createSecrets(open));
  let panelWords: PanelWords | null = null;
  const snapshots = createSnapshots(open);
  const watches = createWatches(open);
  const stars = createStars(open);
  const skew = createSkew(clock, (input, init) => fetch(input, init));
  const signIn = createSignIn({ secrets, clock, log, skew });
  const entra = createEntraSignIn({ secrets, clock, log, skew });
  const support = createSupport({ clock, log });
  const owners = createOwners(secrets, async (connectionId, token, person, identity) => {
    // From now on the service is not asked for that again.
    const kept = identity && support.keep(connectionId, identity);
    await engine.noteOpen(connectionId, { type: 'ownerKnown', token, person });
    announcer.caller(null);
    await kept;
  });
  const limits = createPortalLimits({ clock, onManyChanges: () => announcer.badge() });
  const confirmWindows = createConfirmWindows(log);
  const portsOf = createPorts(owners, skew, clock);
  const backendOf: BackendOf = (connection, credential) => createBackend(connection, portsOf(connection, credential));
  const connections = createConnections(settings, { secrets, signIn, entra }, backendOf);
  const current = () => connections.for(null);
  const reader = createAzureReader({
    portsOf: (connection) => portsOf(connection, credentialOf(connection, { secrets, signIn, entra })),
    clock,
  });
  const person = (connection: Connection) => presentPerson(connection, secrets);

  const subscriptions = createSubscriptions({
    history,
    snapshots,
    connections,
    person,
    clock,
    log,
    support: support.of,
    holdOf: (target, backend) => engine.holdOfTarget(target, backend),
    linkName: (target) => links.nameOf(target),
    connectionsUnread: async () => areConnectionsUnread(await book.read()),
    onAccepted: (current, shown) => {
      // Of whom an account is, its sign-in has told.
      if (current.connection.signIn === 'entra') return;
      learnCaller(current, { support, person }).then(
        (isNew) => {
          if (isNew) announcer.caller(shown);
        },
        (cause: unknown) => log.info('The service has not said who is signed in', { why: String(cause) }),
      );
    },
    onView: (target, failure) => announcer.view(target, failure),
    onForeign: () => announcer.foreign(),
  });

  const links = createLinks({
    settings,
    connections,
    subscriptions,
    entra,
    reader,
    places: { read: readLinkPlaces, write: writeLinkPlace },
    log,
  });

  const announcer = createAnnouncer({
    readSettings: book.read,
    connections,
    subscriptions,
    history,
    secrets,
    limits,
    holdOf: (connectionId) => engine.holdOf(connectionId),
    broadcast: createBroadcaster(),
    clock,
    log,
  });

  const tell: EngineParts['onChanged'] = (change) => announcer.change(standingOf(change, ANYBODY, clock.now()));

  const wakefulness = createWakefulness(CHANGES_ALARM, clock);
  const engine: Engine = createEngine({
    history,
    laneStore: createLaneStore(open),
    backendFor: async (connectionId) => {
      const found = await connections.byId(connectionId);
      return found && subscriptions.ordered(found.backend);
    },
    knownOwner: owners.known,
    clock,
    log,
    wakefulness,
    onState: subscriptions.keep,
    onReplayed: subscriptions.keepReplayed,
    onReplayNoted: subscriptions.refresh,
    onChanged: tell,
    onBatch: (batchId) => announcer.batch(batchId),
    onHold: (connectionId) => {
      announcer.hold(connectionId);
      goOnWatching(connectionId).catch((cause: unknown) =>
        log.error('The look for changes made elsewhere has not gone on; the next alarm goes on', cause),
      );
    },
  });

  const batches = createBatches({ history, engine, wakefulness, clock, onBatch: announcer.batch });

  const checks = createCheckRunner({
    history,
    current,
    wakefulness: createWakefulness(CHECKS_ALARM, clock),
    clock,
    log,
    onHistory: announcer.history,
  });

  const historyUpdate = createHistoryUpdate({
    history,
    wakefulness: createWakefulness(HISTORY_ALARM, clock),
    clock,
    log,
    onHistory: announcer.history,
  });

  const watch = createWatch({
    settings,
    connections,
    subscriptions,
    watches,
    history,
    person,
    accounts: entra.accounts,
    reader,
    starred: async (connectionId, person) => [...(await stars.read({ connectionId, person }))],
    holdOf: engine.holdOf,
    holdOfTarget: engine.holdOfTarget,
    wakefulness: createWakefulness(WATCHING_ALARM, clock),
    clock,
    log,
    onForeign: announcer.foreign,
    onHistory: announcer.history,
  });

  /** Once nothing holds up a connection. */
  async function goOnWatching(connectionId: string): Promise<void> {
    if ((await engine.holdOf(connectionId)) === null) await watch.run();
  }

  /** What the badge counts is less by now. */
  const onMet = () => {
    announcer.history();
    announcer.badge();
  };

  const openNotified = createOpenNotified({ history, connections, subscriptions, settings, onMet });

  const prune = createPruning({ history, settings, current, skew, clock, log, onRemoved: announcer.history });

  const handlers = createHandlers({
    engine,
    batches,
    checks,
    subscriptions,
    history,
    secrets,
    lists: createKeptLists(open),
    stars,
    signIn,
    entra,
    links,
    tenants: createTenants({ connections, subscriptions, entra, reader }),
    reader,
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
      await watch.signedIn();
    },
    onMet,
    onForeign: announcer.foreign,
    onHistory: announcer.history,
    onChecks: announcer.history,
    onStars: announcer.stars,
    onIgnored: announcer.link,
    onRemoved: () => {
      announcer.history();
      announcer.badge();
    },
    onSignIn: async () => {
      await checks.signedIn();
      await watch.signedIn();
      announcer.signIn();
    },
  });

  async function tellUntold(): Promise<void> {
    announcer.badge();
    for (const id of await history.untold()) {
      const change = await history.readChange(id);
      if (change !== null) {
        // It may have ended in this worker meanwhile.
        if (!announcer.isAnnounced(id)) tell(change);
      } else if ((await history.progressOf(id)) !== null) announcer.batch(id);
      // The person may have cleared the history.
      else await history.markTold([id]);
    }
    // A pass that goes on tells of all that it has found at its end.
    if ((await history.untoldForeign()).length > 0 && !(await watches.isAnyUnderWay())) announcer.foreign();
  }

  async function followSettings(before: Settings): Promise<void> {
    announcer.settings(before);
    await tryAgain(before);
    await watch.follow();
    await servePortals();
  }

  /** A connection that signs in or is reached in another way than before needs no sign-in that was waited for, for all that is known. */
  async function tryAgain(before: Settings): Promise<void> {
    const known = new Set(before.connections.map((connection) => JSON.stringify(connection)));
    const { connections } = await settings();
    for (const connection of connections.filter((one) => !known.has(JSON.stringify(one))))
      await engine.noteOpen(connection.id, { type: 'signedIn', at: clock.now(), person: await person(connection) });
  }

  async function settle(): Promise<void> {
    // What is read is in the form of now already; what cannot be written stays as it is.
    await book
      .migrate()
      .catch((cause: unknown) => log.error('The settings keep the form of an earlier version', cause));
    await servePortals();
    // This sets damaged rows aside, so that the badge counts no change that the popup cannot show.
    await history.attention({ viewers: [], now: clock.now() });
    announcer.badge();
  }

  async function servePortals(): Promise<void> {
    const { portals } = await settings();
    await registerOwnPortals(portals);
    await detectInOpenTabs(portals, log);
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

  return {
    handlers,
    engine,
    batches,
    announcer,
    checks,
    confirmWindows,
    watch,
    openNotified,
    settle,
    tellUntold,
    updateHistory,
    prune,
    followSettings,
    settings,
  };
}
