import { failureOf } from '../backends/backend';
import type { Skew } from '../backends/skew';
import type { Credential, Person } from '../domain/person';
import { named } from '../domain/schemas';
import { type Connection, connectionFor, isSameSignIn, signInOf } from '../domain/connection';
import {
  type ConnectionList,
  defaultConnectionOf,
  type Settings,
  withConnection,
  withoutConnection,
} from '../domain/settings';
import { isClockOff } from '../domain/skew';
import type { SubscriptionId } from '../domain/subscription';
import type { TestStep } from '../domain/connection-test';
import type { KindFacts } from '../domain/kind-facts';
import type { ConnectionForm, PanelWords, SaveAnswer, SubscriptionView } from '../messaging/protocol';
import type { OwnSettings } from '../storage/settings-shapes';
import { type Handlers, NotAllowed, type VerifiedSender } from '../messaging/serve';
import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import { anchorsFor, recognise, type SubscriptionPage } from '../portals';
import { readConfirmWindow } from '../storage/confirm-window';
import { StorageFull } from '../storage/database';
import { readDock, writeDock } from '../storage/docks';
import type { ClockReading, History } from '../storage/history';
import { fingerprintOf, type Secrets } from '../storage/secrets';
import { notePlace } from '../storage/places';
import { idFor } from '../storage/portable-connection';
import type { SettingsBook } from '../storage/settings-book';
import { noteSignIn } from '../storage/sign-in-notes';
import { takeSignInVisit } from '../storage/sign-in-visit';
import { forgetSupport } from '../storage/support';
import { createChangeCommands } from './change-commands';
import { checkPartner } from './check-partner';
import type { CheckRunner } from './check-runner';
import type { ConfirmWindows } from './confirm-window';
import { type BackendOf, type Connections, type CurrentConnection, credentialOf } from './connections';
import type { Engine } from './engine';
import { asPanelSees } from './panel-view';
import type { PortalLimits } from './portal-limits';
import { injectPanel } from './portal-tabs';
import type { SignIn } from './sign-in';
import { visitOptions } from './sign-in-visit';
import type { Subscriptions } from './subscriptions';
import type { Support } from './support';

export interface HandlerParts {
  readonly engine: Engine;
  readonly checks: CheckRunner;
  readonly subscriptions: Subscriptions;
  readonly history: History;
  readonly secrets: Secrets;
  readonly signIn: SignIn;
  readonly limits: PortalLimits;
  readonly confirmWindows: ConfirmWindows;
  readonly skew: Skew;
  readonly support: Support;
  readonly backendOf: BackendOf;
  readonly connections: Connections;
  readonly kinds: readonly KindFacts[];
  readonly book: SettingsBook;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: (connection: Connection) => Promise<Person | null>;
  /** What panels say. */
  readonly words: () => PanelWords;
  readonly clock: Clock;
  /** What time it is by the service's clock; null while it has not told. */
  readonly trustedNow: () => number | null;
  readonly log: Log;
  /** The settings were written; `before` are those that were in force. */
  readonly onSettings: (before: Settings) => Promise<void>;
  readonly onHistory: () => Promise<void>;
  /** Somebody signed in or out, or tried to. */
  readonly onSignIn: () => Promise<void>;
}

const ASK_FOR_MS = 60_000;
const USED_PARTNERS = 8;
/** The answer where the backend cannot do what a screen would offer. */
const NOT_SUPPORTED = { ok: false, failure: { reason: 'refused', code: 'NotSupported' } } as const;

/** What the worker does for each message. */
export function createHandlers(parts: HandlerParts): Handlers {
  const { engine, checks, subscriptions, history, secrets, signIn, skew, support, limits, confirmWindows, clock, log } =
    parts;
  const settings = async () => (await parts.book.read()).settings;

  return {
    async 'page.seen'(_input, sender) {
      if (sender.kind === 'portal' && (await shownIn(sender)) !== null) await injectPanel(sender.tabId, log);
      return null;
    },

    async 'panel.start'(_input, sender) {
      if (sender.kind === 'page') throw new NotAllowed('No panel stands on a page of the extension');
      const { address } = sender;
      const page = recognise(address, (await settings()).portals);
      const words = parts.words();
      if (page === null) return { address, page, words };
      if (page.portal !== 'own') {
        notePlace(page.subscriptionId, { cloud: page.cloud, tenant: page.tenant }).catch((cause: unknown) =>
          log.error('Where a subscription was met could not be noted', cause),
        );
      }
      const dock = await readDock(new URL(address).host);
      return { address, page: { subscriptionId: page.subscriptionId, anchors: anchorsFor(page.portal), dock }, words };
    },

    async 'panel.dock'({ dock }, sender) {
      if (sender.kind === 'page' || (await shownIn(sender)) === null) throw new NotAllowed('No panel on this page');
      await writeDock(new URL(sender.address).host, dock);
      return null;
    },

    async 'subscription.read'({ subscriptionId, connectionId, anew }, sender) {
      await requireShown(subscriptionId, sender);
      // Counted before anything is read: a page that leads the panel about would have the person's token used.
      if (!(await limits.mayShow(sender, subscriptionId, false))) return withheld(subscriptionId);
      if (anew) await subscriptions.readAnew(await currentFor(sender, connectionId), subscriptionId);
      // After the read it may be another connection.
      const view = await subscriptions.view(await currentFor(sender, connectionId), subscriptionId);
      return sender.kind === 'page' ? view : asPanelSees(view, (await settings()).confirm);
    },

    async 'subscription.show'({ subscriptionId }, sender) {
      await requireShown(subscriptionId, sender);
      if (!(await limits.mayShow(sender, subscriptionId, true))) return withheld(subscriptionId);
      const view = await subscriptions.view(await currentFor(sender), subscriptionId);
      return asPanelSees(view, (await settings()).confirm);
    },

    async 'subscription.changes'({ subscriptionId }, sender) {
      await requireShown(subscriptionId, sender);
      // A panel that may not show the record may not show its log.
      if (!(await limits.mayShow(sender, subscriptionId, false))) throw new NotAllowed('Not shown on this page yet');
      const current = await currentFor(sender);
      if (current === null) return { ok: false, failure: { reason: 'notConfigured' } };
      const { backend } = current;
      if (backend.changes === undefined) return NOT_SUPPORTED;
      const target = { kind: 'subscription', connectionId: current.connection.id, id: subscriptionId } as const;
      try {
        const log = await backend.changes(target, AbortSignal.timeout(ASK_FOR_MS));
        return { ok: true, ...log, readAt: clock.now() };
      } catch (cause) {
        return { ok: false, failure: failureOf(cause) };
      }
    },

    async 'subscriptions.list'({ next, filter }) {
      const current = await parts.connections.for(null);
      if (current === null) return { ok: false, failure: { reason: 'notConfigured' } };
      if (current.backend.list === undefined) return NOT_SUPPORTED;
      try {
        const page = await current.backend.list(next, filter, AbortSignal.timeout(ASK_FOR_MS));
        return { ok: true, ...page, readAt: clock.now() };
      } catch (cause) {
        return { ok: false, failure: failureOf(cause) };
      }
    },

    async 'partner.check'({ partnerId }, sender) {
      if (!(await limits.mayCheck(sender))) return { kind: 'confirmInExtension' };
      const current = await currentFor(sender);
      if (current === null) return { kind: 'failed', failure: { reason: 'notConfigured' } };
      const { outcome } = await checkPartner(current.backend, partnerId, new AbortController().signal);
      const id = crypto.randomUUID();
      try {
        await history.addCheck({ id, connectionId: current.connection.id, partnerId, checkedAt: clock.now(), outcome });
      } catch (cause) {
        // There is no room for its row, but the person still learns what the check found.
        if (!(cause instanceof StorageFull)) throw cause;
        log.error('A check found no room in the history', cause);
      }
      await parts.onHistory();
      return outcome;
    },

    'checks.start': ({ id, typed }) => checks.start(id, typed),

    async 'checks.stop'() {
      await checks.stop();
      return null;
    },

    async 'checks.resume'() {
      await checks.resume();
      return null;
    },

    async 'checks.clear'() {
      await checks.clear();
      return null;
    },

    async 'partners.used'(_input, sender) {
      const current = await currentFor(sender);
      return current === null
        ? { assigned: [], checked: [] }
        : history.partnersUsed(current.connection.id, USED_PARTNERS);
    },

    async 'confirm.open'({ typed }, sender) {
      const subscriptionId = await shownIn(sender);
      if (subscriptionId === null) throw new NotAllowed('No subscription on this page');
      if (!(await limits.mayOpenWindow(sender))) return 'tooMany';
      const current = await connectionMeant(undefined, sender);
      return confirmWindows.show({ subscriptionId, ...(await unlessDefault(current?.id)) }, typed);
    },

    'confirm.openFor': async ({ subscriptionId, connectionId }) =>
      confirmWindows.show({ subscriptionId, ...(await unlessDefault(connectionId)) }, ''),

    async 'confirm.underWay'({ id, underWay }) {
      await confirmWindows.tell(id, underWay);
      return null;
    },

    ...createChangeCommands({ ...parts, settings, current: currentFor, requireShown, mustConfirm }),

    async 'person.present'(_input, sender) {
      const current = await currentFor(sender);
      return current === null ? null : parts.person(current.connection);
    },

    async 'support.read'() {
      const connection = defaultConnectionOf(await settings());
      return connection === null ? null : support.of(connection.id);
    },

    async 'options.open'(_input, sender) {
      // Each of these takes the focus away from the person's work.
      if (!(await limits.mayOpenWindow(sender))) return 'tooMany';
      await browser.runtime.openOptionsPage();
      return 'opened';
    },

    async 'signIn.start'({ another, connectionId }, sender) {
      if (!(await limits.mayOpenWindow(sender))) return 'tooMany';
      const connection = await connectionMeant(connectionId, sender);
      if (connection?.signIn !== 'openIdConnect') {
        const isHeld = connection !== null && (await secrets.readToken(connection.id)) !== null;
        await visitOptions(isHeld ? 'refused' : 'notSignedIn', sender, clock.now());
        return 'optionsOpened';
      }
      if (!(await signIn.mayStart(connection))) {
        await visitOptions('notAllowed', sender, clock.now());
        return 'optionsOpened';
      }
      const outcome = await signIn.start(connection, another);
      if (outcome === 'signedIn') await tellSignedIn(connection);
      await parts.onSignIn();
      return outcome;
    },

    'signIn.visit': () => takeSignInVisit(clock.now()),

    async 'signIn.end'({ connectionId }, sender) {
      const connection = await connectionMeant(connectionId, sender);
      const revoked = connection?.signIn !== 'openIdConnect' || (await signIn.end(connection));
      await parts.onSignIn();
      return { revoked };
    },

    'scopes.named': ({ address }) => signIn.named(address),

    async 'scopes.agree'({ scopes, connectionId }, sender) {
      const { settings: before, managed } = await parts.book.read();
      const connection = await connectionMeant(connectionId, sender);
      if (connection?.signIn !== 'openIdConnect') return null;
      // What policy set is not the person's to write; what policy left open is theirs to decide.
      if (managed.has('connections')) await noteSignIn(connection, { scopes });
      else await parts.book.write((own) => withConnection(listOf(own), { ...connection, scopes }, connection.id));
      await parts.onSettings(before);
      return null;
    },

    'connections.kinds': async () => parts.kinds,

    async 'connection.test'(form) {
      const { connections } = await settings();
      return testConnection(await connectionFrom(form, connections), form);
    },

    async 'connection.save'(form) {
      const before = await settings();
      const connection = await connectionFrom(form, before.connections);
      return saveConnections(before, withConnection(before, connection, form.edited), [[connection, form]], form);
    },

    async 'connection.remove'({ connectionId, abandonOpenChanges }) {
      const before = await settings();
      return saveConnections(before, withoutConnection(before, connectionId), [], { abandonOpenChanges });
    },

    async 'connection.makeDefault'({ connectionId }) {
      const before = await settings();
      await parts.book.write(() => ({ defaultConnection: connectionId }));
      await parts.onSettings(before);
      return null;
    },

    async 'connections.import'({ forms, defaultAddress, abandonOpenChanges }) {
      const before = await settings();
      const saved = await Promise.all(
        forms.map(async (form) => [await connectionFrom(form, before.connections), form] as const),
      );
      const connections = saved.map(([connection]) => connection);
      const chosen = connections.find(({ address }) => address === defaultAddress) ?? connections[0];
      const after = { connections, defaultConnection: chosen?.id ?? null };
      return saveConnections(before, after, saved, { abandonOpenChanges });
    },

    'notify.save': ({ notify }) => choose({ notify }),

    'portals.save': ({ portals }) => choose({ portals }),

    'confirm.save': ({ confirm }) => choose({ confirm }),

    async 'settings.discardDamaged'() {
      const before = await settings();
      await parts.book.discardDamaged();
      await parts.onSettings(before);
      return null;
    },

    async 'retention.preview'({ retention }) {
      return { removes: await history.countBeyond(retention, time()) };
    },

    async 'retention.save'({ retention, mayRemove }) {
      const now = time();
      const removes = await history.countBeyond(retention, now);
      if (removes > mayRemove) return { ok: false, problem: 'wouldRemove', removes };
      await choose({ retention });
      const { removed } = await history.prune(retention, now);
      await parts.onHistory();
      return { ok: true, removed };
    },

    async 'manyChanges.seen'() {
      await limits.manyChangesSeen();
      return null;
    },

    async 'history.clear'() {
      const removed = await history.clear();
      await parts.onHistory();
      return { removed };
    },
  };

  function time(): ClockReading {
    return { now: clock.now(), trusted: parts.trustedNow() };
  }

  /** Whether a change from a panel is to be made in the extension's own window. */
  async function mustConfirm(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<boolean> {
    if (sender.kind === 'page') return false;
    return (await settings()).confirm === 'always' || !(await limits.mayChange(sender, subscriptionId));
  }

  /** Keeps those parts as the person's choice; nothing else goes along. */
  async function choose(chosen: OwnSettings): Promise<null> {
    const before = await settings();
    await parts.book.write(() => chosen);
    await parts.onSettings(before);
    return null;
  }

  /**
   * Puts another list of connections in the place of the present one. Nothing is altered while changes of those that go have not
   * ended, unless they are given up.
   * @param saved those that were saved, as they are now and as they came
   */
  async function saveConnections(
    before: Settings,
    after: ConnectionList,
    saved: readonly (readonly [Connection, ConnectionForm])[],
    { abandonOpenChanges }: { readonly abandonOpenChanges: boolean },
  ): Promise<SaveAnswer> {
    // Before anything is given up for a list that cannot be written.
    await parts.book.requireWritable();
    const { managed } = await parts.book.read();
    const stay = new Set(after.connections.map(({ id }) => id));
    if (before.connections.length === 0 || before.connections.some(({ id }) => !stay.has(id))) {
      // Those of a connection that is left, and those that wait for one that was lost.
      const left = (await history.openChanges()).filter(({ target }) => !stay.has(target.connectionId));
      if (left.length > 0 && !abandonOpenChanges) return { ok: false, problem: 'openChanges', count: left.length };
      for (const connectionId of new Set(left.map(({ target }) => target.connectionId)))
        await engine.tellOpen(connectionId, { type: 'abandoned', at: clock.now() });
    }
    for (const present of before.connections) {
      const same = after.connections.find(({ id }) => id === present.id);
      if (same === undefined || !isSameSignIn(present, same)) await leave(present);
    }
    for (const [connection, form] of saved) await keepToken(connection, form);
    // What policy set is not the person's: their own list waits beneath it.
    if (!managed.has('connections')) await parts.book.write(() => after);
    for (const [connection] of saved) await tellSignedIn(connection);
    await parts.onSettings(before);
    return { ok: true };
  }

  async function tellSignedIn(connection: Connection): Promise<void> {
    const person = await parts.person(connection);
    await engine.tellOpen(connection.id, { type: 'signedIn', at: clock.now(), person });
  }

  /** Goes through the test's steps until one fails. The token that was typed stays for Save to take. */
  async function testConnection(connection: Connection, form: ConnectionForm): Promise<TestStep[]> {
    const typed = form.token === 'typed' ? await secrets.readHandedOver() : null;
    const credential = typed === null ? credentialOf(connection, parts) : () => ofNobodyYet(connection.address, typed);
    const backend = parts.backendOf(connection, credential);
    if (backend === null) return [{ step: 'reachable', ok: false, failure: { reason: 'kindUnknown' } }];
    const steps: TestStep[] = [];
    for await (const step of backend.test(AbortSignal.timeout(ASK_FOR_MS))) {
      steps.push(step.step === 'reachable' && step.ok ? { ...step, ...clockOff(connection) } : step);
    }
    return steps;
  }

  /** By how much this computer's clock is ahead of the service's, where it has to be set. */
  function clockOff({ address }: Connection): { readonly aheadMs?: number } {
    const aheadMs = skew.aheadOf(address);
    return aheadMs !== null && isClockOff(aheadMs) ? { aheadMs } : {};
  }

  /** Forgets the connection's tokens and whom to ask there. The provider is told too, and nobody waits for that. */
  async function leave(connection: Connection): Promise<void> {
    await secrets.forgetToken(connection.id);
    await forgetSupport(connection.id);
    if (connection.signIn !== 'openIdConnect') return;
    signIn.end(connection).catch((cause: unknown) => log.error('The tokens of a former connection stayed', cause));
  }

  async function keepToken(connection: Connection, form: ConnectionForm): Promise<void> {
    switch (connection.signIn) {
      case 'none':
        return secrets.forgetToken(connection.id);
      case 'accessToken': {
        const token = form.token === 'typed' ? await secrets.takeHandedOver() : await secrets.readToken(connection.id);
        if (token !== null) await secrets.saveToken(connection.id, token, form.remember);
        return;
      }
      case 'openIdConnect': {
        // Whether to stay signed in may have been chosen anew.
        const tokens = await secrets.readTokens(connection);
        if (tokens !== null) await secrets.saveTokens(connection, tokens);
      }
    }
  }

  /** The subscription's page that the sender's tab shows; null for an extension's page, and where none is shown. */
  async function pageShownIn(sender: VerifiedSender): Promise<SubscriptionPage | null> {
    if (sender.kind === 'page') return null;
    return recognise(sender.address, (await settings()).portals);
  }

  async function shownIn(sender: VerifiedSender): Promise<SubscriptionId | null> {
    return (await pageShownIn(sender))?.subscriptionId ?? null;
  }

  /** {@link connectionMeant} with its backend; null when there is none, or none that this version can use. */
  async function currentFor(sender: VerifiedSender, id?: string): Promise<CurrentConnection | null> {
    const connection = await connectionMeant(id, sender);
    return connection && parts.connections.byId(connection.id);
  }

  /** What names a connection where the default needs no name. */
  async function unlessDefault(connectionId: string | undefined): Promise<{ readonly connectionId?: string }> {
    const isDefault = defaultConnectionOf(await settings())?.id === connectionId;
    return connectionId === undefined || isDefault ? {} : { connectionId };
  }

  /**
   * The connection that a message is about: the one that a page of ours names, or that the window to confirm in is about, else the
   * one that serves the sender's page, which for a page of ours is the default.
   */
  async function connectionMeant(id: string | undefined, sender: VerifiedSender): Promise<Connection | null> {
    const { connections, defaultConnection } = await settings();
    const wanted = sender.kind === 'page' ? (id ?? (await ofWindow(sender))) : undefined;
    const named = connections.find((connection) => connection.id === wanted);
    return named ?? connectionFor(await pageShownIn(sender), connections, defaultConnection);
  }

  async function ofWindow(sender: Extract<VerifiedSender, { kind: 'page' }>): Promise<string | undefined> {
    return sender.page === 'confirm' ? (await readConfirmWindow())?.subject.connectionId : undefined;
  }

  /** A panel may ask only about the subscription that its tab shows. */
  async function requireShown(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<void> {
    if (sender.kind === 'page') return;
    if ((await shownIn(sender)) !== subscriptionId) throw new NotAllowed('Not the subscription on this page');
  }
}

/** A typed token, whose owner the test is about to ask for. */
async function ofNobodyYet(address: string, token: string): Promise<Credential> {
  return { token, person: { kind: 'token', issuer: address, fingerprint: await fingerprintOf(token) } };
}

/** Another address is another connection: neither a change nor a token can reach a backend that it was not meant for. */
async function connectionFrom(form: ConnectionForm, present: readonly Connection[]): Promise<Connection> {
  const { name, kind, address, portals, tenants } = form;
  return named({ id: await idFor(form, present), name, kind, address, portals, tenants, ...signInOf(form) });
}

function listOf({ connections = [], defaultConnection = null }: OwnSettings): ConnectionList {
  return { connections, defaultConnection };
}

/** The view says only that it waits for a press. */
function withheld(subscriptionId: SubscriptionId): SubscriptionView {
  return {
    subscriptionId,
    source: null,
    state: null,
    readAt: null,
    order: 0,
    failure: null,
    can: null,
    standing: null,
    support: null,
    withheld: true,
  };
}
