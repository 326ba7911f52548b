import { BackendError } from '../backends/backend';
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
import type { Snapshots } from '../storage/snapshots';
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
  /** Keeps what a backend showed on the way of a change. */
  keep(connectionId: string, record: SubscriptionRecord): Promise<void>;
}

export function createSubscriptions(parts: SubscriptionsParts): Subscriptions {
  const { history, snapshots, clock, log } = parts;
  // Both by connection too: what an address that was left still answers says nothing of the one in its place.
  // Why the newest read of each failed. Lost with the worker, as is right: the next look reads again.
  const failures = new Map<string, Failure>();
  const reading = new Map<string, Promise<SubscriptionView>>();
  // How often a change brought a newer record of each: an answer that set out before is older than what is kept.
  const keptOf = new Map<SubscriptionId, number>();

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
    const connectionId = current.connection.id;
    const change = await history.newestChange(connectionId, { kind: 'subscription', id });
    if (change === null) return null;
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
    try {
      const keptBefore = keptOf.get(id);
      const record = await current.backend.readSubscription(id, AbortSignal.timeout(READ_FOR_MS));
      failures.delete(key);
      parts.onAccepted(current, id);
      // Somebody else may have come meanwhile: nobody knows whom it was shown to.
      const isSamePerson = mayShareView(readAs, await parts.person(current.connection));
      if (keptOf.get(id) === keptBefore && isSamePerson) {
        await noteForeignChange(current, readAs, record);
        await snapshots.write(current.connection.id, { record, readAt: clock.now(), readAs });
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
    keptOf.set(record.subscriptionId, (keptOf.get(record.subscriptionId) ?? 0) + 1);
    failures.delete(keyOf(connectionId, record.subscriptionId));
    try {
      const current = await parts.current();
      const readAs = current === null ? null : await parts.person(current.connection);
      await snapshots.write(connectionId, { record, readAt: clock.now(), readAs });
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

  return { view, readAnew, keep };
}

/** Where no connection is configured. */
const UNKNOWN = { source: null, record: null, readAt: null, failure: null, standing: null, support: null } as const;

function keyOf(connectionId: string, id: SubscriptionId): string {
  return `${connectionId} ${id}`;
}

const READ_FOR_MS = 60_000;
