import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { afterEach, expect, test, vi } from 'vitest';
import { BackendError } from '../../../src/backends/backend';
import type { PanelController, PanelNews } from '../../../src/content/panel-controller';
import { isOnItsWay } from '../../../src/domain/phase';
import type { Envelope } from '../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { drawFrom, type Weighted } from '../../e2e/harness/draw';
import { HOUR, MINUTE } from '../../support/clock';
import { createFakeService, failed } from '../../support/fake-service';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { SUBSCRIPTION_ID, subscriptionId } from '../../support/targets';
import { createWholeWorker } from '../../support/whole-worker';
import { createFakeBrowser } from '../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

/** The same for every run, unless another is asked for. How far the worker has come when the next thing happens is not drawn. */
const SEED = process.env['SEED'] ?? '1';
const SEQUENCES = Number(process.env['SEQUENCES'] ?? 30);
const LENGTH = 30;
const ACTS: Weighted<
  'ask' | 'answer' | 'stop' | 'goOn' | 'read' | 'write' | 'clock' | 'mood' | 'room' | 'announce' | 'step' | 'end'
> = [
  [3, 'ask'],
  [2, 'answer'],
  [1, 'stop'],
  [1, 'goOn'],
  [1, 'read'],
  [1, 'write'],
  [2, 'clock'],
  [2, 'mood'],
  [1, 'room'],
  [2, 'announce'],
  [12, 'step'],
  [1, 'end'],
];
const PARTNERS = [OLD, WANTED, FOREIGN];
const TABS = [7, 8];
const DAY = 24 * HOUR;
const { put } = IDBObjectStore.prototype;

const page: VerifiedSender = { kind: 'page', tabId: null, page: 'popup' };
const ADDRESS = `https://portal.azure.com/#resource/subscriptions/${SUBSCRIPTION_ID}`;
const inTab = (tabId: number): VerifiedSender => ({ kind: 'portal', tabId, address: ADDRESS });

/** What a tab's script has of the worker. */
interface Link {
  send(envelope: Envelope): Promise<unknown>;
  workerEnded: (idle: boolean) => void;
}
const links = new Map<number, Link>();

/** What is on the wire between a tab and the worker: it may be overtaken by all else. */
interface Crossing {
  readonly what: string;
  readonly isPush: boolean;
  readonly arrives: () => void;
}

afterEach(() => {
  vi.restoreAllMocks();
  links.clear();
});

test('two panels show in the end what the worker knows, and nothing older on the way, whatever becomes of clock, disk, wire and worker', async () => {
  console.info(`SEED=${SEED}`);
  vi.stubGlobal('document', { visibilityState: 'visible' });
  const scripts = new Map<number, Awaited<ReturnType<typeof loadPanel>>>();
  for (const tabId of TABS) scripts.set(tabId, await loadPanel(tabId));
  for (let number = 1; number <= SEQUENCES; number += 1) {
    const { did, wrong } = await runSequence(`${SEED}-${number}`, scripts);
    expect(wrong, `SEED=${SEED}, sequence ${number}: ${did.join(', ')}`).toEqual([]);
  }
});

/** The panel's script in a tab of its own. */
async function loadPanel(tabId: number) {
  vi.resetModules();
  vi.doMock('../../../src/platform/browser', () => ({
    browser: { runtime: { id: 'ours', sendMessage: (envelope: Envelope) => links.get(tabId)?.send(envelope) } },
  }));
  return import('../../../src/content/panel-controller');
}

async function runSequence(seed: string, scripts: ReadonlyMap<number, Awaited<ReturnType<typeof loadPanel>>>) {
  const draw = drawFrom(seed);
  const did: string[] = [];
  const wrong: string[] = [];
  const device = createFakeBrowser();
  fake.browser = device.browser;
  const service = createFakeService();
  const whole = createWholeWorker(() => service);
  vi.spyOn(Date, 'now').mockImplementation(() => whole.clock.now());
  const connection = {
    name: null,
    address: 'https://a.example',
    signIn: 'none',
    token: 'kept',
    remember: false,
  } as const;
  await whole.send('connection.save', { ...connection, edited: null, abandonOpenChanges: false }, page);
  service.person = { kind: 'connection', connectionId: (await whole.worker.settings()).connections[0]?.id ?? '' };
  for (const { partnerId } of PARTNERS) await whole.send('partner.check', { partnerId }, page);
  await whole.announced();

  const wire = new Set<Crossing>();
  const unanswered = new Set<() => void>();
  const news = new Map<number, PanelNews>();
  const shown = new Map<number, number>();
  const ended = new Set<number>();
  const panels = new Map<number, PanelController>();
  const left = new AbortController();
  let atWork = 0;
  let wasFull = false;
  let pushed = device.pushed.length;
  for (const [tabId, { runPanel }] of scripts) {
    device.tabs.push({ id: tabId, url: ADDRESS });
    links.set(tabId, { send: (envelope) => sendFrom(tabId, envelope), workerEnded: () => undefined });
    const watch = { asking: () => undefined, heard: () => undefined };
    const panel = runPanel('record', subscriptionId(SUBSCRIPTION_ID), (told) => look(tabId, told), watch, left.signal);
    links.set(tabId, { send: (envelope) => sendFrom(tabId, envelope), workerEnded: panel.workerEnded });
    panels.set(tabId, panel);
  }
  await arriveAll();
  for (let step = 0; step < LENGTH; step += 1) await act(draw.weighted(ACTS), draw.one(TABS));

  haveRoom();
  service.fateOf = async () => 'answered';
  service.fateOfRead = async () => 'answered';
  for (let times = 0; times < 30; times += 1) {
    await whole.announced();
    await arriveAll();
    whole.clock.moveTo(whole.clock.now() + 2 * MINUTE);
    await whole.worker.engine.run();
  }
  // What a full disk or an ended worker left unread, the person reads again.
  for (const { shown: now, acts } of news.values())
    if (wasFull || (now.state === 'read' && now.stale !== null)) acts.readAgain();
  await arriveAll();
  await whole.announced();
  await arriveAll();
  await compare();
  left.abort();
  return { did, wrong };

  /** A message to the worker and its answer, both of which take their time. */
  function sendFrom(tabId: number, { name, input }: Envelope): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const lose = (): void => {
        unanswered.delete(lose);
        reject(new Error('The message port closed before a response was received.'));
      };
      unanswered.add(lose);
      const answered = (crossing: unknown): void => {
        atWork -= 1;
        if (unanswered.has(lose)) {
          const arrives = () => {
            unanswered.delete(lose);
            resolve(crossing);
          };
          wire.add({ what: `answer to ${name} in ${tabId}`, isPush: false, arrives });
        }
      };
      const arrives = () => {
        atWork += 1;
        whole
          .send(name, input as never, inTab(tabId))
          .then(structuredClone, (cause: unknown) => ({ ok: false, problem: 'failed', detail: String(cause) }))
          .then(answered);
      };
      wire.add({ what: `${name} of ${tabId}`, isPush: false, arrives });
    });
  }

  function look(tabId: number, told: PanelNews): void {
    news.set(tabId, told);
    if (told.shown.state !== 'read') return;
    const { present, ending } = told.shown;
    const version = Number(present.version?.slice(1, -1));
    const before = shown.get(tabId) ?? 0;
    // What had found no room is lost with a worker: the next one knows of what was before it.
    if (version < before && !ended.delete(tabId)) wrong.push(`tab ${tabId} shows version ${version} after ${before}`);
    shown.set(tabId, version);
    const at = ending?.kind === 'done' ? ending.standing.at : null;
    if (at?.phase === 'done' && at.outcome.version !== present.version)
      wrong.push(`tab ${tabId} shows an ending beside what it did not lead to`);
  }

  function takePushes(): void {
    for (const { tabId, push } of device.pushed.slice(pushed)) {
      const copy = structuredClone(push);
      wire.add({ what: `push to ${tabId}`, isPush: true, arrives: () => panels.get(tabId)?.push(copy) });
    }
    pushed = device.pushed.length;
  }

  function arriveOne(): boolean {
    takePushes();
    if (wire.size === 0) return false;
    const crossing = draw.one([...wire]);
    wire.delete(crossing);
    did.push(`(${crossing.what})`);
    crossing.arrives();
    return true;
  }

  async function arriveAll(): Promise<void> {
    for (let quiet = 0; quiet < 40; ) {
      quiet = arriveOne() || atWork > 0 ? 0 : quiet + 1;
      await turn();
    }
  }

  async function compare(): Promise<void> {
    const answered = await whole.send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false }, page);
    if (!answered.ok) throw new Error('The worker does not answer');
    const { state, standing } = answered.answer;
    for (const [tabId, told] of news) {
      if (told.shown.state !== 'read') {
        wrong.push(`tab ${tabId} ends as ${told.shown.state}`);
        continue;
      }
      const { present, work, ending, task } = told.shown;
      if (present.version !== state?.version) wrong.push(`tab ${tabId} ends on version ${present.version}`);
      const isOpen = standing !== null && isOnItsWay(standing.at);
      if (work?.kind === 'asking' || (work?.kind === 'onItsWay' && !isOpen))
        wrong.push(`tab ${tabId} ends ${work.kind}`);
      if ('busy' in task && task.busy && !isOpen) wrong.push(`tab ${tabId} ends busy`);
      const change = work?.kind === 'conflict' ? work.standing : ending?.standing;
      if (change !== undefined && change.changeId !== standing?.changeId)
        wrong.push(`tab ${tabId} ends on another change`);
      const isMissed = standing?.at.phase === 'refused' && !standing.at.seen && ending?.kind !== 'failed';
      if (isMissed) wrong.push(`tab ${tabId} misses a refusal`);
    }
  }

  async function act(what: (typeof ACTS)[number][1], tabId: number): Promise<void> {
    if (what !== 'step') did.push(`${what} in ${tabId}`);
    const { acts, shown: now } = news.get(tabId) ?? {};
    switch (what) {
      case 'ask': {
        if (draw.fraction() < 0.3) {
          acts?.askToRemove();
          return news.get(tabId)?.acts.remove(true);
        }
        acts?.type(draw.one(PARTNERS).partnerId);
        acts?.check();
        for (const crossing of [...wire].filter((one) => one.what === `partner.check of ${tabId}`))
          await arrive(crossing);
        for (const crossing of [...wire].filter((one) => one.what === `answer to partner.check in ${tabId}`))
          await arrive(crossing);
        return news.get(tabId)?.acts.save();
      }
      case 'answer':
        if (now?.state !== 'read' || now.work?.kind !== 'conflict') return acts?.undo();
        return draw.one([acts?.overwrite, acts?.keep])?.();
      case 'stop':
        return acts?.stop();
      case 'goOn':
        return acts?.goOn();
      case 'read':
        return acts?.readAgain();
      case 'write':
        // Of a change whose answer was lost the service repeats that one: for the moment of one read it hides what others wrote since.
        if ((await whole.history.openChanges()).length > 0) return;
        return service.write(SUBSCRIPTION_ID, draw.one([...PARTNERS, null]));
      case 'clock':
        return whole.clock.setBy(draw.one([-DAY, -HOUR, -MINUTE, MINUTE, HOUR, DAY]));
      case 'mood': {
        const refused = new BackendError({ reason: 'refused', status: 422 });
        const fate = draw.one(['answered', 'answered', 'answerLost', failed('busy'), refused] as const);
        service.fateOf = async () => fate;
        const fateOfRead = draw.one(['answered', 'answered', failed('busy')] as const);
        service.fateOfRead = async () => fateOfRead;
        return;
      }
      case 'room':
        wasFull = true;
        return draw.one([haveRoom, haveNoRoomForStates])();
      case 'announce':
        return whole.announced();
      case 'step':
        arriveOne();
        for (let turns = draw.between(1, 30); turns > 0; turns -= 1) await turn();
        return;
      case 'end':
        return endWorker();
    }
  }

  async function arrive(crossing: Crossing): Promise<void> {
    wire.delete(crossing);
    crossing.arrives();
    do await turn();
    while (atWork > 0);
    await turn();
  }

  /** What is asked, and what is answered and not there yet, is lost. Panels hear of the end after what was pushed, or never was. */
  async function endWorker(): Promise<void> {
    while (atWork > 0) await turn();
    // One that is gone carries no change any more.
    await whole.worker.engine.run();
    takePushes();
    whole.restart();
    for (const { isPush, arrives } of wire) if (isPush && draw.fraction() < 0.5) arrives();
    wire.clear();
    for (const lose of [...unanswered]) lose();
    await turn();
    for (const tabId of TABS) {
      const arrives = () => {
        ended.add(tabId);
        links.get(tabId)?.workerEnded(false);
      };
      wire.add({ what: `end, to ${tabId}`, isPush: false, arrives });
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function haveRoom(): void {
  IDBObjectStore.prototype.put = put;
}

function haveNoRoomForStates(): void {
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...row) {
    if (this.name === 'snapshots') throw new DOMException('No room', 'QuotaExceededError');
    return put.apply(this, row);
  };
}
