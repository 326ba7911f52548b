import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { beforeEach, expect, test, vi } from 'vitest';
import type { BackendPorts } from '../../../src/backends/backend';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { aBatch, itemsOf } from '../../support/batches';
import { createFakeService, type FakeService, failed } from '../../support/fake-service';
import { WANTED } from '../../support/partners';
import { SUBSCRIPTION_ID, uuid } from '../../support/targets';
import { createWholeWorker, type WholeWorker } from '../../support/whole-worker';
import { createFakeBrowser } from '../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const page: VerifiedSender = { kind: 'page', tabId: 3, page: 'subscriptions' };
const GONE = uuid(404);

let device: ReturnType<typeof createFakeBrowser>;
let service: FakeService;
let whole: WholeWorker;
let ports: BackendPorts;
let connectionId: string;

beforeEach(async () => {
  device = createFakeBrowser();
  fake.browser = device.browser;
  service = createFakeService();
  whole = createWholeWorker((_connection, given) => {
    ports = given;
    return service;
  });
  const form = { name: null, address: 'https://a.example', signIn: 'none', token: 'kept', remember: false } as const;
  await whole.send('connection.save', { ...form, edited: null, abandonOpenChanges: false }, page);
  connectionId = (await whole.worker.settings()).connections[0]?.id ?? '';
  service.person = { kind: 'connection', connectionId };
  await whole.announced();
  service.requests.length = 0;
});

/** A batch of that many, of which the service asks everybody to sign in first. */
async function behindSignIn(size: number): Promise<void> {
  service.fateOf = async () => failed('signInNeeded');
  const items = itemsOf(size).map((item) => ({ ...item, target: { ...item.target, connectionId } }));
  await whole.worker.batches.ask(aBatch(1, items, { connectionId, person: service.person }), items);
  await whole.worker.engine.run();
}

test('A message about a connection that is gone is refused, and nothing of it goes to the default one', async () => {
  const about = { connectionId: GONE };
  expect(await whole.send('partner.check', { partnerId: WANTED.partnerId, ...about }, page)).toMatchObject({
    answer: { kind: 'failed', failure: { reason: 'notConfigured' } },
  });
  const read = { subscriptionId: SUBSCRIPTION_ID, anew: true, ...about };
  expect(await whole.send('subscription.read', read, page)).toMatchObject({ answer: { state: null, source: null } });
  expect(await whole.send('person.present', about, page)).toMatchObject({ answer: null });
  expect(service.requests).toEqual([]);
});

test('An address that the person takes away cannot be reached from that moment on', async () => {
  const removed: (() => void)[] = [];
  Object.assign(device.browser.permissions, {
    onRemoved: { addListener: (listener: () => void) => void removed.push(listener) },
  });
  whole.restart();
  await whole.send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true }, page);
  expect(await ports.mayReach()).toBe(true);
  device.browser.permissions.contains = async () => false;
  for (const tell of removed) tell();
  expect(await ports.mayReach()).toBe(false);
});

test('What holds up a batch is told with its progress, and that nothing does any more', async () => {
  await behindSignIn(20);
  await whole.announced();
  const holds = () => whole.broadcasts.flatMap((news) => (news.changed === 'batch' ? [news.progress.hold] : []));
  expect(holds().at(-1)).toEqual({ for: 'signIn' });
  service.fateOf = async () => 'answered';
  await whole.worker.engine.noteOpen(connectionId, { type: 'signedIn', at: whole.clock.now(), person: service.person });
  await whole.worker.engine.run();
  await whole.announced();
  expect(holds().at(-1)).toBeNull();
});

test('A batch that waits for a sign-in goes on once policy or settings have made its connection another one', async () => {
  await behindSignIn(20);
  expect(await whole.worker.engine.holdOf(connectionId)).toEqual({ for: 'signIn' });
  service.fateOf = async () => 'answered';
  const settings = await whole.worker.settings();
  const connections = settings.connections.map((one) => ({ ...one, name: 'Before' }));
  await whole.worker.followSettings({ ...settings, connections });
  await whole.worker.engine.run();
  expect(await whole.history.progressOf(uuid(1))).toMatchObject({ ended: true, counts: { open: 0 } });
});
