import { type Backend, failureOf } from '../backends/backend';
import { type ChangeRequest, isBasis } from '../domain/change-request';
import type { Failure } from '../domain/failure';
import { isSamePartner, type PartnerState, partnerOf } from '../domain/partner-state';
import { mayShareView, type Person } from '../domain/person';
import type { Connection } from '../domain/connection';
import { type Standing, standingOf } from '../domain/standing';
import type { SubscriptionId } from '../domain/subscription';
import { subscriptionTarget, type Target, targetKey, targetNameOf } from '../domain/target';
import type { SubscriptionView } from '../messaging/protocol';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import { StorageFull } from '../storage/database';
import type { History, Placed } from '../storage/history';
import type { ForeignSince, Snapshot, Snapshots } from '../storage/snapshots';
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
  /** Whether nobody knows which connections are set up, since the settings cannot be read. */
  readonly connectionsUnread: () => Promise<boolean>;
  /** The backend accepts whoever is signed in: it answered a read of that subscription, if only with a refusal. */
  readonly onAccepted: (current: CurrentConnection, id: SubscriptionId) => void;
  /** What is known of a subscription at that connection has changed. */
  readonly onView: (view: SubscriptionView, connectionId: string) => void;
}

/** What is known of subscriptions at a connection (null: none is set up), and reading them anew. */
export interface Subscriptions {
  view(current: CurrentConnection | null, id: SubscriptionId): Promise<SubscriptionView>;
  /** The newest state known of each that this person may see; null where there is none. */
  known(current: CurrentConnection, ids: readonly SubscriptionId[]): Promise<(PartnerState | null)[]>;
  /**
   * Asks the backend; a failure is part of the view that it answers. Two at once are one.
   * @throws {StorageError} when what it read could not be kept, and so cannot be shown
   */
  readAnew(current: CurrentConnection | null, id: SubscriptionId): Promise<SubscriptionView>;
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
  // What is shown in the place of a state that a change led to, by the number of that state: it was read since.
  const readSince = new Map<string, { readonly number: number; readonly snapshot: Snapshot }>();
  // States for which the disk had no room.
  const unsaved = new Map<string, Snapshot>();

  async function snapshotOf(target: Target): Promise<Snapshot | null> {
    return unsaved.get(targetKey(target)) ?? (await snapshots.read(target));
  }

  async function shownOf(target: Target): Promise<Snapshot | null> {
    const kept = await snapshotOf(target);
    const key = targetKey(target);
    const since = readSince.get(key);
    return since !== undefined && since.number === newestKept.get(key) ? since.snapshot : kept;
  }

  /** Whether nothing newer was kept of a target than what has this number. */
  function isNewest(key: string, number: number): boolean {
    return number >= (newestKept.get(key) ?? 0);
  }

  /** Keeps it unless something newer is kept. With no room on the disk it is kept while the worker lives. */
  async function write(target: Target, number: number, shown: Omit<Snapshot, 'order'>): Promise<void> {
    const key = targetKey(target);
    const order = orderAfter(await snapshotOf(target));
    if (!isNewest(key, number)) return;
    newestKept.set(key, number);
    const placed = { ...shown, order };
    unsaved.set(key, placed);
    await snapshots.write(target, shown, order);
    if (unsaved.get(key) === placed) unsaved.delete(key);
  }

  /** The same of a read, in one with the row of a change made elsewhere that it tells: with no room neither is kept. */
  async function writeRead(
    target: Target,
    number: number,
    shown: Omit<Snapshot, 'order'>,
    foreign: ForeignSince,
  ): Promise<void> {
    const key = targetKey(target);
    const before = await snapshotOf(target);
    if (foreign(before) === null || (await isOurs(target, shown.state))) return write(target, number, shown);
    if (!isNewest(key, number)) return;
    newestKept.set(key, number);
    const unkept = unsaved.get(key);
    // Another read may have kept what is newer than `before` until it is this one's turn.
    await snapshots.writeAfter(target, shown, (kept) => foreign(laterOf(before, kept)), orderAfter(before));
    if (unsaved.get(key) === unkept) unsaved.delete(key);
  }

  async function view(current: CurrentConnection | null, id: SubscriptionId): Promise<SubscriptionView> {
    if (current === null)
      return { ...nothingKnown(id), ...((await parts.connectionsUnread()) && { settingsUnread: true }) };
    const target = subscriptionTarget(current.connection.id, id);
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
    return {
      subscriptionId: id,
      source: current.connection.name,
      state: snapshot?.state ?? null,
      readAt: snapshot?.readAt ?? null,
      order: snapshot?.order ?? 0,
      failure: failures.get(targetKey(target)) ?? null,
      can: current.backend.can,
      standing: newest && standingFor(newest, target, person, snapshot?.state ?? null),
      changeOrder: newest?.number ?? 0,
      support,
    };
  }

  async function known(
    { connection }: CurrentConnection,
    ids: readonly SubscriptionId[],
  ): Promise<(PartnerState | null)[]> {
    const person = await parts.person(connection);
    const shown = await Promise.all(ids.map((id) => shownOf(subscriptionTarget(connection.id, id))));
    return shown.map((one) => (one !== null && mayShareView(one.readAs, person) ? one.state : null));
  }

  function standingFor(
    { change }: Placed,
    { connectionId }: Target,
    person: Person | null,
    state: PartnerState | null,
  ): Standing {
    return standingOf(change, { connectionId, person, mayChange: state?.rights.mayChange ?? null }, clock.now());
  }

  async function readAnew(current: CurrentConnection | null, id: SubscriptionId): Promise<SubscriptionView> {
    if (current === null) return view(null, id);
    const person = await parts.person(current.connection);
    const target = targetKey(subscriptionTarget(current.connection.id, id));
    // A read for one person does not serve another.
    const key = JSON.stringify([target, person]);
    const underWay = reading.get(key);
    // One that was sent before what is kept by now will be dropped.
    if (underWay !== undefined && isNewest(target, underWay.number)) return underWay.seen;
    sent += 1;
    const number = sent;
    const seen = read(current, person, id, number).finally(() => {
      if (reading.get(key)?.number === number) reading.delete(key);
    });
    reading.set(key, { number, seen });
    return seen;
  }

  async function read(
    current: CurrentConnection,
    readAs: Person | null,
    id: SubscriptionId,
    number: number,
  ): Promise<SubscriptionView> {
    const target = subscriptionTarget(current.connection.id, id);
    const key = targetKey(target);
    try {
      const state = await current.backend.read(target, AbortSignal.timeout(ASK_FOR_MS));
      failures.delete(key);
      parts.onAccepted(current, id);
      // Somebody else may have signed in meanwhile: then nobody knows to whom it was shown.
      const isSamePerson = mayShareView(readAs, await parts.person(current.connection));
      if (isNewest(key, number) && isSamePerson) {
        const shown = { state, readAt: clock.now(), readAs };
        await writeRead(target, number, shown, await foreignIn(target, state));
      }
    } catch (cause) {
      // It is known while the worker lives, and not only to whoever asked and hears that there was no room.
      if (cause instanceof StorageFull) parts.onView(await view(current, id), current.connection.id);
      const failure = failureOf(cause);
      // It says nothing against what was kept after it was sent.
      if (isNewest(key, number)) failures.set(key, failure);
      if (failure.reason === 'refused' && failure.status !== undefined) parts.onAccepted(current, id);
    }
    const seen = await view(current, id);
    parts.onView(seen, current.connection.id);
    return seen;
  }

  async function keep(target: Target, state: PartnerState, answers: ChangeRequest | null = null): Promise<void> {
    sent += 1;
    const number = numbers.get(state) ?? sent;
    failures.delete(targetKey(target));
    try {
      const before = answers && (await shownOf(target));
      if (before !== null && answers !== null && !isBasis(answers, before.state))
        readSince.set(targetKey(target), { number, snapshot: before });
      const current = await parts.connections.byId(target.connectionId);
      const readAs = current === null ? null : await parts.person(current.connection);
      await write(target, number, { state, readAt: clock.now(), readAs });
    } catch (cause) {
      // The state can be read anew at any time; the change must go on.
      log.error(`The state of ${targetKey(target)} could not be kept`, cause);
    }
  }

  async function keepReplayed(change: ChangeRequest, state: PartnerState): Promise<void> {
    const { target } = change;
    await keep(target, state, change);
  }

  /** Finds a change made elsewhere by what was seen last: the partner is another one now, and no change of ours made it so. */
  async function foreignIn(target: Target, state: PartnerState): Promise<ForeignSince> {
    const own = await history.newestChange(target);
    // While our own change has no answer, nobody knows whose this is.
    if (own?.isOpen) return () => null;
    const after = state.partnerOfRecord;
    return (last) =>
      last === null || isSamePartner(last.state.partnerOfRecord, after)
        ? null
        : {
            id: crypto.randomUUID(),
            target,
            targetName: targetNameOf(target, state.subscription?.displayName),
            before: partnerOf(last.state.partnerOfRecord),
            after,
            foundAt: clock.now(),
          };
  }

  /**
   * Whether a change of ours has led to just that state, which may have found no room. A partner may have come back since, a version
   * never does.
   */
  async function isOurs(target: Target, { version }: PartnerState): Promise<boolean> {
    return version !== null && (await history.hasLedTo(target, version));
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
    switch (target.kind) {
      case 'subscription':
        await readAnew(current, target.id);
        return;
      case 'signIn':
        await keep(target, await ordered(current.backend).read(target, AbortSignal.timeout(ASK_FOR_MS)));
    }
  }

  return {
    view,
    known,
    readAnew,
    ordered,
    keep,
    keepReplayed,
    refresh: (target) =>
      refresh(target).catch((cause: unknown) => log.error('What was answered again could not be read anew', cause)),
  };
}

/** A read on its way to the backend. `number`: when it was sent, among all of this worker's. */
interface Reading {
  readonly number: number;
  readonly seen: Promise<SubscriptionView>;
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
