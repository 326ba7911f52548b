import { type Backend, BackendError } from '../backends/backend';
import { partnerOf } from '../domain/change-request';
import type { Failure } from '../domain/failure';
import { mayShareView, type Person } from '../domain/person';
import type { Connection } from '../domain/settings';
import { isOnItsWay, type Standing, standingOf } from '../domain/standing';
import type { SubscriptionId, SubscriptionRecord } from '../domain/subscription';
import type { SubscriptionView } from '../messaging/protocol';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { History } from '../storage/history';
import type { Snapshot, Snapshots } from '../storage/snapshots';
import type { CurrentConnection } from './connections';

export interface SubscriptionsParts {
  readonly history: History;
  readonly snapshots: Snapshots;
  readonly current: () => Promise<CurrentConnection | null>;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: (connection: Connection) => Promise<Person | null>;
  readonly clock: Clock;
  readonly log: Log;
  /** Whom to ask about that connection; null where that is not known. */
  readonly support: (connectionId: string) => Promise<string | null>;
  /** Whoever is signed in is accepted there: it answered a read of that subscription, if only with a refusal. */
  readonly onAccepted: (current: CurrentConnection, id: SubscriptionId) => void;
  /** What is known of a subscription has changed. */
  readonly onView: (view: SubscriptionView) => void;
}

/** What is known of subscriptions, and reading them anew. */
export interface Subscriptions {
  view(id: SubscriptionId): Promise<SubscriptionView>;
  /**
   * Asks the backend; a failure is part of the view that it answers. Two at once are one.
   * @throws {StorageError} when what it read could not be kept, and so cannot be shown
   */
  readAnew(id: SubscriptionId): Promise<SubscriptionView>;
  /** The same backend, whose reads {@link Subscriptions.keep} knows again by their records: they count from when they were sent. */
  ordered(backend: Backend): Backend;
  /** Keeps what a backend showed on the way of a change. The answer to the change itself is the newest there is. */
  keep(connectionId: string, record: SubscriptionRecord): Promise<void>;
}

export function createSubscriptions(parts: SubscriptionsParts): Subscriptions {
  const { history, snapshots, clock, log } = parts;
  // Both by connection too: what an address that was left still answers says nothing of the one in its place.
  // Why the newest read of each failed. Lost with the worker, as is right: the next look reads again.
  const failures = new Map<string, Failure>();
  const reading = new Map<string, Promise<SubscriptionView>>();
  // Of two reads the one sent later is the newer, whatever the clock says and whichever is answered first. An answer reaches only
  // the worker that asked, so these numbers end with it: what an earlier worker kept is older than whatever this one asks for.
  let sent = 0;
  const newestKept = new Map<string, number>();
  const numbers = new WeakMap<SubscriptionRecord, number>();

  /** Whether nothing newer was kept under that key than what has this number. */
  function isNewest(key: string, number: number): boolean {
    return number >= (newestKept.get(key) ?? 0);
  }

  /** Keeps it unless something newer is kept. */
  async function write(connectionId: string, number: number, shown: Omit<Snapshot, 'order'>): Promise<void> {
    const key = keyOf(connectionId, shown.record.subscriptionId);
    if (!isNewest(key, number)) return;
    newestKept.set(key, number);
    await snapshots.write(connectionId, shown);
  }

  async function view(id: SubscriptionId): Promise<SubscriptionView> {
    const current = await parts.current();
    if (current === null) return { ...UNKNOWN, subscriptionId: id };
    const [kept, person, support] = await Promise.all([
      snapshots.read(current.connection.id, id),
      parts.person(current.connection),
      parts.support(current.connection.id),
    ]);
    // What somebody else was shown says nothing of what this person may see, or change.
    const snapshot = kept !== null && mayShareView(kept.readAs, person) ? kept : null;
    return {
      subscriptionId: id,
      source: current.connection.name,
      record: snapshot?.record ?? null,
      readAt: snapshot?.readAt ?? null,
      order: snapshot?.order ?? 0,
      failure: failures.get(keyOf(current.connection.id, id)) ?? null,
      ...(current.backend.can.changeLog ? { changeLog: true } : {}),
      standing: await newestStanding(current, person, id, snapshot?.record ?? null),
      support,
    };
  }

  async function newestStanding(
    current: CurrentConnection,
    person: Person | null,
    id: SubscriptionId,
    record: SubscriptionRecord | null,
  ): Promise<Standing | null> {
    const change = await history.newestChange({ kind: 'subscription', id });
    const connectionId = current.connection.id;
    if (change?.connectionId !== connectionId) return null;
    return standingOf(
      change,
      { connectionId, person, mayChange: record?.caller.canChangePartner ?? null },
      clock.now(),
    );
  }

  async function readAnew(id: SubscriptionId): Promise<SubscriptionView> {
    const current = await parts.current();
    if (current === null) return view(id);
    const person = await parts.person(current.connection);
    // One person's read is not another's.
    const key = JSON.stringify([keyOf(current.connection.id, id), person]);
    const underWay = reading.get(key);
    if (underWay !== undefined) return underWay;
    const started = read(current, person, id).finally(() => reading.delete(key));
    reading.set(key, started);
    return started;
  }

  async function read(
    current: CurrentConnection,
    readAs: Person | null,
    id: SubscriptionId,
  ): Promise<SubscriptionView> {
    const key = keyOf(current.connection.id, id);
    sent += 1;
    const number = sent;
    try {
      const record = await current.backend.readSubscription(id, AbortSignal.timeout(READ_FOR_MS));
      failures.delete(key);
      parts.onAccepted(current, id);
      // Somebody else may have come meanwhile: nobody knows whom it was shown to.
      const isSamePerson = mayShareView(readAs, await parts.person(current.connection));
      if (isNewest(key, number) && isSamePerson) {
        await noteForeignChange(current, readAs, record);
        await write(current.connection.id, number, { record, readAt: clock.now(), readAs });
      }
    } catch (cause) {
      if (!(cause instanceof BackendError)) throw cause;
      failures.set(key, cause.failure);
      const { reason, status } = cause.failure;
      if (reason === 'refused' && status !== undefined) parts.onAccepted(current, id);
    }
    const seen = await view(id);
    parts.onView(seen);
    return seen;
  }

  async function keep(connectionId: string, record: SubscriptionRecord): Promise<void> {
    sent += 1;
    const number = numbers.get(record) ?? sent;
    failures.delete(keyOf(connectionId, record.subscriptionId));
    try {
      const current = await parts.current();
      const readAs = current === null ? null : await parts.person(current.connection);
      await write(connectionId, number, { record, readAt: clock.now(), readAs });
    } catch (cause) {
      // A snapshot can be read anew at any time; what it accompanies must go on.
      log.error(`The record of ${record.subscriptionId} could not be kept`, cause);
    }
  }

  /** A partner that is not the one last seen, and not through a change of ours, was changed elsewhere. */
  async function noteForeignChange(
    current: CurrentConnection,
    person: Person | null,
    record: SubscriptionRecord,
  ): Promise<void> {
    const connectionId = current.connection.id;
    const last = await snapshots.read(connectionId, record.subscriptionId);
    if (last === null) return;
    const before = last.record.partnerOfRecord;
    const after = record.partnerOfRecord;
    if (before?.partnerId === after?.partnerId) return;
    const own = await newestStanding(current, person, record.subscriptionId, record);
    // Its answer is still to come; how it ends says whose change this is.
    if (own !== null && isOnItsWay(own.at)) return;
    await history.addForeign({
      id: crypto.randomUUID(),
      connectionId,
      subscriptionId: record.subscriptionId,
      subscriptionName: record.displayName,
      before: partnerOf(before),
      after,
      foundAt: clock.now(),
    });
  }

  function ordered(backend: Backend): Backend {
    return {
      ...backend,
      async readSubscription(id, signal) {
        sent += 1;
        const number = sent;
        const record = await backend.readSubscription(id, signal);
        numbers.set(record, number);
        return record;
      },
    };
  }

  return { view, readAnew, ordered, keep };
}

/** Where no connection is configured. */
const UNKNOWN = {
  source: null,
  record: null,
  readAt: null,
  order: 0,
  failure: null,
  standing: null,
  support: null,
} as const;

function keyOf(connectionId: string, id: SubscriptionId): string {
  return `${connectionId} ${id}`;
}

const READ_FOR_MS = 60_000;
