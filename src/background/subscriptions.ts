import { type Backend, failureOf, type ListPage } from '../backends/backend';
import type { LaneHold } from '../domain/batch';
import { type ChangeRequest, isBasis } from '../domain/change-request';
import type { Failure } from '../domain/failure';
import type { ForeignChange } from '../domain/history';
import { isSamePartner, type ListedSubscription, type PartnerState, partnerOf } from '../domain/partner-state';
import { mayShareView, type Person } from '../domain/person';
import type { Connection } from '../domain/connection';
import { type Standing, standingOf } from '../domain/standing';
import type { SubscriptionId } from '../domain/subscription';
import { type LinkTarget, subscriptionTarget, type Target, targetKey, targetNameOf } from '../domain/target';
import type { SubscriptionView, TargetView } from '../messaging/protocol';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import { StorageFull } from '../storage/database';
import type { History, Placed } from '../storage/history';
import type { ForeignSince, PlacedSnapshot, SeenState, Snapshot, Snapshots } from '../storage/snapshots';
import { ASK_FOR_MS, type Connections, type CurrentConnection } from './connections';

export interface SubscriptionsParts {
  readonly history: History;
  readonly snapshots: Snapshots;
  readonly connections: Pick<Connections, 'byId'>;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: (connection: Connection) => Promise<Person | null>;
  readonly clock: Clock;
  readonly log: Log;
  /** Whom to ask about that connection; null where that is not known. */
  readonly support: (connectionId: string) => Promise<string | null>;
  /** What holds up the changes of that target at its backend; null where nothing does. */
  readonly holdOf: (target: Target, backend: Backend) => Promise<LaneHold | null>;
  /** What people call a link. */
  readonly linkName: (target: LinkTarget) => Promise<string>;
  /** Whether nobody knows which connections are set up, since the settings cannot be read. */
  readonly connectionsUnread: () => Promise<boolean>;
  /** The backend accepts whoever is signed in: it answered a read of that target, if only with a refusal. */
  readonly onAccepted: (current: CurrentConnection, target: Target) => void;
  /** What is known of a target has changed. `failure`: why the newest read of it failed. */
  readonly onView: (target: Target, failure: Failure | null) => void;
  /** A change made elsewhere is in the history by now, of which nobody was told. */
  readonly onForeign: () => void;
}

/** How somebody looks at subscriptions that they do not show. */
export interface Look {
  /** Of these alone the states are kept; null: of all. */
  readonly only: ReadonlySet<SubscriptionId> | null;
  /** Changes found are written as met already: nobody is to be called for them. */
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

export interface ListingConnection extends CurrentConnection {
  readonly backend: Backend & Required<Pick<Backend, 'list'>>;
}

export function isListing(current: CurrentConnection): current is ListingConnection {
  return current.backend.list !== undefined;
}

export interface ListedPage extends ListPage {
  readonly found: Promise<readonly ForeignChange[]>;
}

/** What is known of subscriptions at a connection (null: none is set up), and reading them anew. */
export interface Subscriptions {
  view(current: CurrentConnection | null, id: SubscriptionId): Promise<SubscriptionView>;
  /** The same of a target of any kind. */
  viewOf(current: CurrentConnection, target: Target): Promise<TargetView>;
  /** The newest state known of each that this person may see; null where there is none. */
  known(current: CurrentConnection, targets: readonly Target[]): Promise<(PartnerState | null)[]>;
  /**
   * Asks the backend; a failure is part of the view that it answers. Two at once are one.
   * @throws {StorageError} when what it read could not be kept, and so cannot be shown
   */
  readAnew(current: CurrentConnection | null, id: SubscriptionId): Promise<SubscriptionView>;
  /** The same of a target of any kind. */
  readAnewOf(current: CurrentConnection, target: Target): Promise<TargetView>;
  /** Has the backend asked already for the next {@link Subscriptions.readAnew}, if it comes within some seconds. */
  readAhead(current: CurrentConnection | null, id: SubscriptionId): Promise<void>;
  /**
   * Reads a page of the list. `found` resolves once what it shows is kept, with the changes made elsewhere that it tells.
   * @param next as the page before named it; null for the first
   * @throws {BackendError} as the backend's list does
   */
  listPage(current: ListingConnection, next: string | null, look: Look): Promise<ListedPage>;
  /**
   * Reads one target, if it has changed since it was read last, and answers the change made elsewhere that this tells.
   * @throws {BackendError} as the backend's read does
   * @throws {StorageError} when what it read could not be kept
   */
  look(current: CurrentConnection, target: Target, look: Omit<Look, 'only'>): Promise<readonly ForeignChange[]>;
  /** The same backend. {@link Subscriptions.keep} knows its reads by their states, and orders them by when they were sent. */
  ordered(backend: Backend): Backend;
  /** Keeps a state that a backend showed while a change was carried. The answer to the change itself is the newest state. */
  keep(target: Target, state: PartnerState): Promise<void>;
  /**
   * The same of what may be the answer to an earlier attempt at that change. Until the target is read anew, what was read since the
   * change was asked for is shown rather than what it led to.
   */
  keepReplayed(change: ChangeRequest, state: PartnerState): Promise<void>;
  /** Reads a target anew and keeps what it shows. */
  refresh(target: Target): Promise<void>;
}

export function createSubscriptions(parts: SubscriptionsParts): Subscriptions {
  const { history, snapshots, clock, log } = parts;
  // By connection too: an answer that still comes from an address that was given up says nothing about the new one.
  // Why the newest read of each failed. The worker's end loses it, which is right: the next look reads again.
  const failures = new Map<string, Failure>();
  const reading = new Map<string, Reading>();
  // The read that was sent later is the newer one, whatever the clock says and whichever is answered first. An answer reaches only the
  // worker that asked, so the numbers end with the worker: a state that an earlier worker kept is older than any that this one reads.
  let sent = 0;
  const newestKept = new Map<string, number>();
  const numbers = new WeakMap<PartnerState, number>();
  // States for which the disk had no room.
  const unsaved = new Map<string, Snapshot>();
  // The states kept last, of which pages are told in a moment: of many changes none is read back.
  const keptLast = new Map<string, Snapshot>();
  // States that wait for their turn to be written.
  const gathered: Gathered[] = [];
  let isWriting = false;

  async function snapshotOf(target: Target): Promise<Snapshot | null> {
    return unsaved.get(targetKey(target)) ?? (await snapshots.read(target));
  }

  /** The same of each, at its place. */
  async function snapshotsOf(targets: readonly Target[]): Promise<(Snapshot | null)[]> {
    const here = targets.map((target) => unsaved.get(targetKey(target)) ?? keptLast.get(targetKey(target)) ?? null);
    const away = targets.filter((_, i) => here[i] === null);
    const kept = away.length === 0 ? [] : [...(await snapshots.readAll(away))];
    return here.map((one) => one ?? kept.shift() ?? null);
  }

  async function shownOf(target: Target): Promise<SeenState | null> {
    const kept = await snapshotOf(target);
    return kept?.since ?? kept;
  }

  /** Whether nothing newer was kept of a target than what has this number. */
  function isNewest(key: string, number: number): boolean {
    return number >= (newestKept.get(key) ?? 0);
  }

  /**
   * Keeps it unless something newer is kept. With no room on the disk it is kept while the worker lives. What comes during a write is
   * written together by the next one: of many changes at once none waits for a write of its own.
   */
  function write(target: Target, number: number, shown: Omit<Snapshot, 'order'>): Promise<void> {
    return new Promise((resolve, reject) => {
      gathered.push({ target, number, shown, resolve, reject });
      void writeGathered();
    });
  }

  async function writeGathered(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    // Whatever else comes in this turn goes with it.
    await Promise.resolve();
    while (gathered.length > 0) await writeTogether(gathered.splice(0));
    isWriting = false;
  }

  async function writeTogether(all: readonly Gathered[]): Promise<void> {
    try {
      await keepAll(all);
      for (const { resolve } of all) resolve();
    } catch (cause) {
      const [only] = all;
      // What cannot be kept of one is to hold up no other.
      if (all.length > 1) for (const one of all) await writeTogether([one]);
      else if (only !== undefined) {
        // Whoever waits hears why it could not be kept; that it could not be read either says no more.
        await keepUnsaved(only).catch(() => undefined);
        only.reject(cause);
      }
    }
  }

  async function keepAll(all: readonly Gathered[]): Promise<void> {
    const newest = new Map<string, PlacedSnapshot & { readonly number: number }>();
    for (const { target, number, shown } of all) {
      const key = targetKey(target);
      if (!isNewest(key, number)) continue;
      newestKept.set(key, number);
      newest.set(key, { target, number, snapshot: { ...shown, order: orderAfter(unsaved.get(key) ?? null) } });
    }
    if (newest.size === 0) return;
    const before = new Map(unsaved);
    await snapshots.writeAll([...newest.values()]);
    if (keptLast.size > MOST_KEPT_LAST) keptLast.clear();
    for (const [key, { snapshot, number }] of newest) {
      if (isNewest(key, number)) keptLast.set(key, snapshot);
      if (unsaved.get(key) === before.get(key)) unsaved.delete(key);
    }
  }

  /** The disk has no room for it. */
  async function keepUnsaved({ target, number, shown }: Gathered): Promise<void> {
    const key = targetKey(target);
    const order = orderAfter(await snapshotOf(target));
    if (isNewest(key, number)) unsaved.set(key, { ...shown, order });
  }

  /** The same of a read, in one with the row of a change made elsewhere that it tells: with no room neither is kept. */
  async function writeRead(
    target: Target,
    number: number,
    shown: Omit<Snapshot, 'order'>,
    quiet: boolean,
  ): Promise<readonly ForeignChange[]> {
    const before = await snapshotOf(target);
    const foreign = await foreignSince(target, before, shown, quiet);
    if (foreign !== null) return writeReads([{ target, number, shown, before, foreign }]);
    await write(target, number, shown);
    return [];
  }

  /** Keeps reads, unless something newer is kept, in one with the rows of the changes that they tell. */
  async function writeReads(reads: readonly Read[]): Promise<readonly ForeignChange[]> {
    const newest = reads.filter(({ target, number }) => isNewest(targetKey(target), number));
    const unkept = newest.map(({ target, number }) => {
      const key = targetKey(target);
      newestKept.set(key, number);
      keptLast.delete(key);
      return [key, unsaved.get(key)] as const;
    });
    const found = await snapshots.writeAfter(
      newest.map(({ target, shown, before, foreign }) => ({
        target,
        snapshot: shown,
        // Another read may have kept what is newer than `before` until it is this one's turn.
        foreign: (kept) => foreign(laterOf(before, kept)),
        least: orderAfter(before),
      })),
    );
    for (const [key, before] of unkept) if (unsaved.get(key) === before) unsaved.delete(key);
    return found;
  }

  /** Keeps what a list showed where that is news; the rest is left as it was kept. */
  async function keepListed(
    connectionId: string,
    number: number,
    listed: readonly ListedSubscription[],
    noted: Pick<Snapshot, 'readAt' | 'readAs'>,
    quiet: boolean,
  ): Promise<readonly ForeignChange[]> {
    const targets = listed.map(({ subscriptionId }) => subscriptionTarget(connectionId, subscriptionId));
    const kept = await snapshots.readAll(targets);
    const news = listed.flatMap(({ state }, at) => {
      const target = targets[at];
      if (target === undefined) return [];
      const before = unsaved.get(targetKey(target)) ?? kept[at] ?? null;
      return isNews(before, { state, ...noted }) ? [{ target, before, shown: { state, ...noted } }] : [];
    });
    const reads = await Promise.all(
      news.map(async ({ target, before, shown }) => {
        const foreign = await foreignSince(target, before, shown, quiet);
        return { target, number, before, shown, foreign: foreign ?? (() => null) };
      }),
    );
    const found = reads.length === 0 ? [] : await writeReads(reads);
    await tellViews(found.map(({ target }) => target));
    return found;
  }

  /** Has what is shown of a few of them drawn anew. Of many, everybody reads anew who hears that they are there. */
  async function tellViews(targets: readonly Target[]): Promise<void> {
    if (targets.length > VIEWS_TOLD) return;
    for (const target of targets) {
      if ((await parts.connections.byId(target.connectionId)) !== null)
        parts.onView(target, failures.get(targetKey(target)) ?? null);
    }
  }

  async function view(current: CurrentConnection | null, id: SubscriptionId): Promise<SubscriptionView> {
    if (current === null)
      return { ...nothingKnown(id), ...((await parts.connectionsUnread()) && { settingsUnread: true }) };
    return { subscriptionId: id, ...(await viewOf(current, subscriptionTarget(current.connection.id, id))) };
  }

  async function viewOf(current: CurrentConnection, target: Target): Promise<TargetView> {
    const [before, person, support] = await Promise.all([
      shownOf(target),
      parts.person(current.connection),
      parts.support(current.connection.id),
    ]);
    const newest = await history.newestChange(target);
    // It may have ended since the state was read. What it led to was kept before its end was, so the state is read once more.
    const kept = newest === null || newest.isOpen ? before : await shownOf(target);
    // A state that was shown to somebody else does not say what this person may see or change.
    const snapshot = kept !== null && mayShareView(kept.readAs, person) ? kept : null;
    const hold = newest?.isOpen === true ? await parts.holdOf(target, current.backend) : null;
    return {
      source: current.connection.name,
      state: snapshot?.state ?? null,
      readAt: snapshot?.readAt ?? null,
      order: snapshot?.order ?? 0,
      failure: failures.get(targetKey(target)) ?? null,
      can: current.backend.can,
      standing: newest && standingFor(newest, person, snapshot?.state ?? null, hold),
      changeOrder: newest?.number ?? 0,
      support,
    };
  }

  async function known(
    { connection }: CurrentConnection,
    targets: readonly Target[],
  ): Promise<(PartnerState | null)[]> {
    const person = await parts.person(connection);
    const shown = await snapshotsOf(targets);
    return shown.map((one) => {
      const seen = one?.since ?? one;
      return seen !== null && mayShareView(seen.readAs, person) ? seen.state : null;
    });
  }

  function standingFor(
    { change }: Placed,
    person: Person | null,
    state: PartnerState | null,
    hold: LaneHold | null,
  ): Standing {
    const { connectionId } = change.target;
    const viewer = { connectionId, person, mayChange: state?.rights.mayChange ?? null };
    return standingOf(change, viewer, clock.now(), hold);
  }

  async function readAnew(current: CurrentConnection | null, id: SubscriptionId): Promise<SubscriptionView> {
    if (current === null) return view(null, id);
    return { subscriptionId: id, ...(await readAnewOf(current, subscriptionTarget(current.connection.id, id))) };
  }

  async function readAnewOf(current: CurrentConnection, target: Target): Promise<TargetView> {
    const one = await readingOf(current, target);
    letGo(one);
    return one.seen;
  }

  async function readAhead(current: CurrentConnection | null, id: SubscriptionId): Promise<void> {
    if (current === null) return;
    const one = await readingOf(current, subscriptionTarget(current.connection.id, id));
    // Whoever takes it hears why it failed.
    one.seen.catch(() => undefined);
    clock.callAt(clock.now() + TAKEN_WITHIN_MS, () => letGo(one), new AbortController().signal);
  }

  /** The read of it that is under way, or was made ahead; else a new one. */
  async function readingOf(current: CurrentConnection, target: Target): Promise<Reading> {
    const person = await parts.person(current.connection);
    // A read for one person does not serve another.
    const key = JSON.stringify([targetKey(target), person]);
    const underWay = reading.get(key);
    // One that was sent before what is kept by now will be dropped.
    if (underWay !== undefined && isNewest(targetKey(target), underWay.number)) return underWay;
    sent += 1;
    const one = { key, number: sent, seen: read(current, person, target, sent) };
    reading.set(key, one);
    return one;
  }

  /** From its end on it serves nobody. */
  function letGo(one: Reading): void {
    const forget = () => {
      if (reading.get(one.key) === one) reading.delete(one.key);
    };
    one.seen.then(forget, forget);
  }

  async function read(
    current: CurrentConnection,
    readAs: Person | null,
    target: Target,
    number: number,
  ): Promise<TargetView> {
    const key = targetKey(target);
    try {
      const state = await current.backend.read(target, AbortSignal.timeout(ASK_FOR_MS));
      failures.delete(key);
      parts.onAccepted(current, target);
      // Somebody else may have signed in meanwhile: then nobody knows to whom it was shown.
      const isSamePerson = mayShareView(readAs, await parts.person(current.connection));
      if (isNewest(key, number) && isSamePerson) {
        const shown = { state, readAt: clock.now(), readAs };
        const found = await writeRead(target, number, shown, false);
        if (found.length > 0) parts.onForeign();
      }
    } catch (cause) {
      // It is known while the worker lives, and not only to whoever asked and hears that there was no room.
      if (cause instanceof StorageFull) parts.onView(target, failures.get(key) ?? null);
      const failure = failureOf(cause);
      // It says nothing against what was kept after it was sent.
      if (isNewest(key, number)) failures.set(key, failure);
      if (failure.reason === 'refused' && failure.status !== undefined) parts.onAccepted(current, target);
    }
    const seen = await viewOf(current, target);
    parts.onView(target, seen.failure);
    return seen;
  }

  async function keep(target: Target, state: PartnerState, answers: ChangeRequest | null = null): Promise<void> {
    sent += 1;
    const number = numbers.get(state) ?? sent;
    failures.delete(targetKey(target));
    try {
      const before = answers && (await shownOf(target));
      const since = before !== null && answers !== null && !isBasis(answers, before.state) ? plain(before) : null;
      const current = await parts.connections.byId(target.connectionId);
      const readAs = current === null ? null : await parts.person(current.connection);
      await write(target, number, { state, readAt: clock.now(), readAs, ...(since === null ? {} : { since }) });
    } catch (cause) {
      // The state can be read anew at any time; the change must go on.
      log.error(`The state of ${targetKey(target)} could not be kept`, cause);
    }
  }

  async function keepReplayed(change: ChangeRequest, state: PartnerState): Promise<void> {
    const { target } = change;
    await keep(target, state, change);
  }

  /**
   * Finds a change made elsewhere by what was seen last: the partner is another one now, and no change of ours made it so. Null where
   * `before` tells of none: then the history is not asked.
   */
  async function foreignSince(
    target: Target,
    before: Snapshot | null,
    { state, readAs }: Omit<Snapshot, 'order'>,
    quiet: boolean,
  ): Promise<ForeignSince | null> {
    const after = state.partnerOfRecord;
    const isTold = (last: Snapshot | null): last is Snapshot =>
      // What somebody else was shown is nothing that this person has seen change.
      last !== null && mayShareView(last.readAs, readAs) && !isSamePartner(last.state.partnerOfRecord, after);
    if (!isTold(before)) return null;
    // While our own change has no answer, nobody knows whose this is.
    if ((await history.newestChange(target))?.isOpen || (await isOurs(target, before.state, state))) return null;
    const targetName =
      target.kind === 'signIn' ? await parts.linkName(target) : targetNameOf(target, state.subscription?.displayName);
    return (last) =>
      isTold(last)
        ? {
            id: crypto.randomUUID(),
            target,
            targetName,
            before: partnerOf(last.state.partnerOfRecord),
            after,
            foundAt: clock.now(),
            by: after?.assignedBy ?? null,
            version: state.version,
            seen: quiet,
          }
        : null;
  }

  /**
   * Whether a change of ours has led to just that state, which may have found no room. A partner may have come back since, a version
   * never does. A link that is removed has none: there ours was the removal of just what was there before.
   */
  async function isOurs(
    target: Target,
    before: PartnerState,
    { version, partnerOfRecord }: PartnerState,
  ): Promise<boolean> {
    if (version !== null) return history.hasLedTo(target, version);
    return partnerOfRecord === null && before.version !== null && (await history.hasRemoved(target, before.version));
  }

  async function listPage(
    { connection, backend }: ListingConnection,
    next: string | null,
    { only, quiet, signal }: Look,
  ): Promise<ListedPage> {
    const readAs = await parts.person(connection);
    sent += 1;
    const number = sent;
    const page = await backend.list(next, signal);
    const keepAll = async (): Promise<readonly ForeignChange[]> => {
      if (!mayShareView(readAs, await parts.person(connection))) return [];
      const listed = page.subscriptions.filter(({ subscriptionId }) => only === null || only.has(subscriptionId));
      return keepListed(connection.id, number, listed, { readAt: clock.now(), readAs }, quiet);
    };
    return { ...page, found: keepAll() };
  }

  async function look(
    { connection, backend }: CurrentConnection,
    target: Target,
    { quiet, signal }: Omit<Look, 'only'>,
  ): Promise<readonly ForeignChange[]> {
    const readAs = await parts.person(connection);
    const known = await snapshotOf(target);
    sent += 1;
    const number = sent;
    const version = known !== null && mayShareView(known.readAs, readAs) ? known.state.version : null;
    const state =
      version === null || backend.readIfChanged === undefined
        ? await backend.read(target, signal)
        : await backend.readIfChanged(target, version, signal);
    if (state === null || !isNewest(targetKey(target), number)) return [];
    if (!mayShareView(readAs, await parts.person(connection))) return [];
    const found = await writeRead(target, number, { state, readAt: clock.now(), readAs }, quiet);
    await tellViews([target]);
    return found;
  }

  function ordered(backend: Backend): Backend {
    return {
      ...backend,
      async read(target, signal) {
        sent += 1;
        const number = sent;
        const state = await backend.read(target, signal);
        numbers.set(state, number);
        return state;
      },
    };
  }

  /** Reads a target anew and keeps what it shows, where its connection can be found. */
  async function refresh(target: Target): Promise<void> {
    const current = await parts.connections.byId(target.connectionId);
    if (current === null) return;
    await readAnewOf(current, target);
  }

  return {
    view,
    viewOf,
    known,
    readAnew,
    readAnewOf,
    readAhead,
    listPage,
    look,
    ordered,
    keep,
    keepReplayed,
    refresh: (target) =>
      refresh(target).catch((cause: unknown) => log.error('What was answered again could not be read anew', cause)),
  };
}

const MOST_KEPT_LAST = 400;
const TAKEN_WITHIN_MS = 5000;
/** Of so many subscriptions at once that have changed, each is announced by itself. */
const VIEWS_TOLD = 20;

/** A state that is to be kept, and who waits for that. `number`: when it was asked for. */
interface Gathered {
  readonly target: Target;
  readonly number: number;
  readonly shown: Omit<Snapshot, 'order'>;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** A state that was read, beside what was kept before. `number`: when the read was sent. */
interface Read {
  readonly target: Target;
  readonly number: number;
  readonly shown: Omit<Snapshot, 'order'>;
  readonly before: Snapshot | null;
  readonly foreign: ForeignSince;
}

/** Whether a state says anything that the one kept before does not say to the same person. */
function isNews(before: Snapshot | null, { state, readAs }: Omit<Snapshot, 'order'>): boolean {
  if (before === null || !mayShareView(before.readAs, readAs)) return true;
  const { partnerOfRecord, version } = before.state;
  return state.version === null ? !isSamePartner(state.partnerOfRecord, partnerOfRecord) : state.version !== version;
}

/** A read on its way to the backend, or made ahead. `number`: when it was sent, among all of this worker's. */
interface Reading {
  readonly key: string;
  readonly number: number;
  readonly seen: Promise<TargetView>;
}

/** Of what is shown, and no more. */
function plain({ state, readAt, order, readAs }: SeenState): SeenState {
  return { state, readAt, order, readAs };
}

function laterOf(one: Snapshot | null, other: Snapshot | null): Snapshot | null {
  return (one?.order ?? 0) > (other?.order ?? 0) ? one : other;
}

function orderAfter(before: Snapshot | null): number {
  return (before?.order ?? 0) + 1;
}

/** A view that shows nothing: no connection is configured, or what it shows waits for a press. */
export function nothingKnown(subscriptionId: SubscriptionId): SubscriptionView {
  return {
    subscriptionId,
    source: null,
    state: null,
    readAt: null,
    order: 0,
    failure: null,
    can: null,
    standing: null,
    changeOrder: 0,
    support: null,
  };
}
