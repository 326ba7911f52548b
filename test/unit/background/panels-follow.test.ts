import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { expect, test, vi } from 'vitest';
import { newerView } from '../../../src/messaging/newer-view';
import { markOf } from '../../../src/domain/partner-state';
import type { ChangeAnswer, SubscriptionView } from '../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { drawFrom } from '../../e2e/harness/draw';
import { HOUR, MINUTE } from '../../support/clock';
import { createFakeService, failed } from '../../support/fake-service';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { SUBSCRIPTION_ID } from '../../support/targets';
import { createWholeWorker } from '../../support/whole-worker';
import { createFakeBrowser } from '../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

/** Drawn anew for every run, unless it is repeated. */
const SEED = process.env['SEED'] ?? String(Date.now() % 1_000_000);
const SEQUENCES = 60;
const LENGTH = 25;
const ACTS = [
  'ask',
  'ask',
  'undo',
  'stop',
  'keep',
  'read',
  'write',
  'clock',
  'mood',
  'room',
  'run',
  'announce',
  'end',
] as const;
const PARTNERS = [OLD, WANTED, FOREIGN];
const TABS = [7, 8];
const DAY = 24 * HOUR;
const { put } = IDBObjectStore.prototype;

const page: VerifiedSender = { kind: 'page', tabId: null, page: 'popup' };
const ADDRESS = `https://portal.azure.com/#resource/subscriptions/${SUBSCRIPTION_ID}`;
const inTab = (tabId: number): VerifiedSender => ({ kind: 'portal', tabId, address: ADDRESS });

/** What a panel shows, and the change that it asks for. */
interface Panel {
  view: SubscriptionView | null;
  asked: string | null;
}

test('two panels show in the end what the worker knows, whoever does what, and whatever becomes of clock, disk and worker', async () => {
  console.info(`SEED=${SEED}`);
  for (let number = 1; number <= SEQUENCES; number += 1) {
    const { did, panels, known, held } = await runSequence(`${SEED}-${number}`);
    const said = `SEED=${SEED}, sequence ${number}: ${did.join(', ')}`;
    expect(known.state?.version, said).toBe(held);
    for (const { view } of panels) expect({ ...view, readAt: null }, said).toEqual({ ...known, readAt: null });
  }
});

async function runSequence(seed: string) {
  const draw = drawFrom(seed);
  const did: string[] = [];
  const device = createFakeBrowser();
  fake.browser = device.browser;
  const service = createFakeService();
  const whole = createWholeWorker(() => service);
  const panels = new Map<number, Panel>(TABS.map((tabId) => [tabId, { view: null, asked: null }]));
  let delivered = 0;

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
  for (const tabId of TABS) {
    device.tabs.push({ id: tabId, url: ADDRESS });
    await read(tabId);
  }
  for (let step = 0; step < LENGTH; step += 1) await act(draw.one(ACTS), draw.one(TABS));

  vi.restoreAllMocks();
  service.fateOf = async () => 'answered';
  for (let times = 0; times < 40; times += 1) {
    await deliver();
    whole.clock.moveTo(whole.clock.now() + 2 * MINUTE);
    await whole.worker.engine.run();
  }
  const answered = await whole.send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true }, page);
  if (!answered.ok) throw new Error('The worker does not answer');
  await deliver();
  return { did, panels: [...panels.values()], known: answered.answer, held: service.recordOf(SUBSCRIPTION_ID).etag };

  function take(tabId: number, view: SubscriptionView): void {
    const panel = panels.get(tabId);
    if (panel === undefined) return;
    panel.view = newerView(panel.view, view);
    if (panel.view.standing?.changeId === panel.asked) panel.asked = null;
  }

  async function deliver(): Promise<void> {
    await whole.announced();
    for (const { tabId, push } of device.pushed.slice(delivered))
      if (push.push === 'subscription') take(tabId, push.view);
    delivered = device.pushed.length;
  }

  async function read(tabId: number): Promise<void> {
    // It fails where the disk has no room.
    const answer = await whole
      .send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true }, inTab(tabId))
      .catch(() => null);
    if (answer?.ok) take(tabId, answer.answer);
  }

  function takeAnswer(tabId: number, answer: ChangeAnswer): void {
    const panel = panels.get(tabId);
    if (panel?.view == null) return;
    if (!answer.ok) panel.asked = null;
    if (answer.ok) take(tabId, { ...panel.view, standing: answer.standing });
    else if (answer.problem === 'changeOpen') take(tabId, { ...panel.view, standing: answer.open });
    else if (answer.problem === 'changedSince') take(tabId, answer.view);
  }

  async function act(what: (typeof ACTS)[number], tabId: number): Promise<void> {
    did.push(`${what} in ${tabId}`);
    const panel = panels.get(tabId);
    const { state, standing } = panel?.view ?? {};
    const id = draw.uuid();
    switch (what) {
      case 'ask': {
        if (panel === undefined || state == null) return;
        panel.asked = id;
        const asked = {
          id,
          subscriptionId: SUBSCRIPTION_ID,
          partnerId: draw.one(PARTNERS).partnerId,
          seen: markOf(state),
        };
        const answer = await whole.send('change.assign', asked, inTab(tabId)).catch(() => null);
        if (answer?.ok) takeAnswer(tabId, answer.answer);
        return;
      }
      case 'undo': {
        if (panel === undefined || state == null || standing == null) return;
        panel.asked = id;
        const { changeId } = standing;
        const name = standing.at.phase === 'conflict' ? 'change.overwrite' : 'change.undo';
        const answer = await whole.send(name, { id, changeId, seen: markOf(state) }, inTab(tabId)).catch(() => null);
        if (answer?.ok) takeAnswer(tabId, answer.answer);
        return;
      }
      case 'stop':
      case 'keep':
        if (standing != null) await whole.send(`change.${what}`, { changeId: standing.changeId }, inTab(tabId));
        return;
      case 'read':
        return read(tabId);
      case 'write':
        return service.write(SUBSCRIPTION_ID, draw.one([...PARTNERS, null]));
      case 'clock':
        return whole.clock.setBy(draw.one([-DAY, -HOUR, -MINUTE, MINUTE, HOUR, DAY]));
      case 'mood': {
        const fate = draw.one(['answered', 'answerLost', failed('busy')] as const);
        service.fateOf = async () => fate;
        return;
      }
      case 'room':
        return draw.one([vi.restoreAllMocks, haveNoRoomForStates])();
      case 'run':
        return whole.worker.engine.run();
      case 'announce':
        return deliver();
      case 'end':
        await whole.worker.engine.run();
        whole.restart();
        // What it had gathered is lost with it. A panel hears of its end, and reads anew.
        device.pushed.length = delivered;
        for (const [of, one] of panels) {
          one.view = one.view && { ...one.view, order: 0 };
          await read(of);
        }
    }
  }
}

function haveNoRoomForStates(): void {
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...row) {
    if (this.name === 'snapshots') throw new DOMException('No room', 'QuotaExceededError');
    return put.apply(this, row);
  });
}
