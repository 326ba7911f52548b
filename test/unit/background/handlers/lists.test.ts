import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Person } from '../../../../src/domain/person';
import type { MessageInput } from '../../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../../src/messaging/serve';
import { createKeptLists } from '../../../../src/storage/kept-lists';
import { createStars } from '../../../../src/storage/stars';
import { fingerprintOf, type Principal } from '../../../../src/storage/secrets';
import { aConnection, CONNECTION_ID } from '../../../support/connections';
import { createFakeService, type FakeService } from '../../../support/fake-service';
import { aRecord, listedOf } from '../../../support/records';
import { subscriptionId, uuid } from '../../../support/targets';
import { createWholeWorker, type WholeWorker } from '../../../support/whole-worker';
import { createFakeBrowser } from '../../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const page: VerifiedSender = { kind: 'page', tabId: null, page: 'subscriptions' };
const connection = aConnection();
const ADA = principal('ada');
const BEN = principal('ben');

function principal(principalId: string): Principal {
  return { kind: 'principal', issuer: connection.address, principalId, name: principalId };
}

let whole: WholeWorker;
let service: FakeService;

beforeEach(async () => {
  service = createFakeService();
  const device = createFakeBrowser();
  fake.browser = device.browser;
  whole = createWholeWorker(() => service);
  await device.browser.storage.local.set({ connection });
  whole.restart();
  await signIn(ADA);
});

/** Somebody pastes their token, and the service has told whose it is. */
async function signIn(person: Principal): Promise<void> {
  const token = `token of ${person.principalId}`;
  await whole.secrets.saveToken(CONNECTION_ID, token, false);
  await whole.secrets.rememberOwner(CONNECTION_ID, await fingerprintOf(token), person);
}

describe('a star', () => {
  const star = (starred: boolean, connectionId = CONNECTION_ID) =>
    whole.send('stars.set', { connectionId, subscriptionId: subscriptionId('a'), starred }, page);
  const starredBy = async (person: Person) => [
    ...(await createStars(whole.open).read({ connectionId: CONNECTION_ID, person })),
  ];

  test('is kept for whoever is signed in, and taken back, and pages hear of both', async () => {
    expect(await star(true)).toEqual({ ok: true, answer: { ok: true } });
    await whole.announced();
    expect(whole.broadcasts).toEqual([{ changed: 'stars' }]);
    await signIn(BEN);
    await star(false);
    expect(await starredBy(ADA)).toEqual(['a']);
    expect(await starredBy(BEN)).toEqual([]);
    await signIn(ADA);
    await star(false);
    expect(await starredBy(ADA)).toEqual([]);
  });

  test('is nobody’s where nobody is signed in, or there is no such connection', async () => {
    const nobody = { ok: true, answer: { ok: false, problem: 'nobodySignedIn' } };
    expect(await star(true, uuid(9))).toEqual(nobody);
    await whole.secrets.forgetToken(CONNECTION_ID);
    expect(await star(true)).toEqual(nobody);
    expect(await starredBy(ADA)).toEqual([]);
  });

  test('is forgotten with its connection', async () => {
    await star(true);
    await whole.send('connection.remove', { connectionId: CONNECTION_ID, abandonOpenChanges: false }, page);
    expect(await starredBy(ADA)).toEqual([]);
  });
});

describe('a list', () => {
  const listedAs = (id: string) => listedOf(aRecord({ subscriptionId: subscriptionId(id) }));
  const ask = async (after: MessageInput<'subscriptions.list'>['after'], connectionId = CONNECTION_ID) => {
    const crossing = await whole.send('subscriptions.list', { connectionId, after }, page);
    if (!crossing.ok || !crossing.answer.ok) throw new Error(JSON.stringify(crossing));
    return crossing.answer;
  };
  const keptFor = async (person: Person) => {
    const ids: string[] = [];
    for await (const { subscriptions } of createKeptLists(whole.open).read({ connectionId: CONNECTION_ID, person }))
      ids.push(...subscriptions.map(({ subscriptionId: id }) => id));
    return ids;
  };

  beforeEach(() => {
    service.list = async (next) =>
      next === null
        ? { subscriptions: [listedAs('a'), listedAs('b')], next: 'second' }
        : { subscriptions: [listedAs('c')], next: null };
  });

  test('is kept page by page for whoever it was shown to', async () => {
    const first = await ask(null);
    expect(first).toMatchObject({ next: 'second', readAs: ADA, place: { page: 0 } });
    await ask({ next: 'second', place: first.place });
    await expect.poll(() => keptFor(ADA)).toEqual(['a', 'b', 'c']);
    expect(await keptFor(BEN)).toEqual([]);
  });

  test('is nobody’s where another person signed in while it was read', async () => {
    const { list } = service;
    service.list = async (...asked) => {
      await signIn(BEN);
      return list(...asked);
    };
    expect(await ask(null)).toMatchObject({ readAs: BEN, place: null });
    expect([await keptFor(ADA), await keptFor(BEN)]).toEqual([[], []]);
  });

  test('is read all the same where it cannot be kept', async () => {
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('No room', 'QuotaExceededError');
    });
    const first = await ask(null);
    expect(first).toMatchObject({ place: null, subscriptions: [{ subscriptionId: 'a' }, { subscriptionId: 'b' }] });
    expect(await ask({ next: 'second', place: first.place })).toMatchObject({ place: null, next: null });
    vi.restoreAllMocks();
  });

  test('is forgotten with its connection', async () => {
    await ask(null);
    await whole.send('connection.remove', { connectionId: CONNECTION_ID, abandonOpenChanges: false }, page);
    expect(await keptFor(ADA)).toEqual([]);
  });

  test('of no connection says so', async () => {
    const crossing = await whole.send('subscriptions.list', { connectionId: uuid(9), after: null }, page);
    expect(crossing).toMatchObject({ answer: { ok: false, failure: { reason: 'notConfigured' } } });
  });
});
