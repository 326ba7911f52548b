import { failureOf } from '../backends/backend';
import type { Skew } from '../backends/skew';
import type { Credential, Person } from '../domain/person';
import { named } from '../domain/schemas';
import { type Connection, isSameSignIn, type Settings, signInOf } from '../domain/settings';
import { isClockOff } from '../domain/skew';
import type { SubscriptionId } from '../domain/subscription';
import type { TestStep } from '../domain/connection-test';
import type { ConnectionForm, PanelWords, SubscriptionView } from '../messaging/protocol';
import { type Handlers, NotAllowed, type VerifiedSender } from '../messaging/serve';
import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import { anchorsFor, recognise } from '../portals';
import { StorageFull } from '../storage/database';
import { readDock, writeDock } from '../storage/docks';
import type { History } from '../storage/history';
import { fingerprintOf, type Secrets } from '../storage/secrets';
import { notePlace } from '../storage/places';
import { idForAddress, managedParts, readSettings, writeSettings } from '../storage/settings';
import { noteSignIn } from '../storage/sign-in-notes';
import { takeSignInVisit } from '../storage/sign-in-visit';
import { forgetSupport } from '../storage/support';
import { createChangeCommands } from './change-commands';
import { checkPartner } from './check-partner';
import type { CheckRunner } from './check-runner';
import type { ConfirmWindows } from './confirm-window';
import { type BackendOf, type CurrentConnection, credentialOf } from './connections';
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
  readonly current: () => Promise<CurrentConnection | null>;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: (connection: Connection) => Promise<Person | null>;
  /** What panels say. */
  readonly words: () => PanelWords;
  readonly clock: Clock;
  readonly log: Log;
  /** The settings were written; `before` are those that were in force. */
  readonly onSettings: (before: Settings) => Promise<void>;
  readonly onHistory: () => Promise<void>;
  /** Somebody signed in or out, or tried to. */
  readonly onSignIn: () => Promise<void>;
}

const ASK_FOR_MS = 60_000;
const USED_PARTNERS = 8;
/** What a screen offers only where the backend can. */
const NOT_SUPPORTED = { ok: false, failure: { reason: 'refused', code: 'NotSupported' } } as const;

/** What the worker does for each message. */
export function createHandlers(parts: HandlerParts): Handlers {
  const { engine, checks, subscriptions, history, secrets, signIn, skew, support, limits, confirmWindows, clock, log } =
    parts;

  return {
    async 'page.seen'(_input, sender) {
      if (sender.kind === 'portal' && (await shownIn(sender)) !== null) await injectPanel(sender.tabId, log);
      return null;
    },

    async 'panel.start'(_input, sender) {
      if (sender.kind === 'page') throw new NotAllowed('No panel stands on a page of the extension');
      const { address } = sender;
      const { portals } = await readSettings();
      const page = recognise(address, portals);
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

    async 'subscription.read'({ subscriptionId, anew }, sender) {
      await requireShown(subscriptionId, sender);
      // Before anything is read: a page that leads the panel about has the person's token used, too.
      if (!(await limits.mayShow(sender, subscriptionId, false))) return withheld(subscriptionId);
      const view = await (anew ? subscriptions.readAnew(subscriptionId) : subscriptions.view(subscriptionId));
      return sender.kind === 'page' ? view : asPanelSees(view);
    },

    async 'subscription.show'({ subscriptionId }, sender) {
      await requireShown(subscriptionId, sender);
      if (!(await limits.mayShow(sender, subscriptionId, true))) return withheld(subscriptionId);
      return asPanelSees(await subscriptions.view(subscriptionId));
    },

    async 'subscription.changes'({ subscriptionId }, sender) {
      await requireShown(subscriptionId, sender);
      // A panel that shows no record of it has no log of it to offer.
      if (!(await limits.mayShow(sender, subscriptionId, false))) throw new NotAllowed('Not shown on this page yet');
      const current = await parts.current();
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
      const current = await parts.current();
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
      const current = await parts.current();
      if (current === null) return { kind: 'failed', failure: { reason: 'notConfigured' } };
      const { outcome } = await checkPartner(current.backend, partnerId, new AbortController().signal);
      const id = crypto.randomUUID();
      try {
        await history.addCheck({ id, connectionId: current.connection.id, partnerId, checkedAt: clock.now(), outcome });
      } catch (cause) {
        // With no room for its row, what the check told is told all the same.
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

    async 'partners.used'() {
      const current = await parts.current();
      return current === null
        ? { assigned: [], checked: [] }
        : history.partnersUsed(current.connection.id, USED_PARTNERS);
    },

    async 'confirm.open'({ typed }, sender) {
      const subscriptionId = await shownIn(sender);
      if (subscriptionId === null) throw new NotAllowed('No subscription on this page');
      if (!(await limits.mayOpenWindow(sender))) return 'tooMany';
      return confirmWindows.show(subscriptionId, typed);
    },

    'confirm.openFor': ({ subscriptionId }) => confirmWindows.show(subscriptionId, ''),

    async 'confirm.underWay'({ id, underWay }) {
      await confirmWindows.tell(id, underWay);
      return null;
    },

    ...createChangeCommands({ ...parts, requireShown, mustConfirm }),

    async 'person.present'() {
      const current = await parts.current();
      return current === null ? null : parts.person(current.connection);
    },

    async 'support.read'() {
      const { connection } = await readSettings();
      return connection === null ? null : support.of(connection.id);
    },

    async 'options.open'(_input, sender) {
      // Each takes the focus from whatever the person is at.
      if (!(await limits.mayOpenWindow(sender))) return 'tooMany';
      await browser.runtime.openOptionsPage();
      return 'opened';
    },

    async 'signIn.start'({ another }, sender) {
      if (!(await limits.mayOpenWindow(sender))) return 'tooMany';
      const { connection } = await readSettings();
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

    async 'signIn.end'() {
      const { connection } = await readSettings();
      const revoked = connection?.signIn !== 'openIdConnect' || (await signIn.end(connection));
      await parts.onSignIn();
      return { revoked };
    },

    'scopes.named': ({ serviceUrl }) => signIn.named(serviceUrl),

    async 'scopes.agree'({ scopes }) {
      const before = await readSettings();
      const { connection } = before;
      if (connection?.signIn !== 'openIdConnect') return null;
      // What policy set is not the person's to write; what policy left open is theirs to decide.
      if ((await managedParts()).has('connection')) await noteSignIn(connection, { scopes });
      else await writeSettings({ connection: { ...connection, scopes } });
      await parts.onSettings(before);
      return null;
    },

    async 'connection.test'(form) {
      const { connection } = await readSettings();
      return testConnection(await connectionFrom(form, connection), form);
    },

    async 'connection.save'(form) {
      const before = await readSettings();
      const connection = await connectionFrom(form, before.connection);
      if (before.connection?.id !== connection.id) {
        // Those of the connection that is left, and those that wait for one that was lost.
        const left = (await history.openChanges()).filter((change) => change.target.connectionId !== connection.id);
        if (left.length > 0 && !form.abandonOpenChanges) {
          return { ok: false, problem: 'openChanges', count: left.length };
        }
        for (const connectionId of new Set(left.map((change) => change.target.connectionId))) {
          await engine.tellOpen(connectionId, { type: 'abandoned', at: clock.now() });
        }
      }
      const stays = before.connection?.id === connection.id && isSameSignIn(before.connection, connection);
      if (before.connection !== null && !stays) await leave(before.connection);
      await keepToken(connection, form);
      await writeSettings({ connection, notify: form.notify });
      await tellSignedIn(connection);
      await parts.onSettings(before);
      return { ok: true };
    },

    async 'portals.save'({ portals }) {
      const before = await readSettings();
      await writeSettings({ portals });
      await parts.onSettings(before);
      return null;
    },

    async 'confirm.save'({ confirm }) {
      const before = await readSettings();
      await writeSettings({ confirm });
      await parts.onSettings(before);
      return null;
    },

    async 'retention.preview'({ retention }) {
      return { removes: await history.countBeyond(retention, clock.now()) };
    },

    async 'retention.save'({ retention, mayRemove }) {
      const now = clock.now();
      const removes = await history.countBeyond(retention, now);
      if (removes > mayRemove) return { ok: false, problem: 'wouldRemove', removes };
      const before = await readSettings();
      await writeSettings({ retention });
      const removed = await history.prune(retention, now);
      await parts.onSettings(before);
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

  /** Whether a change from a panel is to be made in the extension's own window. */
  async function mustConfirm(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<boolean> {
    if (sender.kind === 'page') return false;
    return (await readSettings()).confirm === 'always' || !(await limits.mayChange(sender, subscriptionId));
  }

  async function tellSignedIn(connection: Connection): Promise<void> {
    const person = await parts.person(connection);
    await engine.tellOpen(connection.id, { type: 'signedIn', at: clock.now(), person });
  }

  /** Goes through the test's steps until one fails. The token that was typed stays for Save to take. */
  async function testConnection(connection: Connection, form: ConnectionForm): Promise<TestStep[]> {
    const typed = form.token === 'typed' ? await secrets.readHandedOver() : null;
    const credential =
      typed === null ? credentialOf(connection, parts) : () => ofNobodyYet(connection.serviceUrl, typed);
    const backend = parts.backendOf(connection, credential);
    if (backend === null) return [{ step: 'reachable', ok: false, failure: { reason: 'kindUnknown' } }];
    const steps: TestStep[] = [];
    for await (const step of backend.test(AbortSignal.timeout(ASK_FOR_MS))) {
      steps.push(step.step === 'reachable' && step.ok ? { ...step, ...clockOff(connection) } : step);
    }
    return steps;
  }

  /** By how much this computer's clock is ahead of the service's, where it has to be set. */
  function clockOff({ serviceUrl }: Connection): { readonly aheadMs?: number } {
    const aheadMs = skew.aheadOf(serviceUrl);
    return aheadMs !== null && isClockOff(aheadMs) ? { aheadMs } : {};
  }

  /** Nothing that opened this connection is kept, nor whom to ask there; the provider is told in its own time. */
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
}

/** A typed token, whose owner the test is about to ask for. */
async function ofNobodyYet(serviceUrl: string, token: string): Promise<Credential> {
  return { token, person: { kind: 'token', issuer: serviceUrl, fingerprint: await fingerprintOf(token) } };
}

/** Another address is another connection: neither a change nor a token can reach a backend that it was not meant for. */
async function connectionFrom(form: ConnectionForm, present: Connection | null): Promise<Connection> {
  const { name, serviceUrl } = form;
  const id = present?.serviceUrl === serviceUrl ? present.id : await idForAddress(serviceUrl);
  return named({ id, name, kind: 'service' as const, serviceUrl, ...signInOf(form) });
}

/** The subscription that the sender's tab shows; null for an extension's page, and where no subscription is shown. */
async function shownIn(sender: VerifiedSender): Promise<SubscriptionId | null> {
  if (sender.kind === 'page') return null;
  const { portals } = await readSettings();
  return recognise(sender.address, portals)?.subscriptionId ?? null;
}

/** A panel may ask only about the subscription that its tab shows. */
async function requireShown(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<void> {
  if (sender.kind === 'page') return;
  if ((await shownIn(sender)) !== subscriptionId) throw new NotAllowed('Not the subscription on this page');
}

/** Says nothing of the subscription but that its view waits for a press. */
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
