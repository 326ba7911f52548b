import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { expect, test, vi } from 'vitest';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { createFakeService } from '../../support/fake-service';
import { WANTED } from '../../support/partners';
import { subscriptionId, uuid } from '../../support/targets';
import { createWholeWorker } from '../../support/whole-worker';
import { createFakeBrowser } from '../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const page: VerifiedSender = { kind: 'page', tabId: null, page: 'subscriptions' };

/** Carries a batch of so many changes through the whole worker, and counts what that takes of the browser. */
async function costOf(changes: number) {
  const device = createFakeBrowser();
  let calls = 0;
  fake.browser = counted(device.browser, () => {
    calls += 1;
  });
  const service = createFakeService();
  const whole = createWholeWorker(() => service);
  const form = { name: null, address: 'https://a.example', signIn: 'none', token: 'kept', remember: false } as const;
  await whole.send('connection.save', { ...form, edited: null, abandonOpenChanges: false }, page);
  const connectionId = (await whole.worker.settings()).connections[0]?.id ?? '';
  service.person = { kind: 'connection', connectionId };
  await whole.send('partner.check', { partnerId: WANTED.partnerId }, page);
  await whole.announced();
  const before = await whole.send(
    'subscription.read',
    { subscriptionId: subscriptionId(uuid(5000)), anew: true },
    page,
  );
  if (!before.ok || before.answer.state === null) throw new Error('Nothing was read');
  const { partnerOfRecord, version } = before.answer.state;
  const held = partnerOfRecord && { partnerId: partnerOfRecord.partnerId, name: partnerOfRecord.name };
  const items = Array.from({ length: changes }, (_, i) => ({
    subscriptionId: subscriptionId(uuid(5000 + i)),
    name: `Subscription ${i}`,
    page: null,
    before: held,
    basedOn: version,
    after: WANTED.partnerId,
  }));
  const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction');
  transactions.mockClear();
  calls = 0;
  const asked = await whole.send('batch.ask', { id: uuid(9000), connectionId, kind: 'bulk', items }, page);
  expect(asked).toMatchObject({ answer: { ok: true, asked: changes } });
  await whole.worker.engine.run();
  await whole.announced();
  const cost = { calls, transactions: transactions.mock.calls.length };
  transactions.mockRestore();
  expect(await whole.history.progressOf(uuid(9000))).toMatchObject({ ended: true, counts: { done: changes } });
  expect(whole.errors).toEqual([]);
  return cost;
}

/** The same API, each call of which is counted. */
function counted(api: object, count: () => void): Record<string, unknown> {
  return new Proxy(api, {
    get(of, name) {
      const member: unknown = Reflect.get(of, name);
      if (typeof member === 'function')
        return (...given: unknown[]) => {
          count();
          return Reflect.apply(member, of, given);
        };
      return typeof member === 'object' && member !== null ? counted(member, count) : member;
    },
  }) as Record<string, unknown>;
}

test('200 more changes in one batch take no more calls of the browser, and few transactions, which many changes share', async () => {
  const [few, many] = [await costOf(20), await costOf(220)];
  expect(many.calls).toBe(few.calls);
  // One for the states and one for the ends of those that are on the wire together, and one for eight claims.
  expect((many.transactions - few.transactions) / 200).toBeLessThan(0.75);
});
