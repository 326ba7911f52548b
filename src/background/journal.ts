import { afterEvent, type Change, type ChangeEvent, isOpen } from '../domain/change';
import type { Log } from '../platform/log';
import type { Applied, Happened, History } from '../storage/history';

export interface JournalParts {
  readonly log: Log;
  readonly history: Pick<History, 'applyEvents'>;
  /** What happened to a change is on the disk; `isSeen`: it shows. Hears of each before whoever waits for it does. */
  readonly onWritten: (applied: Applied, isSeen: boolean) => void;
}

/**
 * The open changes as the one runner knows them, and the one way in which anything of them is written. What happens to a change counts
 * here at once, and is written with all else that has come while the last write ran.
 */
export interface Journal {
  /** A change as it is, with what is not written yet; undefined when it is not kept here. */
  get(id: string): Change | undefined;
  all(): Iterable<Change>;
  /** Keeps an open change as it is on the disk. */
  keep(change: Change): void;
  /** Lets something happen to a change. Resolves once it is on the disk; null when there is no such change. */
  note(id: string, events: readonly ChangeEvent[]): Promise<Applied | null>;
  /** The same of what is written with whatever happens to the change next, or by {@link Journal.hurry}. */
  noteForLater(id: string, event: ChangeEvent): void;
  /** Writes what was noted for later. */
  hurry(id: string): void;
  /** Notes for later that a change is claimed, once `write` has put that on the disk. */
  claim(ids: readonly string[], at: number, write: () => Promise<void>): Promise<void>;
  /** A change that is claimed did not leave, and does not for now. */
  unclaim(id: string): void;
  /** Has something written of many changes when it is its turn; answers what `write` does: the changes as they are afterwards. */
  noteMany<T extends readonly Applied[] | null>(write: () => Promise<T>): Promise<T>;
}

interface Entry {
  onDisk: Change;
  now: Change;
  /** What happened since it was written, or began to be, and waits for its turn. */
  next: readonly ChangeEvent[];
  /** What happened since that, and is not to be written by itself. */
  later: readonly ChangeEvent[];
}

/** Events of one change that are written together, and who waits for that. */
interface Group {
  readonly events: ChangeEvent[];
  readonly waiting: {
    readonly resolve: (applied: Applied | null) => void;
    readonly reject: (cause: unknown) => void;
  }[];
}

export function createJournal({ history, log, onWritten }: JournalParts): Journal {
  const entries = new Map<string, Entry>();
  let gathered = new Map<string, Group>();
  let lastTurn: Promise<unknown> = Promise.resolve();
  let isScheduled = false;
  /** Claims are written beside what happens to single changes, and never while something is written of many. */
  let lastMany: Promise<unknown> = Promise.resolve();
  let claiming: Promise<unknown> = Promise.resolve();

  /** One transaction after the other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = lastTurn.then(work);
    lastTurn = done.catch(() => undefined);
    return done;
  }

  function happen(entry: Entry, events: readonly ChangeEvent[]): void {
    entry.now = events.reduce(afterEvent, entry.now);
  }

  function note(id: string, events: readonly ChangeEvent[]): Promise<Applied | null> {
    const entry = entries.get(id);
    const all = [...(entry?.later ?? []), ...events];
    if (entry !== undefined) {
      happen(entry, events);
      entry.later = [];
      entry.next = [...entry.next, ...all];
    }
    const group = gather(id, all);
    schedule();
    return new Promise((resolve, reject) => group.waiting.push({ resolve, reject }));
  }

  function gather(id: string, events: readonly ChangeEvent[]): Group {
    const group = gathered.get(id) ?? { events: [], waiting: [] };
    gathered.set(id, group);
    group.events.push(...events);
    return group;
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    void inTurn(async () => {
      isScheduled = false;
      await writeGathered();
    });
  }

  async function writeGathered(): Promise<void> {
    const groups = gathered;
    gathered = new Map();
    for (const id of groups.keys()) {
      const entry = entries.get(id);
      if (entry !== undefined) entry.next = [];
    }
    if (groups.size > 0) await writeTogether([...groups]);
  }

  /** Has on the disk whatever happened: what is written of many goes by what is there. */
  async function writeLater(): Promise<void> {
    for (const [id, entry] of entries) {
      if (entry.later.length === 0) continue;
      gather(id, entry.later);
      entry.later = [];
    }
    await writeGathered();
  }

  async function writeTogether(groups: readonly (readonly [id: string, Group])[]): Promise<void> {
    const happened = groups.map(([id, { events }]): Happened => ({ id, events }));
    try {
      const applied = await history.applyEvents(happened);
      for (const [i, [id, group]] of groups.entries()) told(id, group, applied[i] ?? null);
    } catch (cause) {
      // What cannot be written of one change is to hold up no other.
      if (groups.length > 1) for (const one of groups) await writeTogether([one]);
      else
        for (const [id, { waiting }] of groups) {
          // Nobody knows any more how far it is: it is taken up again from the disk.
          entries.delete(id);
          for (const { reject } of waiting) reject(cause);
        }
    }
  }

  function told(id: string, { events, waiting }: Group, applied: Applied | null): void {
    if (applied === null) entries.delete(id);
    else {
      refresh(applied.change);
      onWritten(applied, applied.altered && events.some(({ type }) => type !== 'claimed' && type !== 'unclaimed'));
    }
    for (const { resolve } of waiting) resolve(applied);
  }

  function noteForLater(id: string, event: ChangeEvent): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entry.later = [...entry.later, event];
    happen(entry, [event]);
  }

  /** The change is so on the disk by now. */
  function refresh(change: Change): void {
    const entry = entries.get(change.id);
    if (entry === undefined) {
      keep(change);
      return;
    }
    entry.onDisk = change;
    entry.now = [...entry.next, ...entry.later].reduce(afterEvent, change);
    if (!isOpen(change)) entries.delete(change.id);
  }

  function keep(change: Change): void {
    if (!isOpen(change)) return;
    entries.set(change.id, { onDisk: change, now: change, next: [], later: [] });
  }

  return {
    get: (id) => entries.get(id)?.now,
    *all() {
      for (const { now } of entries.values()) yield now;
    },
    keep,
    note,
    noteForLater,

    hurry(id) {
      if ((entries.get(id)?.later.length ?? 0) === 0) return;
      note(id, []).catch((cause: unknown) =>
        log.error(`What happened to change ${id} could not be written down`, cause),
      );
    },

    claim(ids, at, write) {
      const claimed = lastMany.then(write).then(() => {
        for (const id of ids) noteForLater(id, { type: 'claimed', at });
      });
      claiming = Promise.allSettled([claiming, claimed]).then(() => undefined);
      return claimed;
    },

    unclaim(id) {
      const entry = entries.get(id);
      if (entry === undefined) return;
      const unclaimed = entry.later.filter(({ type }) => type !== 'claimed');
      if (unclaimed.length === entry.later.length) return noteForLater(id, { type: 'unclaimed' });
      entry.later = unclaimed;
      entry.now = [...entry.next, ...unclaimed].reduce(afterEvent, entry.onDisk);
    },

    noteMany(write) {
      const claimed = claiming;
      const done = inTurn(async () => {
        await claimed;
        await writeLater();
        const all = await write();
        for (const applied of all ?? []) {
          refresh(applied.change);
          onWritten(applied, applied.altered);
        }
        return all;
      });
      lastMany = done.catch(() => undefined);
      return done;
    },
  };
}
