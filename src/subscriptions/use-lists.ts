import { useEffect, useRef, useState } from 'preact/hooks';
import type { Connection } from '../domain/connection';
import { onBroadcast } from '../messaging/broadcasts';
import type { Broadcast } from '../messaging/protocol';
import { type WorkerWatch, watchWorker } from '../messaging/watch-worker';
import type { KeptListReader } from '../storage/kept-lists';
import type { ListView } from './list';
import { createPaced } from './paced';
import { type ListReading, readList } from './read-list';
import type { OpenChangesReader } from './under-way';

/** The list of one connection as it is drawn. */
export interface DrawnList extends ListView {
  readonly connection: Connection;
}

export interface Lists {
  readonly lists: readonly DrawnList[];
  /** Reads all again from their start. */
  readonly again: () => void;
  /** Reads that connection's again from its start. */
  readonly readAgain: (connectionId: string) => void;
  /** Reads on what failed of that connection's. */
  readonly goOn: (connectionId: string) => void;
}

/** Pages come faster than thousands of rows are put in order. */
const DRAW_EVERY_MS = 120;

interface ListsParts {
  readonly connections: readonly Connection[];
  /** Those of them that are looked at. One that was is kept up from then on. */
  readonly wanted: readonly Connection[];
  /** What broadcasts mean that name no connection. */
  readonly defaultId: string | null;
  readonly kept: KeptListReader;
  readonly history: OpenChangesReader;
}

/**
 * The lists of connections, streamed in as their pages come and kept up with what is changed elsewhere in the extension. They are
 * drawn when the first page comes, and a few times a second from then on.
 */
export function useLists({ connections, wanted, defaultId, kept, history }: ListsParts): Lists {
  const readings = useRef(new Map<string, ListReading>());
  const read = useRef<(connection: Connection) => ListReading>(null);
  const [drawn, setDrawn] = useState<readonly DrawnList[]>([]);

  useEffect(() => {
    const ended = new AbortController();
    const held = new Map<string, ListReading>();
    readings.current = held;
    const draw = () => setDrawn([...held.values()].map(({ connection, list }) => ({ connection, ...list.view() })));
    const onChange = createPaced(draw, DRAW_EVERY_MS, ended.signal);
    // What the worker was about to tell is lost with it.
    const watch: WorkerWatch = watchWorker((idle) => {
      for (const { list, again } of held.values()) if (!idle || list.view().state.at === 'reading') again();
    }, ended.signal);
    read.current = (connection) =>
      readList(connection, { kept, history, watch, onChange, now: Date.now }, ended.signal);
    /** Of each batch those of its rows of which it was told. */
    const heardOf = new Map<string, Set<string>>();
    const batchWent = ({ progress, rows }: Extract<Broadcast, { changed: 'batch' }>) => {
      const heard = heardOf.get(progress.batchId) ?? new Set();
      heardOf.set(progress.batchId, heard);
      for (const news of rows) {
        if (news.outcome !== 'open') heard.add(news.subscriptionId);
        if (held.get(news.connectionId)?.list.went(news)) onChange();
      }
      if (!progress.ended) return;
      heardOf.delete(progress.batchId);
      // Of many at once only some are named, and what a worker that has ended was about to tell never comes.
      if (heard.size < progress.size) for (const { again } of held.values()) again();
    };
    setDrawn([]);
    onBroadcast((broadcast) => {
      watch.heard();
      if (broadcast.changed === 'settings') for (const { recognise } of held.values()) recognise();
      if (broadcast.changed === 'batch') batchWent(broadcast);
      if (broadcast.changed !== 'subscription') return;
      const { view, connectionId = defaultId } = broadcast;
      if (connectionId !== null && held.get(connectionId)?.list.told(view)) onChange();
    }, ended.signal);
    return () => ended.abort();
  }, [idsOf(connections), defaultId]);

  useEffect(() => {
    for (const connection of wanted)
      if (read.current !== null && !readings.current.has(connection.id))
        readings.current.set(connection.id, read.current(connection));
  }, [idsOf(connections), defaultId, idsOf(wanted)]);

  return {
    lists: wanted.flatMap((connection) => {
      const list = drawn.find((one) => one.connection.id === connection.id);
      return list === undefined ? [] : [{ ...list, connection }];
    }),
    again: () => {
      for (const { id } of wanted) readings.current.get(id)?.again();
    },
    readAgain: (connectionId) => readings.current.get(connectionId)?.again(),
    goOn: (connectionId) => readings.current.get(connectionId)?.goOn(),
  };
}

function idsOf(connections: readonly Connection[]): string {
  return connections.map(({ id }) => id).join(' ');
}
