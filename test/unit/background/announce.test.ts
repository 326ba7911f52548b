import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { BackendPorts } from '../../../src/backends/backend';
import { markOf } from '../../../src/domain/partner-state';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { FOREIGN, WANTED } from '../../support/partners';
import { SUBSCRIPTION_ID, uuid } from '../../support/targets';
import { createFakeBrowser } from '../../support/worker-browser';
import { createFakeService, type FakeService, failed } from '../../support/fake-service';
import { createWholeWorker, type WholeWorker } from '../../support/whole-worker';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const address = `https://portal.azure.com/#resource/subscriptions/${SUBSCRIPTION_ID}`;
const page: VerifiedSender = { kind: 'page', tabId: null, page: 'popup' };
const TABS = [7, 8];

let device: ReturnType<typeof createFakeBrowser>;
let service: FakeService;
let whole: WholeWorker;
/** How the worker learns whose a pasted token is. */
let learnOwner: BackendPorts['owner'];

/** Two tabs show the subscription, and the person wants notifications. What came of that is announced. */
beforeEach(async () => {
  device = createFakeBrowser();
  fake.browser = device.browser;
  service = createFakeService();
  whole = createWholeWorker((_, ports) => {
    learnOwner = ports.owner;
    return service;
  });
  const form = { name: null, address: 'https://a.example', signIn: 'none', token: 'kept', remember: false } as const;
  await whole.send('connection.save', { ...form, edited: null, abandonOpenChanges: false }, page);
  service.person = { kind: 'connection', connectionId: (await whole.worker.settings()).connections[0]?.id ?? '' };
  await whole.send('notify.save', { notify: true }, page);
  for (const tabId of TABS) {
    device.tabs.push({ id: tabId, url: address });
    const panel: VerifiedSender = { kind: 'portal', tabId, address };
    await whole.send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true }, panel);
  }
  for (const { partnerId } of [WANTED, FOREIGN]) await whole.send('partner.check', { partnerId }, page);
  await whole.announced();
  device.pushed.length = 0;
  whole.broadcasts.length = 0;
  device.badge.refreshed = 0;
});

/** Asks for a change and has it carried as far as it goes. */
async function change(number: number, { partnerId } = WANTED): Promise<void> {
  const read = await whole.send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false }, page);
  if (!read.ok || read.answer.state === null) throw new Error('The subscription was never read');
  const asked = { id: uuid(number), subscriptionId: SUBSCRIPTION_ID, partnerId, seen: markOf(read.answer.state) };
  expect(await whole.send('change.assign', asked, page)).toMatchObject({ answer: { ok: true } });
  await whole.worker.engine.run();
}

const lifeOf = async (number: number) => (await whole.history.readChange(uuid(number)))?.life;

/** The views that a tab was given, by the change that each shows and how far that is. */
const pushedTo = (tabId: number) =>
  device.pushed.flatMap((one) =>
    one.tabId === tabId && one.push.push === 'subscription'
      ? [`${one.push.view.standing?.changeId} ${one.push.view.standing?.at.phase}`]
      : [],
  );
const toldPages = () => whole.broadcasts.map(({ changed }) => changed).sort();
const never = () => new Promise<never>(() => undefined);
const fails = async () => {
  throw new Error('Not now');
};

test('seven changes of one target at once, 21 steps, are announced as one: to pages and panels as the last, each end once, and not to a badge that stays as it is', async () => {
  for (let number = 1; number <= 7; number += 1) await change(number, number % 2 === 1 ? WANTED : FOREIGN);
  expect([device.pushed, whole.broadcasts, device.badge.refreshed, device.notified]).toEqual([[], [], 0, []]);
  await whole.announced();
  for (const tabId of TABS) expect(pushedTo(tabId)).toEqual([`${uuid(7)} done`]);
  expect(toldPages()).toEqual(['history', 'subscription']);
  expect(device.badge.refreshed).toBe(0);
  expect(device.notified.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7].map(uuid));
  await whole.announced();
  expect([device.pushed.length, device.badge.refreshed, device.notified.length]).toEqual([2, 0, 7]);
  expect(whole.errors).toEqual([]);
});

test('the engine goes on while no announcement ever ends', async () => {
  device.browser.action.setBadgeText = never;
  device.browser.tabs.query = never;
  device.browser.notifications.create = never;
  for (const number of [1, 2]) {
    await change(number, number === 1 ? WANTED : FOREIGN);
    void whole.announced();
  }
  expect([(await lifeOf(1))?.state, (await lifeOf(2))?.state]).toEqual(['done', 'done']);
  expect(toldPages()).toContain('history');
});

test('what was announced while the badge could not be is shown by the next announcement', async () => {
  const { setBadgeText } = device.browser.action;
  device.browser.action.setBadgeText = fails;
  service.fateOf = async () => failed('refused');
  await change(1);
  await whole.announced();
  expect(device.badge.text).toBe('');
  device.browser.action.setBadgeText = setBadgeText;
  whole.worker.announcer.badge();
  await whole.announced();
  expect(device.badge.text).toBe('1');
});

test('the end of a change that the person has met by then is not notified', async () => {
  service.fateOf = async () => failed('refused');
  await change(1);
  await whole.send('change.seen', { changeId: uuid(1) }, page);
  await whole.announced();
  expect([device.notified, device.badge.text]).toEqual([[], '']);
});

test('a state that one panel read, and that found no room on the disk, is pushed to the others', async () => {
  const known = service.recordOf(SUBSCRIPTION_ID);
  service.write(SUBSCRIPTION_ID, known.partnerOfRecord);
  const { etag } = service.recordOf(SUBSCRIPTION_ID);
  expect(etag).not.toBe(known.etag);
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
    throw new DOMException('No room', 'QuotaExceededError');
  });
  const reading = whole.send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true }, page);
  await expect(reading).rejects.toMatchObject({ problem: 'full' });
  await whole.announced();
  const versions = device.pushed.map(({ push }) => push.push === 'subscription' && push.view.state?.version);
  expect(versions).toEqual([etag, etag]);
});

describe('What a worker that ended had not announced', () => {
  const ids = () => device.notified.map(({ id }) => id);

  test.each([
    ['done', 'answered'],
    ['refused', failed('refused')],
  ] as const)('the next one tells at its start, and once: a change that is %s', async (phase, fate) => {
    service.fateOf = async () => fate;
    await change(1);
    whole.restart();
    expect(ids()).toEqual([]);
    await whole.worker.tellUntold();
    await whole.announced();
    expect([ids(), pushedTo(7), toldPages()]).toEqual([
      [uuid(1)],
      [`${uuid(1)} ${phase}`],
      ['history', 'subscription'],
    ]);
    whole.restart();
    await whole.worker.tellUntold();
    await whole.announced();
    expect(ids()).toEqual([uuid(1)]);
  });

  test('is told once the browser takes notifications again', async () => {
    const { create } = device.browser.notifications;
    device.browser.notifications.create = fails;
    await change(1);
    await whole.announced();
    device.browser.notifications.create = create;
    whole.restart();
    await whole.worker.tellUntold();
    await whole.announced();
    expect(ids()).toEqual([uuid(1)]);
  });

  test('is told to nobody who wants no notifications, nor when they want them later', async () => {
    await whole.send('notify.save', { notify: false }, page);
    await change(1);
    await whole.announced();
    await whole.send('notify.save', { notify: true }, page);
    whole.restart();
    await whole.worker.tellUntold();
    await whole.announced();
    expect(ids()).toEqual([]);
  });

  test('is told of no change that the person has cleared away', async () => {
    await change(1);
    await whole.history.clear();
    whole.restart();
    await whole.worker.tellUntold();
    await whole.announced();
    expect([ids(), await whole.history.untold()]).toEqual([[], []]);
  });
});

describe('Everybody else hears of a change', () => {
  /** Who has heard of the one change that there is. */
  const heard = () => ({
    pages: toldPages(),
    panels: TABS.map((tabId) => pushedTo(tabId).length),
    badge: device.badge.refreshed,
    notified: device.notified.length,
  });
  const ALL = { pages: ['history', 'subscription'], panels: [1, 1], badge: 1, notified: 1 };

  /** What a tab does with a message. */
  const tabTakesIt = (tabId: number, answer: () => Promise<never>) => {
    const { sendMessage } = device.browser.tabs;
    device.browser.tabs.sendMessage = async (id, push) => (id === tabId ? answer() : sendMessage(id, push));
  };

  test.each<[string, () => void, Partial<typeof ALL>, string[]]>([
    ['the toolbar fails', () => (device.browser.action.setTitle = fails), {}, ['the badge']],
    ['the toolbar never answers', () => (device.browser.action.setTitle = never), {}, []],
    [
      'the permission for notifications was taken back as one was to be shown',
      () => (device.browser.notifications.create = fails),
      { notified: 0 },
      [`a notification of change ${uuid(1)}`],
    ],
    ['a tab is frozen and answers nothing', () => tabTakesIt(7, never), { panels: [0, 1] }, []],
    ['a tab has no listener', () => tabTakesIt(7, fails), { panels: [0, 1] }, []],
    ['the browser names no tabs', () => (device.browser.tabs.query = fails), { panels: [0, 0] }, ['panels']],
    [
      'no page can be reached',
      () => vi.spyOn(whole.broadcasts, 'push').mockImplementation(() => expect.unreachable()),
      { pages: [] },
      ['pages', 'pages'],
    ],
  ])('while %s', async (_what, getInTheWay, without, unannounced) => {
    getInTheWay();
    // Only an end that calls the person alters the badge.
    service.fateOf = async () => failed('refused');
    await change(1);
    void whole.announced();
    await expect.poll(heard, { interval: 1 }).toEqual({ ...ALL, ...without });
    const said = whole.errors.map((error) => /^This could not be announced: ([^,:]+)/.exec(error)?.[1]);
    expect(said).toEqual(unannounced);
  });
});

test('pages hear that the owner of a pasted token is known, so that nobody is taken for somebody else on them', async () => {
  const token = { kind: 'token', issuer: 'https://a.example', fingerprint: '0a' } as const;
  await learnOwner(token, async () => ({ name: 'Ada', principalId: 'ada', organization: 'Contoso', support: null }));
  await whole.announced();
  expect(toldPages()).toEqual(['settings']);
  expect(device.pushed).toEqual([]);
});
