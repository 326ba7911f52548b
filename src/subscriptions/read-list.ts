import type { Connection } from '../domain/connection';
import type { ListPlace } from '../domain/listing';
import { mayShareView, type Person } from '../domain/person';
import { call } from '../messaging/call';
import type { WorkerWatch } from '../messaging/watch-worker';
import type { KeptListReader } from '../storage/kept-lists';
import { createList, type List } from './list';
import { changesUnderWay, type OpenChangesReader } from './under-way';

/** Where a reading goes on: after the page that answered this; null: at the start. */
type After = { readonly next: string; readonly place: ListPlace | null } | null;

/** The list of one connection as it is read for one person, and kept up. */
export interface ListReading {
  readonly connection: Connection;
  readonly list: List;
  /** Reads it again from its start. */
  again(): void;
  /** Reads on where it failed. */
  goOn(): void;
  /** Somebody may have signed in or out: where it is another person by now, their own list takes the place of this one. */
  recognise(): void;
}

export interface ReadingPorts {
  readonly kept: KeptListReader;
  readonly history: OpenChangesReader;
  readonly watch: WorkerWatch;
  /** The list has changed, or there is another in its place. */
  readonly onChange: () => void;
  readonly now: () => number;
}

/** Pages that lead to each other in a circle would never end. */
const CIRCLE = { reason: 'unreadable', detail: { code: 'fieldUnexpected', field: 'nextLink' } } as const;

/** Begins to read the list of a connection: what was kept of it, and page after page of what it is now, until the signal aborts. */
export function readList(connection: Connection, ports: ReadingPorts, signal: AbortSignal): ListReading {
  const { kept, watch, onChange } = ports;
  const connectionId = connection.id;
  let person: Person | null = null;
  /** What is done for this person's list, and the reading of it that is under way. */
  let life = new AbortController();
  let run = new AbortController();
  /** The links that led to pages of this reading. */
  let followed = new Set<string>();
  let failedAfter: After = null;

  const reading = {
    connection,
    list: createList(connectionId, ports.now),
    again: () => start(null),
    goOn: () => start(failedAfter),
    recognise: () => during(life, meet),
  };

  /** Whatever fails here is shown, unless nobody waits for it any more. */
  function during({ signal: ended }: AbortController, work: (ended: AbortSignal) => Promise<void>): void {
    work(ended).catch((cause: unknown) => {
      if (ended.aborted) return;
      reading.list.fail({ at: 'broken', cause });
      onChange();
    });
  }

  function start(after: After): void {
    run.abort();
    run = new AbortController();
    if (after === null) {
      followed = new Set();
      reading.list.begin();
    } else reading.list.resume();
    onChange();
    during(run, showUnderWay);
    during(run, (ended) => follow(after, ended));
  }

  async function follow(from: After, ended: AbortSignal): Promise<void> {
    const { list } = reading;
    let after = from;
    while (!ended.aborted) {
      failedAfter = after;
      const asking = list.asking();
      watch.asking();
      const page = await call('subscriptions.list', { connectionId, after });
      if (ended.aborted) return;
      watch.heard();
      if (!page.ok) {
        list.fail({ at: 'failed', failure: page.failure });
        return onChange();
      }
      if (!mayShareView(person, page.readAs)) return during(life, meet);
      list.page(asking, page.subscriptions, page.readAt);
      if (page.next === null) {
        list.end();
        return onChange();
      }
      if (followed.has(page.next)) {
        list.fail({ at: 'failed', failure: CIRCLE });
        return onChange();
      }
      followed.add(page.next);
      after = { next: page.next, place: page.place };
      onChange();
    }
  }

  /** Learns who it is by now, and begins anew for somebody else: nothing that another person was shown stays. */
  async function meet(ended: AbortSignal): Promise<void> {
    const present = await call('person.present', { connectionId });
    if (ended.aborted) return;
    if (!mayShareView(person, present)) return begin(present);
    const isKnownNow = person === null && present !== null;
    person = present ?? person;
    if (isKnownNow) during(life, showKept);
    if (reading.list.view().state.at === 'failed') start(failedAfter);
  }

  function begin(present: Person | null): void {
    life.abort();
    run.abort();
    life = new AbortController();
    person = present;
    reading.list = createList(connectionId, ports.now);
    during(life, showKept);
    start(null);
  }

  /** What was open before this page was, or ended while nobody told of it. */
  async function showUnderWay(ended: AbortSignal): Promise<void> {
    const { list } = reading;
    const asking = list.asking();
    const changes = await changesUnderWay(ports.history, connectionId);
    if (ended.aborted) return;
    list.underWay(asking, changes);
    onChange();
  }

  async function showKept(ended: AbortSignal): Promise<void> {
    if (person === null) return;
    for await (const { subscriptions, readAt } of kept.read({ connectionId, person })) {
      if (ended.aborted) return;
      reading.list.keep(subscriptions, readAt);
      onChange();
    }
  }

  signal.addEventListener('abort', () => {
    life.abort();
    run.abort();
  });
  during(life, async (ended) => {
    const present = await call('person.present', { connectionId });
    if (!ended.aborted) begin(present);
  });
  return reading;
}
