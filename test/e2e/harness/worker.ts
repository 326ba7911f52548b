import type { Page } from 'playwright-core';
import type { Change } from '../../../src/domain/change';
import type { HistoryRow } from '../../../src/domain/history';
import type { Crossing, MessageAnswer, MessageInput, MessageName } from '../../../src/messaging/protocol';
import { PATIENCE_MS } from '../../patience';
import type { ExtensionBrowser } from './browser';
import { until } from './until';

/** The extension API of the page that an evaluated function runs in; the tests themselves have none. */
declare const chrome: {
  readonly runtime: { sendMessage<T>(message: object): Promise<T | undefined> };
  readonly action: { getBadgeText(details: object): Promise<string> };
  readonly alarms: { create(name: string, when: object): Promise<void> };
  readonly storage: {
    readonly local: { get(): Promise<unknown> };
    readonly session: { get(): Promise<Record<string, unknown>>; remove(key: string): Promise<void> };
  };
};

/** A bare page of the extension's origin, to look at its storage and to reach its worker without any page's script running. */
export interface Backstage {
  /** Ends the worker at once, as the browser may at any moment. */
  killWorker(): Promise<void>;
  /** Asks the worker something harmless, which starts it when it is not running, and waits for the answer. */
  askWorker(): Promise<unknown>;
  /** Sends one of the protocol's messages, as a page of the extension does; null when the worker ended before it answered. */
  call<N extends MessageName>(name: N, input: MessageInput<N>): Promise<MessageAnswer<N> | null>;
  /** Lets the alarm for open changes come now, and every 30 s from now on. */
  ringAlarm(): Promise<void>;
  /** Moves the times that a waiting change is judged by into the past. For a time when no worker runs. */
  age(changeId: string, ms: number): Promise<void>;
  /** The same for every lane that is held up for a time, and for every change that waits for its turn. */
  ageHolds(ms: number): Promise<void>;
  /** The rows of the history that an index holds, in its order: all of them newest first, unless another is named. */
  history(index?: 'newestFirst' | 'openTarget' | 'attention', most?: number): Promise<HistoryRow[]>;
  /** How many lanes are held up, as that is stored. */
  heldLanes(): Promise<number>;
  /** How many attempts of changes that still wait have ended, as that is stored. */
  attemptsNoted(): Promise<number>;
  /** The changes of a subscription, newest first. */
  changesOf(subscriptionId: string): Promise<Change[]>;
  /** Waits until the newest change of a subscription is in that state. */
  waitForChange(subscriptionId: string, state: Change['life']['state'], patienceMs?: number): Promise<Change>;
  badge(): Promise<string>;
  /** Nothing that portals got so far counts any more. */
  forgetPortalUses(): Promise<void>;
  /** How many changes the badge says need the person. */
  badgeCount(): Promise<number>;
  /** What `storage.session` holds, which ends with the browser. */
  storedForSession(): Promise<Record<string, unknown>>;
  /** What `storage.local` holds, as text. */
  storedLocally(): Promise<string>;
  readonly page: Page;
}

export async function openBackstage(browser: ExtensionBrowser): Promise<Backstage> {
  const page = await browser.open(browser.extensionUrl('manifest.json'));
  const session = await browser.context.newCDPSession(page);
  const running = new Set<string>();
  let ended = 0;
  session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    for (const { versionId, runningStatus } of versions) {
      if (runningStatus === 'running' || runningStatus === 'starting') running.add(versionId);
      else if (running.delete(versionId)) ended += 1;
    }
  });
  await session.send('ServiceWorker.enable');

  const history: Backstage['history'] = (index = 'newestFirst', most) => page.evaluate(readHistory, { index, most });
  const changesOf = async (subscriptionId: string): Promise<Change[]> =>
    (await history())
      .flatMap((row) => (row.type === 'change' ? [row.change] : []))
      .filter(({ target }) => target.kind === 'subscription' && target.id === subscriptionId);
  const age: Backstage['age'] = (changeId, ms) => page.evaluate(ageChange, { changeId, ms });
  const badge = () => page.evaluate(() => chrome.action.getBadgeText({}));
  return {
    page,
    history,
    heldLanes: () => page.evaluate(countHeldLanes),
    attemptsNoted: async () => (await history('openTarget')).reduce((sum, row) => sum + attemptsOf(row), 0),
    changesOf,
    async call<N extends MessageName>(name: N, input: MessageInput<N>): Promise<MessageAnswer<N> | null> {
      const crossing: Crossing<MessageAnswer<N>> | null = await page.evaluate(sendMessage<Crossing<MessageAnswer<N>>>, {
        name,
        input,
      });
      if (crossing === null) return null;
      if (crossing.ok) return crossing.answer;
      throw new Error(`${name}: ${crossing.problem}: ${crossing.detail}`);
    },
    askWorker: () => page.evaluate(() => chrome.runtime.sendMessage({ name: 'partners.used', input: {} })),
    ringAlarm: () => page.evaluate(() => chrome.alarms.create('changes', { when: Date.now(), periodInMinutes: 0.5 })),
    age,
    async ageHolds(ms) {
      await page.evaluate(ageLanes, ms);
      const open = (await history('openTarget')).flatMap((row) => (row.type === 'change' ? [row.change] : []));
      for (const { id, life } of open) if (life.state === 'waiting' && life.for === 'turn') await age(id, ms);
    },
    async killWorker() {
      const before = ended;
      await session.send('ServiceWorker.stopAllWorkers');
      // One that is asked for in the meantime starts again at once.
      await until('the end of the worker', async () => running.size === 0 || ended > before);
    },
    waitForChange: (subscriptionId, state, patienceMs = PATIENCE_MS) =>
      until(
        `a change of ${subscriptionId} that is ${state}`,
        async () => {
          const [newest] = await changesOf(subscriptionId);
          return newest?.life.state === state && newest;
        },
        { patienceMs, state: async () => JSON.stringify(await changesOf(subscriptionId), null, 1) },
      ),
    badge,
    forgetPortalUses: () => page.evaluate(() => chrome.storage.session.remove('portalUses')),
    badgeCount: async () => Number((await badge()).replace('!', '')),
    storedForSession: () => page.evaluate(() => chrome.storage.session.get()),
    storedLocally: async () => JSON.stringify(await page.evaluate(() => chrome.storage.local.get())),
  };
}

/** Runs in a page of the extension: rows as they are stored, without the extension's own code in between. */
async function readHistory({ index, most }: { index: string; most: number | undefined }): Promise<HistoryRow[]> {
  const name = 'partner-of-record';
  // Opening one that is not there yet would make it, empty.
  if (!(await indexedDB.databases()).some((database) => database.name === name)) return [];
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      // Those of version 1 are in the second, until they have moved; open ones never are.
      const stores = ['rows', 'history'].filter((store) => database.objectStoreNames.contains(store));
      const transaction = database.transaction(stores);
      const readings = stores.map((store) => transaction.objectStore(store).index(index).getAll(null, most));
      transaction.onabort = () => reject(transaction.error);
      transaction.oncomplete = () => {
        database.close();
        const rows: { row: HistoryRow; order: number }[] = readings.flatMap((reading) => reading.result);
        const sorted = index === 'newestFirst' ? rows.sort((one, other) => one.order - other.order) : rows;
        resolve(sorted.slice(0, most).map((stored) => stored.row));
      };
    };
  });
}

function attemptsOf(row: HistoryRow): number {
  return row.type === 'change' && row.change.life.state === 'waiting' ? row.change.life.attempts : 0;
}

/** Runs in a page of the extension. */
function countHeldLanes(): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction('lanes');
      const reading: IDBRequest<{ lane: { hold: object | null } }[]> = transaction.objectStore('lanes').getAll();
      transaction.onabort = () => reject(transaction.error);
      transaction.oncomplete = () => {
        database.close();
        resolve(reading.result.filter(({ lane }) => lane.hold !== null).length);
      };
    };
  });
}

/** Runs in a page of the extension: null when nobody answered. */
async function sendMessage<T>(message: object): Promise<T | null> {
  try {
    return (await chrome.runtime.sendMessage<T>(message)) ?? null;
  } catch {
    // The browser's words for a worker that ended in the middle.
    return null;
  }
}

/** Runs in a page of the extension. */
function ageChange({ changeId, ms }: { changeId: string; ms: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction('rows', 'readwrite');
      const store = transaction.objectStore('rows');
      const reading = store.get(changeId);
      reading.onsuccess = () => {
        const { life } = reading.result.row.change;
        // One on the wire has none.
        if (life.wait !== undefined) life.wait.from -= ms;
        life.triedMs += ms;
        if (life.firstSentAt !== null) life.firstSentAt -= ms;
        if (life.lastSentAt !== null) life.lastSentAt -= ms;
        store.put(reading.result);
      };
      transaction.oncomplete = () => {
        database.close();
        resolve();
      };
      transaction.onabort = () => reject(transaction.error);
    };
  });
}

/** Runs in a page of the extension. */
function ageLanes(ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction('lanes', 'readwrite');
      const going = transaction.objectStore('lanes').openCursor();
      going.onsuccess = () => {
        const cursor = going.result;
        if (cursor === null) return;
        const { hold } = cursor.value.lane;
        if (hold?.for === 'time') {
          hold.wait.from -= ms;
          cursor.update(cursor.value);
        }
        cursor.continue();
      };
      transaction.oncomplete = () => {
        database.close();
        resolve();
      };
      transaction.onabort = () => reject(transaction.error);
    };
  });
}
