import { aChange } from '../../support/changes';
import { type HandClock, START } from '../../support/clock';
import { aConnection, CONNECTION_ID } from '../../support/connections';
import { LOOKING } from '../../support/history';
import { attached, FOREIGN, OLD, WANTED } from '../../support/partners';
import { SUBSCRIPTION_ID, subscriptionId, TARGET, uuid } from '../../support/targets';
import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError } from '../../../src/backends/backend';
import type { ConfirmWindows } from '../../../src/background/confirm-window';
import type { CreateBackend } from '../../../src/background/connections';
import type { Engine } from '../../../src/background/engine';
import { createBackend } from '../../../src/backends/kinds';
import { markOf } from '../../../src/domain/partner-state';
import { IN_FLIGHT_MS } from '../../../src/domain/change';
import { LONGEST_ADDRESS, partnerIdSchema } from '../../../src/domain/schemas';
import { placeOf } from '../../../src/domain/place';
import type { Connection, EntraConnection } from '../../../src/domain/connection';
import { VISIT_LASTS_MS } from '../../../src/domain/sign-in-visit';
import { type MessageInput, type MessageName, protocol } from '../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { recognise } from '../../../src/portals';
import { readConfirmWindow } from '../../../src/storage/confirm-window';
import type { History } from '../../../src/storage/history';
import { readPlaces } from '../../../src/storage/places';
import { fingerprintOf, handOver, type Principal, type Secrets } from '../../../src/storage/secrets';
import { defaultConnectionOf } from '../../../src/domain/settings';
import { readSettings } from '../../../src/storage/settings';
import { readSignInNotes } from '../../../src/storage/sign-in-notes';
import { testGuid } from '../../azure/directory';
import { MESSAGES } from '../messaging/messages';
import { createFakeBrowser } from '../../support/worker-browser';
import { createFakeService, type FakeService, failed } from '../../support/fake-service';
import { createWholeWorker, type WholeWorker } from '../../support/whole-worker';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const HOUR_MS = 60 * 60_000;
const TOKEN = 'planted-token-7f3a';
const SERVICE_URL = 'https://por.example.com/v1';
const connection = aConnection({ address: SERVICE_URL });

const address = (id: string) => `https://portal.azure.com/#@contoso.com/resource/subscriptions/${id}/overview`;
const OTHER = subscriptionId('5b000000-0000-4000-8000-000000000002');
const page: VerifiedSender = { kind: 'page', tabId: null, page: 'popup' };
const panel: VerifiedSender = { kind: 'portal', tabId: 7, address: address(SUBSCRIPTION_ID) };
const otherPanel: VerifiedSender = { ...panel, address: address(OTHER) };
const homePanel: VerifiedSender = { ...panel, address: 'https://portal.azure.com/#home' };

const ADA = principal('ada', 'Ada');
const BEN = principal('ben', 'Ben');

function principal(principalId: string, name: string): Principal {
  return { kind: 'principal', issuer: SERVICE_URL, principalId, name };
}

let whole: WholeWorker;
let device: ReturnType<typeof createFakeBrowser>;
let service: FakeService;
/** For a look at what is stored, and to store what was before: none of the worker's. */
let history: History;
let secrets: Secrets;
/** The worker's own. */
let engine: Engine;
let confirmWindows: ConfirmWindows;
let clock: HandClock;
/** Makes the backend of whatever is configured; the service in memory unless a test wants a real one. */
let backend: CreateBackend;
/** Starts another worker over what the one before has stored. */
let restart: () => void;
/** The requests that really left: their address, and whom they were signed in as. */
let fetched: { url: string; authorization: string | null }[];

beforeEach(async () => {
  service = createFakeService();
  const own = service;
  backend = () => service;
  device = createFakeBrowser();
  fake.browser = device.browser;
  // A worker of the test before may still be at work.
  whole = createWholeWorker((...made) => (own === service ? backend(...made) : null));
  ({ clock, history, secrets } = whole);
  await storeAs('local', 'connection', connection);
  fetched = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    fetched.push({ url, authorization: new Headers(init.headers).get('authorization') });
    const body = url.endsWith('/health')
      ? { status: 'ok', contract: 1 }
      : { name: 'Ada', principalId: 'ada', organization: 'Contoso' };
    return Response.json(body);
  });
  restart = () => {
    whole.restart();
    ({ engine, confirmWindows } = whole.worker);
  };
  restart();
  await signIn(ADA);
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Somebody pastes their token, and the service has told whose it is. */
async function signIn(person: Principal, connectionId = CONNECTION_ID): Promise<void> {
  service.person = person;
  await secrets.saveToken(connectionId, TOKEN, false);
  await secrets.rememberOwner(connectionId, await fingerprintOf(TOKEN), person);
}

/** From now on the browser has room for nothing more. */
function fillDisk(): void {
  const noRoom = () => {
    throw new DOMException('No room', 'QuotaExceededError');
  };
  vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(noRoom);
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(noRoom);
}

/** Writes it behind the worker’s back; the browser tells of it. */
function storeAs(area: 'local' | 'managed', key: string, value: unknown): Promise<void> {
  return device.browser.storage[area].set({ [key]: value });
}

/** The answer to a message, as it crosses. */
function send<N extends MessageName>(name: N, input: MessageInput<N>, sender: VerifiedSender = page) {
  return whole.send(name, input, sender);
}

const form = {
  name: 'Contoso partners',
  address: SERVICE_URL,
  signIn: 'accessToken',
  token: 'kept',
  remember: false,
} as const;
const save = { ...form, edited: CONNECTION_ID, abandonOpenChanges: false };
const ask = { id: uuid(1), subscriptionId: SUBSCRIPTION_ID, partnerId: WANTED.partnerId as string, seen: '"1"' };

/** Asks for a change that stays open, for the service is busy, or what else comes of it. */
async function leaveOpen(fate = failed('busy')): Promise<void> {
  await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
  await send('partner.check', { partnerId: WANTED.partnerId });
  service.fateOf = async () => fate;
  await send('change.assign', ask);
  await engine.run();
}

describe('A panel', () => {
  const names = Object.keys(protocol) as MessageName[];
  const named = names.filter((name) => {
    const input = Object(MESSAGES[name].input);
    return protocol[name].from.includes('portal') && ('subscriptionId' in input || 'changeId' in input);
  });

  test('names a subscription or a change in these messages, each tried below', () => {
    expect(named).toEqual([
      'subscription.read',
      'subscription.show',
      'subscription.changes',
      'change.assign',
      'change.remove',
      'link.read',
      'link.signIn',
      'change.overwrite',
      'change.undo',
      'change.sendAsMe',
      'change.stop',
      'change.tryNow',
      'change.keep',
      'change.seen',
    ]);
  });

  describe.each(named)('%s', (name) => {
    const { input } = MESSAGES[name];

    test.each([
      ['another subscription’s page', otherPanel],
      ['a page that shows none', homePanel],
      [
        'a portal that was switched off since',
        { ...panel, address: `https://account.azure.com/Subscriptions/Statement?subscriptionId=${SUBSCRIPTION_ID}` },
      ],
    ])('is not allowed on %s, and does nothing', async (_what, sender) => {
      await leaveOpen();
      await storeAs('local', 'portals', { off: ['accountCentre'], own: [] });
      const before = [await history.readChange(uuid(1)), service.requests.length];
      expect(await send(name, input, sender)).toMatchObject({ ok: false, problem: 'notAllowed' });
      await engine.run();
      expect([await history.readChange(uuid(1)), service.requests.length]).toEqual(before);
    });

    test('is allowed on that subscription’s page', async () => {
      await leaveOpen();
      expect(await send(name, input, panel)).toMatchObject({ ok: true });
    });
  });

  test('may not even learn whether a change exists', async () => {
    expect(await send('change.stop', { changeId: uuid(99) }, panel)).toMatchObject({
      ok: false,
      problem: 'notAllowed',
    });
  });

  test('cannot resolve another subscription’s conflict by overwriting it', async () => {
    await send('subscription.read', { subscriptionId: OTHER, anew: true });
    service.write(OTHER, FOREIGN);
    await send('partner.check', { partnerId: WANTED.partnerId });
    await send('change.assign', { ...ask, id: uuid(2), subscriptionId: OTHER }, otherPanel);
    await engine.run();
    expect((await history.readChange(uuid(2)))?.life).toMatchObject({ state: 'conflict', answer: null });
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true }, panel);
    const overwriting = { id: uuid(3), changeId: uuid(2), seen: '"1"' };
    expect(await send('change.overwrite', overwriting, panel)).toMatchObject({ ok: false, problem: 'notAllowed' });
    await engine.run();
    expect((await history.readChange(uuid(2)))?.life).toMatchObject({ state: 'conflict', answer: null });
  });

  test('is put into a tab only where a subscription is shown, by the tab’s address and not by what was sent', async () => {
    await send('page.seen', { address: address(SUBSCRIPTION_ID) }, homePanel);
    expect(device.injected).toEqual([]);
    await send('page.seen', {}, panel);
    const files = ['styles.js', 'common.js', 'panel.js'];
    expect(device.injected).toEqual([{ tabId: 7, files }]);
  });

  describe('whose scripts are on their way', () => {
    const read = (sender = panel) => send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true }, sender);
    const reads = () => service.requests.filter((request) => request === `read ${SUBSCRIPTION_ID}`).length;

    test('has the backend asked already, and its first question is answered with that, later ones are asked anew', async () => {
      await send('page.seen', {}, panel);
      await expect.poll(reads).toBe(1);
      expect(await read()).toMatchObject({ answer: { state: { partnerOfRecord: { partnerId: OLD.partnerId } } } });
      expect(reads()).toBe(1);
      service.write(SUBSCRIPTION_ID, WANTED);
      expect(await read()).toMatchObject({ answer: { state: { partnerOfRecord: { partnerId: WANTED.partnerId } } } });
      expect(reads()).toBe(2);
    });

    test('hears why that read failed', async () => {
      service.fateOfRead = async () => failed('noAnswer');
      await send('page.seen', {}, panel);
      await expect.poll(reads).toBe(1);
      expect(await read()).toMatchObject({ answer: { failure: { reason: 'noAnswer' } } });
      expect(reads()).toBe(1);
    });

    test('has one read ahead of many that its page passes by meanwhile, and spends no more of its limit', async () => {
      const ids = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => subscriptionId(`5b000000-0000-4000-8000-0000000002${n}0`));
      await Promise.all(ids.map((id) => send('page.seen', {}, { ...panel, address: address(id) })));
      await expect.poll(() => service.requests.filter((request) => request.startsWith('read '))).toHaveLength(1);
      expect(await read()).toMatchObject({ answer: { state: { partnerOfRecord: { partnerId: OLD.partnerId } } } });
    });

    test('has nobody asked where its page may not be shown that much without a press', async () => {
      for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const id = subscriptionId(`5b000000-0000-4000-8000-0000000001${n}0`);
        await send('subscription.read', { subscriptionId: id, anew: false }, { ...panel, address: address(id) });
      }
      await send('page.seen', {}, panel);
      expect(await read()).toMatchObject({ answer: { withheld: true } });
      expect(reads()).toBe(0);
    });
  });

  test('learns at its start which subscription is here, if any', async () => {
    expect(await send('panel.start', {}, panel)).toMatchObject({
      answer: { address: address(SUBSCRIPTION_ID), page: { subscriptionId: SUBSCRIPTION_ID } },
    });
    expect(await send('panel.start', {}, homePanel)).toMatchObject({ answer: { page: null } });
  });

  test('is docked as the person left it on that portal, and on no other, also after the worker was killed', async () => {
    const billing: VerifiedSender = { ...panel, address: 'https://billing.example:8443/subscriptions/b-1' };
    await send('portals.save', {
      portals: { off: [], own: ['https://billing.example:8443/subscriptions/:subscriptionId'] },
    });
    const dockOf = async (sender: VerifiedSender) => {
      const started = await send('panel.start', {}, sender);
      return started.ok && started.answer.page?.dock;
    };
    const first = { corner: 'bottom-right', folded: null };
    expect(await dockOf(panel)).toEqual(first);
    await send('panel.dock', { dock: { corner: 'top-left', folded: false } }, panel);
    restart();
    expect(await dockOf(panel)).toEqual({ corner: 'top-left', folded: false });
    expect(await dockOf(billing)).toEqual(first);
    await send('panel.dock', { dock: { corner: 'bottom-left', folded: true } }, billing);
    expect(await dockOf(billing)).toEqual({ corner: 'bottom-left', folded: true });
    expect(await dockOf(panel)).toEqual({ corner: 'top-left', folded: false });
  });

  test('is docked as at first where what was kept cannot be read, and keeps nothing on a page without a panel', async () => {
    await send('panel.dock', { dock: { corner: 'top-left', folded: true } }, panel);
    for (const [key] of device.local) {
      if (key.startsWith('dock ')) device.local.set(key, { corner: 'middle' });
    }
    expect(await send('panel.start', {}, panel)).toMatchObject({
      answer: { page: { dock: { corner: 'bottom-right', folded: null } } },
    });
    const refused = await send('panel.dock', { dock: { corner: 'top-left', folded: true } }, homePanel);
    expect(refused).toMatchObject({ ok: false, problem: 'notAllowed' });
  });

  test('remember in which cloud and tenant they met a subscription', async () => {
    const governmentPage = address(OTHER).replace('portal.azure.com/#@contoso.com', 'portal.azure.us/#@contoso.us');
    await send('panel.start', {}, panel);
    await send('panel.start', {}, { ...panel, address: governmentPage });
    await vi.waitFor(async () => expect((await readPlaces()).met).toHaveLength(2));
    const known = await readPlaces();
    expect(placeOf(SUBSCRIPTION_ID, known)).toEqual({ cloud: 'public', tenant: 'contoso.com' });
    expect(placeOf(OTHER, known)).toEqual({ cloud: 'usGovernment', tenant: 'contoso.us' });
  });
});

test('a subscription that was listed and never opened can be changed', async () => {
  await send('partner.check', { partnerId: WANTED.partnerId });
  const asked = { ...ask, subscriptionId: OTHER };
  expect(await send('change.assign', asked)).toMatchObject({ answer: { ok: true, standing: { changeId: uuid(1) } } });
  service.fateOfRead = async () => failed('noAnswer');
  const unread = { ...ask, id: uuid(2), subscriptionId: '5b000000-0000-4000-8000-000000000003' };
  expect(await send('change.assign', unread)).toMatchObject({ answer: { ok: false, problem: 'neverRead' } });
});

test('a service that does not show the record in time is told of as that, whatever is asked', async () => {
  service.fateOfRead = async () => failed('timedOut');
  const problem = { answer: { ok: false, problem: 'readTimedOut' } };
  const { partnerId: _none, ...removal } = { ...ask, id: uuid(3) };
  expect(await send('change.assign', ask)).toMatchObject(problem);
  expect(await send('change.remove', removal)).toMatchObject(problem);
});

test('where the settings cannot be read, a subscription is not said to have no service', async () => {
  await storeAs('local', 'connection', { ...connection, address: 7 });
  const read = { subscriptionId: SUBSCRIPTION_ID, anew: true };
  expect(await send('subscription.read', read)).toMatchObject({ answer: { source: null, settingsUnread: true } });
  await storeAs('local', 'connection', null);
  expect(await send('subscription.read', read)).not.toMatchObject({ answer: { settingsUnread: true } });
});

describe('Asking for a change', () => {
  beforeEach(async () => {
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    for (const { partnerId } of [WANTED, FOREIGN]) await send('partner.check', { partnerId });
  });

  test('writes down what was asked, from where, and on which page', async () => {
    expect(await send('change.assign', ask, panel)).toMatchObject({
      ok: true,
      answer: { ok: true, standing: { changeId: uuid(1) } },
    });
    expect(await history.readChange(uuid(1))).toMatchObject({
      target: TARGET,
      kind: 'change',
      before: OLD,
      after: WANTED,
      askedFrom: 'panel',
      page: address(SUBSCRIPTION_ID),
      targetName: 'Production',
      person: ADA,
    });
  });

  test('again with the same id is judged by the first request, whatever has become of it', async () => {
    await send('change.assign', ask);
    await engine.run();
    // The partner is there by now: asked anew it would be nothing to change.
    expect(await send('change.assign', ask)).toMatchObject({
      answer: { ok: true, standing: { at: { phase: 'done' } } },
    });
    expect(await send('change.assign', { ...ask, partnerId: FOREIGN.partnerId })).toMatchObject({
      answer: { ok: false, problem: 'idUsedOtherwise' },
    });
    expect(await send('change.assign', { ...ask, subscriptionId: OTHER })).toMatchObject({
      answer: { ok: false, problem: 'idUsedOtherwise' },
    });
    expect(service.effects).toEqual([uuid(1)]);
  });

  test.each([['to the partner that is there already', { partnerId: OLD.partnerId }, 'nothingToChange']])(
    '%s is answered with %s',
    async (_what, other, problem) => {
      expect(await send('change.assign', { ...ask, ...other })).toMatchObject({ answer: { ok: false, problem } });
      expect(await history.readChange(uuid(1))).toBeNull();
    },
  );

  test('while another is open names the open one', async () => {
    service.fateOf = async () => failed('busy');
    await send('change.assign', ask);
    expect(await send('change.assign', { ...ask, id: uuid(2), partnerId: FOREIGN.partnerId })).toMatchObject({
      answer: { ok: false, problem: 'changeOpen', open: { changeId: uuid(1) } },
    });
  });

  test('of a record that there is no room for fails with what is wrong, rather than wait for ever', async () => {
    fillDisk();
    const reading = send('subscription.read', { subscriptionId: OTHER, anew: true });
    await expect(reading).rejects.toMatchObject({ problem: 'full' });
  });

  test('with no room for it says so, and sends nothing', async () => {
    fillDisk();
    expect(await send('change.assign', ask)).toMatchObject({ answer: { ok: false, problem: 'storageFull' } });
    await engine.run();
    expect(service.effects).toEqual([]);
  });

  test('with no connection says so', async () => {
    await device.browser.storage.local.remove('connection');
    expect(await send('change.assign', ask)).toMatchObject({ answer: { ok: false, problem: 'notConfigured' } });
  });

  test('takes the name from the backend alone, and refuses an ID that it has not named', async () => {
    const unknown = { ...ask, partnerId: '777777' };
    expect(await send('change.assign', unknown, panel)).toMatchObject({ answer: { ok: false, problem: 'notChecked' } });
    expect(await history.readChange(uuid(1))).toBeNull();
    await history.addCheck({
      id: uuid(8),
      connectionId: uuid(9),
      partnerId: v.parse(partnerIdSchema, '777777'),
      checkedAt: START,
      outcome: { kind: 'found', partner: { ...WANTED, name: 'Named by another backend' } },
    });
    expect(await send('change.assign', unknown, panel)).toMatchObject({ answer: { ok: false, problem: 'notChecked' } });
    await send('partner.check', { partnerId: '777777' });
    await send('change.assign', unknown, panel);
    expect((await history.readChange(uuid(1)))?.after).toEqual({ partnerId: '777777', name: 'Partner 777777' });
  });

  test('over a record that has changed since the person saw it answers what is known now, and sends nothing', async () => {
    service.write(SUBSCRIPTION_ID, FOREIGN);
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    const removal = { id: uuid(2), subscriptionId: SUBSCRIPTION_ID, seen: '"1"' };
    for (const crossing of [await send('change.assign', ask), await send('change.remove', removal)]) {
      expect(crossing).toMatchObject({
        answer: { ok: false, problem: 'changedSince', view: { state: { partnerOfRecord: FOREIGN, version: '"2"' } } },
      });
    }
    await engine.run();
    expect(service.effects).toEqual([]);
  });

  test('to undo one puts back what it replaced, based on the record of now', async () => {
    await send('change.assign', ask, panel);
    await engine.run();
    const undo = { id: uuid(2), changeId: uuid(1), seen: '"2"' };
    expect(await send('change.undo', { ...undo, seen: '"1"' })).toMatchObject({ answer: { problem: 'changedSince' } });
    expect(await send('change.undo', undo, panel)).toMatchObject({ answer: { ok: true } });
    await engine.run();
    expect(await history.readChange(uuid(2))).toMatchObject({ kind: 'change', before: WANTED, after: OLD });
    expect(service.recordOf(SUBSCRIPTION_ID).partnerOfRecord).toMatchObject(OLD);
    expect(await send('change.undo', { ...undo, id: uuid(3), changeId: uuid(2), seen: '"1"' })).toMatchObject({
      answer: { problem: 'changedSince' },
    });
  });

  test('over what a conflict found replaces that and nothing else', async () => {
    service.write(SUBSCRIPTION_ID, FOREIGN);
    await send('change.assign', ask, panel);
    await engine.run();
    const overwriting = { id: uuid(2), changeId: uuid(1), seen: '"2"' };
    service.write(SUBSCRIPTION_ID, OLD);
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    expect(await send('change.overwrite', overwriting, panel)).toMatchObject({
      answer: { ok: false, problem: 'changedSince', view: { state: { partnerOfRecord: OLD } } },
    });
    expect(await send('change.overwrite', { ...overwriting, seen: '"3"' }, panel)).toMatchObject({
      answer: { ok: true },
    });
    await engine.run();
    expect((await history.readChange(uuid(1)))?.life).toMatchObject({
      answer: { kind: 'resolvedBy', changeId: uuid(2) },
    });
    expect(await history.readChange(uuid(2))).toMatchObject({ before: OLD, after: WANTED, life: { state: 'done' } });
    expect(await send('change.overwrite', { ...overwriting, id: uuid(3), changeId: uuid(2) })).toMatchObject({
      answer: { ok: false, problem: 'notThere' },
    });
  });

  test('on a page with an address beyond measure keeps the change and not the address', async () => {
    const long = `https://portal.azure.com/?${'x'.repeat(LONGEST_ADDRESS)}#resource/subscriptions/${SUBSCRIPTION_ID}`;
    expect(await send('change.assign', ask, { ...panel, address: long })).toMatchObject({ answer: { ok: true } });
    const page = (await history.readChange(uuid(1)))?.page;
    expect(page).toMatch(/^https:\/\/portal\.azure\.com\/#/);
    expect(page).toContain(SUBSCRIPTION_ID);
  });

  test('that is undone in the popup leads to the page on which it was asked for', async () => {
    await send('change.assign', ask, panel);
    await engine.run();
    await send('change.undo', { id: uuid(2), changeId: uuid(1), seen: '"2"' });
    expect(await history.readChange(uuid(2))).toMatchObject({ askedFrom: 'popup', page: panel.address });
  });

  test('that is made in the extension’s own window leads to the subscription’s page in its portal', async () => {
    await send('change.assign', ask);
    const page = (await history.readChange(uuid(1)))?.page ?? '';
    expect(recognise(page, { off: [], own: [] })?.subscriptionId).toBe(SUBSCRIPTION_ID);
  });
});

describe('Another person’s change', () => {
  /** Ada asks, and before it is sent Ben signs in. */
  beforeEach(async () => {
    await leaveOpen();
    await signIn(BEN);
    await engine.note(uuid(1), { type: 'tryNow', at: START });
    await engine.run();
    service.fateOf = async () => 'answered';
  });

  const sendAsMe = (me: string | null, sender: VerifiedSender = panel) =>
    send('change.sendAsMe', { changeId: uuid(1), me }, sender);

  test('is shown with both names, and stays until somebody decides', async () => {
    const view = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false }, panel);
    expect(view).toMatchObject({
      answer: { standing: { at: { phase: 'otherPerson' }, askedBy: 'Ada', me: 'Ben', may: ['sendAsMe', 'discard'] } },
    });
    expect(service.effects).toEqual([]);
  });

  test('leaves as the one who is here once they chose so', async () => {
    expect(await sendAsMe('Ben')).toEqual({ ok: true, answer: { ok: true } });
    await engine.run();
    expect(service.effects).toEqual([uuid(1)]);
    expect(service.senders.get(uuid(1))?.at(-1)).toEqual(BEN);
    expect(await history.readChange(uuid(1))).toMatchObject({ person: ADA, sentAs: BEN });
  });

  test('does not leave as somebody whose name the person did not see', async () => {
    for (const me of ['Cem', null]) expect(await sendAsMe(me)).toMatchObject({ answer: { ok: false } });
    await engine.run();
    expect(service.effects).toEqual([]);
  });

  test('does not leave when the person is another by the time the service tells', async () => {
    service.sender = async () => ADA;
    expect(await sendAsMe('Ben')).toMatchObject({ answer: { ok: false } });
    await engine.run();
    expect(service.effects).toEqual([]);
  });

  test('goes on as its own when who asked signs in again', async () => {
    await signIn(ADA);
    await send('connection.save', save);
    await engine.run();
    expect(service.senders.get(uuid(1))?.at(-1)).toEqual(ADA);
  });
});

describe('Checking a partner', () => {
  test.each([
    ['found', async () => ({ partner: WANTED }), { kind: 'found', partner: WANTED }],
    [
      'not found',
      () => Promise.reject(new BackendError({ reason: 'refused', status: 404, code: 'PartnerNotFound' })),
      { kind: 'unknownPartner' },
    ],
    [
      'not answered',
      () => Promise.reject(new BackendError({ reason: 'noAnswer' })),
      { kind: 'failed', failure: { reason: 'noAnswer' } },
    ],
    [
      'a 404 of something else',
      () => Promise.reject(new BackendError({ reason: 'refused', status: 404 })),
      { kind: 'failed', failure: { reason: 'refused', status: 404 } },
    ],
  ] as const)('%s is answered and written into the history', async (_what, checkPartner, outcome) => {
    service.checkPartner = checkPartner;
    expect(await send('partner.check', { partnerId: '200002' })).toEqual({ ok: true, answer: outcome });
    expect((await history.latestCheck(CONNECTION_ID, WANTED.partnerId))?.outcome).toEqual(outcome);
  });

  test('is answered even when there is no room to write it', async () => {
    fillDisk();
    expect(await send('partner.check', { partnerId: '200002' })).toMatchObject({ ok: true, answer: { kind: 'found' } });
  });
});

describe('Saving the connection', () => {
  const elsewhere = { ...save, address: 'https://elsewhere.example/v1' };

  test('with another address asks first while changes are open, and alters nothing until then', async () => {
    await leaveOpen();
    expect(await send('connection.save', elsewhere)).toEqual({
      ok: true,
      answer: { ok: false, problem: 'openChanges', count: 1 },
    });
    expect(defaultConnectionOf(await readSettings())).toEqual(connection);
    expect((await history.readChange(uuid(1)))?.life.state).toBe('waiting');
  });

  test('then ends them, so that none ever reaches the new address, and makes a new connection', async () => {
    await leaveOpen();
    service.fateOf = async () => 'answered';
    await send('connection.save', { ...elsewhere, abandonOpenChanges: true });
    await engine.run();
    const saved = defaultConnectionOf(await readSettings());
    expect(saved).toMatchObject({ address: elsewhere.address });
    expect(saved?.id).not.toBe(CONNECTION_ID);
    expect((await history.readChange(uuid(1)))?.life).toMatchObject({
      // The service was busy each time: nothing of it can have taken effect.
      state: 'cancelled',
    });
    expect(service.effects).toEqual([]);
  });

  test('after the settings were lost asks about what waits for the connection of before, and ends it only then', async () => {
    await leaveOpen();
    await device.browser.storage.local.remove('connection');
    await engine.note(uuid(1), { type: 'tryNow', at: START });
    await engine.run();
    expect((await history.readChange(uuid(1)))?.life).toMatchObject({ state: 'waiting', for: 'connection' });
    expect(await send('connection.save', elsewhere)).toMatchObject({ answer: { problem: 'openChanges', count: 1 } });
    expect((await history.readChange(uuid(1)))?.life.state).toBe('waiting');
    await send('connection.save', { ...elsewhere, abandonOpenChanges: true });
    expect((await history.readChange(uuid(1)))?.life.state).toBe('cancelled');
  });

  test('with another address keeps no token of the one before', async () => {
    await secrets.saveToken(CONNECTION_ID, TOKEN, true);
    await send('connection.save', elsewhere);
    const id = defaultConnectionOf(await readSettings())?.id ?? '';
    expect([await secrets.readToken(CONNECTION_ID), await secrets.readToken(id)]).toEqual([null, null]);
  });

  test('with the same address keeps the connection, its changes and its token, and goes on with what waited for it', async () => {
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    service.fateOf = async () => failed('signInNeeded');
    await send('partner.check', { partnerId: WANTED.partnerId });
    await send('change.assign', ask);
    await engine.run();
    service.fateOf = async () => 'answered';
    expect(await send('connection.save', save)).toEqual({ ok: true, answer: { ok: true } });
    await engine.run();
    expect(defaultConnectionOf(await readSettings())).toEqual(connection);
    expect(await secrets.readToken(CONNECTION_ID)).toBe(TOKEN);
    expect((await history.readChange(uuid(1)))?.life.state).toBe('done');
  });

  test('without sign-in forgets the token', async () => {
    await secrets.saveToken(CONNECTION_ID, TOKEN, true);
    await send('connection.save', { ...save, signIn: 'none' });
    expect(await secrets.readToken(CONNECTION_ID)).toBeNull();
  });

  test('with another identity provider, or none, keeps nothing of the one before', async () => {
    const provider = { signIn: 'openIdConnect', issuer: 'https://login.example.com', clientId: 'helper' } as const;
    const signedIn = { ...connection, ...provider, staySignedIn: true, scopes: null, sendResource: false };
    const tokens = {
      access: { token: TOKEN, since: 0, lastsMs: null },
      refreshToken: 'refresh',
      person: { kind: 'openIdConnect', issuer: provider.issuer, sub: 'ada', name: 'Ada' },
      idToken: null,
      loginHint: null,
    } as const;
    for (const next of [
      { ...provider, clientId: 'another' },
      { ...provider, issuer: 'https://login.example.org' },
      { signIn: 'none' } as const,
    ]) {
      await send('connection.save', { ...save, ...provider, staySignedIn: true });
      await secrets.saveTokens(signedIn, tokens);
      await send('connection.save', { ...save, ...provider, staySignedIn: true });
      expect(await secrets.readTokens(signedIn)).toEqual(tokens);
      await send('connection.save', { ...save, ...next });
      await vi.waitFor(async () => expect(await secrets.readTokens(signedIn)).toBeNull());
    }
  });

  describe('to Azure', () => {
    const form = {
      ...save,
      kind: 'azurePal',
      address: 'https://management.azure.com',
      signIn: 'entra',
      clientId: testGuid('f', 1),
      staySignedIn: true,
      edited: null,
      abandonOpenChanges: true,
    } as const;
    const ada = { user: 'u.t', homeTenant: 't', username: 'ada', name: 'Ada', refreshToken: 'r', trouble: null };

    async function signedIn(): Promise<EntraConnection> {
      await send('connection.save', form);
      const azure = (await readSettings()).connections.find(({ signIn }) => signIn === 'entra');
      if (azure?.signIn !== 'entra') throw new Error('It was not saved');
      const tokens = { access: null, claims: null, trouble: null };
      await secrets.saveAccount(azure, ada, { tenant: 't', tokens });
      return azure;
    }

    test('keeps the accounts, on this device or not as it says by now', async () => {
      const azure = await signedIn();
      await send('connection.save', { ...form, edited: azure.id, staySignedIn: false });
      expect(await secrets.readAccounts(azure)).toEqual([ada]);
      await device.browser.storage.session.remove(`entraAccounts ${azure.id}`);
      expect(await secrets.readAccounts(azure)).toEqual([]);
    });

    test('with another application forgets the accounts of the one before, and so does its removal', async () => {
      const azure = await signedIn();
      await send('connection.save', { ...form, edited: azure.id, clientId: testGuid('f', 2) });
      expect(await secrets.readAccounts(azure)).toEqual([]);
      const again = await signedIn();
      await send('connection.remove', { connectionId: again.id, abandonOpenChanges: true });
      expect(await secrets.readAccounts(again)).toEqual([]);
    });
  });

  describe('what the provider is asked for', () => {
    const scopes = ['openid', 'api://service/access'];
    const provider = { signIn: 'openIdConnect', issuer: 'https://login.example.com', clientId: 'helper' } as const;

    test('is pinned with the connection on Save, and later by the person alone', async () => {
      await send('connection.save', { ...save, ...provider, scopes });
      expect(defaultConnectionOf(await readSettings())).toMatchObject({ scopes });
      await send('scopes.agree', { scopes: [...scopes, 'more'] });
      expect(defaultConnectionOf(await readSettings())).toMatchObject({ ...provider, scopes: [...scopes, 'more'] });
    });

    test('is not decided in settings of before', async () => {
      await storeAs('local', 'connection', { ...connection, ...provider });
      expect(defaultConnectionOf(await readSettings())).toMatchObject({
        ...provider,
        scopes: null,
        sendResource: false,
      });
    });

    test('where policy sets the connection and leaves it open, is noted beside it', async () => {
      await storeAs('managed', 'connection', { serviceUrl: SERVICE_URL, ...provider });
      await send('scopes.agree', { scopes });
      const present = defaultConnectionOf(await readSettings());
      if (present?.signIn !== 'openIdConnect') throw new Error('Not what policy set');
      expect(present.scopes).toBeNull();
      expect(await readSignInNotes(present)).toMatchObject({ scopes });
      expect(device.local.get('connection')).toEqual(connection);
    });

    test('is agreed to by pages alone', async () => {
      await send('connection.save', { ...save, ...provider, scopes });
      await expect(send('scopes.agree', { scopes: ['more'] }, panel)).resolves.toMatchObject({ ok: false });
      expect(defaultConnectionOf(await readSettings())).toMatchObject({ scopes });
    });
  });

  test('takes the token that was typed, once', async () => {
    await handOver(TOKEN);
    await send('connection.save', { ...save, token: 'typed' });
    expect(await secrets.readToken(CONNECTION_ID)).toBe(TOKEN);
    expect(await secrets.takeHandedOver()).toBeNull();
  });
});

describe('Testing the connection', () => {
  beforeEach(() => {
    backend = createBackend;
  });

  test('goes through its steps with the token that is kept', async () => {
    await secrets.saveToken(CONNECTION_ID, TOKEN, false);
    expect(await send('connection.test', form)).toEqual({
      ok: true,
      answer: [
        { step: 'reachable', ok: true },
        { step: 'contract', ok: true, version: 1 },
        { step: 'signedIn', ok: true, name: 'Ada', organization: 'Contoso' },
      ],
    });
    expect(fetched).toEqual([
      { url: `${SERVICE_URL}/health`, authorization: null },
      { url: `${SERVICE_URL}/me`, authorization: `Bearer ${TOKEN}` },
    ]);
  });

  test.each([
    'https://elsewhere.example/v1',
    'https://por.example.com/v2',
    'https://por.example.com',
    'https://por.example.com.evil.example/v1',
  ])('never sends the kept token to another address: %s', async (address) => {
    await secrets.saveToken(CONNECTION_ID, TOKEN, true);
    const crossing = await send('connection.test', { ...form, address });
    expect(fetched.map(({ authorization }) => authorization)).toEqual([null]);
    expect(crossing).toMatchObject({
      answer: [{ ok: true }, { ok: true }, { ok: false, failure: { reason: 'signInNeeded' } }],
    });
  });

  test('tries the token that was typed and leaves it for Save', async () => {
    await handOver(TOKEN);
    await send('connection.test', { ...form, token: 'typed', address: 'https://elsewhere.example/v1' });
    expect(fetched.at(-1)?.authorization).toBe(`Bearer ${TOKEN}`);
    expect(await secrets.takeHandedOver()).toBe(TOKEN);
  });

  test('tells by how much our clock is ahead of the service’s, where it has to be set', async () => {
    const answeredAt = (at: number) =>
      vi.stubGlobal('fetch', async () =>
        Response.json({ status: 'ok', contract: 2 }, { headers: { date: new Date(at).toUTCString() } }),
      );
    answeredAt(clock.now() + 2 * 3_600_000);
    expect(await send('connection.test', form)).toMatchObject({ answer: [{ ok: true, aheadMs: -7_200_000 }, {}] });
    answeredAt(clock.now() + 60_000);
    expect(JSON.stringify(await send('connection.test', form))).not.toContain('aheadMs');
  });

  test('of another version of the contract stops there', async () => {
    vi.stubGlobal('fetch', async () => Response.json({ status: 'ok', contract: 2 }));
    expect(await send('connection.test', form)).toMatchObject({
      answer: [
        { step: 'reachable', ok: true },
        {
          step: 'contract',
          ok: false,
          failure: { detail: { code: 'otherVersion', version: 2, own: 1 } },
        },
      ],
    });
  });
});

describe('“Sign in” where an access token is wanted', () => {
  beforeEach(() => secrets.forgetToken(CONNECTION_ID));

  test.each([
    ['the panel', panel, { tabId: 7, popup: false }],
    ['a page in a tab', { kind: 'page', tabId: 9, page: 'options' }, { tabId: 9, popup: false }],
    ['the popup', page, { tabId: 3, popup: true }],
  ] as const)(
    'leads from %s to the options, which learn once why and where to go back to',
    async (_where, from, back) => {
      expect(await send('signIn.start', { another: false }, from)).toEqual({ ok: true, answer: 'optionsOpened' });
      expect(device.opened).toEqual(['options']);
      expect(await send('signIn.visit', {})).toEqual({ ok: true, answer: { why: 'notSignedIn', at: START, ...back } });
      expect(await send('signIn.visit', {})).toEqual({ ok: true, answer: null });
    },
  );

  test('leads there six times a minute from portals, as Open options does; pages are not counted', async () => {
    for (const name of ['signIn.start', 'options.open'] as const) {
      for (let count = 0; count < 4; count += 1) await send(name, { another: false }, panel);
    }
    expect(device.opened).toHaveLength(6);
    for (const name of ['signIn.start', 'options.open'] as const) {
      expect(await send(name, { another: false }, panel)).toEqual({ ok: true, answer: 'tooMany' });
    }
    await send('options.open', {}, page);
    expect(device.opened).toHaveLength(7);
    clock.moveTo(START + 60_000);
    await send('options.open', {}, panel);
    expect(device.opened).toHaveLength(8);
  });

  test('says that the token was refused where one is held', async () => {
    await secrets.saveToken(CONNECTION_ID, TOKEN, false);
    await send('signIn.start', { another: false }, panel);
    expect(await send('signIn.visit', {})).toMatchObject({ answer: { why: 'refused' } });
  });

  test('says nothing any more to who comes to the options by themselves a quarter of an hour later', async () => {
    await send('signIn.start', { another: false }, panel);
    clock.moveTo(START + VISIT_LASTS_MS);
    expect(await send('signIn.visit', {})).toEqual({ ok: true, answer: null });
  });

  test('is not told to a panel', async () => {
    await send('signIn.start', { another: false }, panel);
    expect(await send('signIn.visit', {}, panel)).toMatchObject({ ok: false, problem: 'notAllowed' });
  });
});

test('no answer to any message holds the token, nor do history and settings', async () => {
  await handOver(TOKEN);
  await send('connection.save', { ...save, token: 'typed', remember: true });
  await leaveOpen();
  const answers: unknown[] = [];
  for (const name of Object.keys(MESSAGES) as MessageName[]) {
    const sender = MESSAGES[name].from[0] === 'portal' ? panel : page;
    answers.push(await send(name, MESSAGES[name].input, sender));
  }
  const rows: unknown[] = [];
  for await (const row of history.all({}, LOOKING)) rows.push(row);
  expect(answers).toHaveLength(Object.keys(protocol).length);
  expect(JSON.stringify([answers, rows, [...device.local]])).not.toContain(TOKEN);
});

describe('What is known of a subscription', () => {
  test('a read that hangs at the address before is not what the new connection answers', async () => {
    let release = (): void => undefined;
    service.fateOfRead = () =>
      new Promise((resolve) => {
        release = () => resolve(failed('timedOut'));
      });
    const before = send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await vi.waitFor(() => expect(service.requests).toHaveLength(1));
    await send('connection.save', { ...save, name: 'Elsewhere', address: 'https://elsewhere.example/v1' });
    service.fateOfRead = async () => 'answered';
    const after = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    expect(after).toMatchObject({ answer: { source: 'Elsewhere', failure: null, state: { version: '"1"' } } });
    release();
    expect(await before).toMatchObject({ answer: { source: 'Elsewhere', failure: null } });
  });

  test('a partner that changed between two reads was changed elsewhere, and is a row of the history', async () => {
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    service.write(SUBSCRIPTION_ID, FOREIGN);
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    const { entries } = await history.page({}, null, 10, LOOKING);
    expect(entries).toMatchObject([{ type: 'foreign', foreign: { before: OLD, after: attached(FOREIGN) } }]);
  });

  describe('a change made elsewhere is one row', () => {
    const read = () => send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    const isTold = async () => {
      const { entries } = await history.page({}, null, 10, LOOKING);
      expect(entries).toMatchObject([{ type: 'foreign', foreign: { before: OLD, after: attached(FOREIGN) } }]);
    };
    /** The next write to that store does not come to its end. */
    const failNext = (store: string, method: 'add' | 'put', fail: (transaction: IDBTransaction) => never) => {
      const original = IDBObjectStore.prototype[method];
      const spy = vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
        this: IDBObjectStore,
        ...row
      ) {
        if (this.name !== store) return original.apply(this, row);
        spy.mockRestore();
        return fail(this.transaction);
      });
    };
    const die = (transaction: IDBTransaction): never => {
      transaction.abort();
      throw new DOMException('The worker has ended', 'AbortError');
    };
    const haveNoRoom = (): never => {
      throw new DOMException('full', 'QuotaExceededError');
    };

    beforeEach(async () => {
      await read();
      service.write(SUBSCRIPTION_ID, FOREIGN);
    });

    test.each([
      ['ends before it has kept what it saw', 'snapshots', 'put', die],
      ['ends before it has written the row', 'rows', 'add', die],
      ['has no room for what it saw', 'snapshots', 'put', haveNoRoom],
      ['has no room for the row', 'rows', 'add', haveNoRoom],
    ] as const)('though the worker %s, and the next one reads again', async (_what, store, method, fail) => {
      failNext(store, method, fail);
      await expect(read()).rejects.toThrow();
      restart();
      await read();
      await isTold();
    });

    test('though the worker had no room for it, and reads again itself', async () => {
      failNext('rows', 'add', haveNoRoom);
      await expect(read()).rejects.toThrow();
      await read();
      await isTold();
    });
  });

  test.each([
    ['set ahead a day and put right', 24 * HOUR_MS, -24 * HOUR_MS],
    ['put back a day', 0, -24 * HOUR_MS],
    ['put back and put right', -24 * HOUR_MS, 24 * HOUR_MS],
  ])('a newer partner is shown, and told once, with a clock that was %s', async (_what, first, then) => {
    const read = () => send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    clock.setBy(first);
    await read();
    clock.setBy(then);
    service.write(SUBSCRIPTION_ID, FOREIGN);
    const shown = { answer: { state: { partnerOfRecord: attached(FOREIGN) } } };
    expect(await read()).toMatchObject(shown);
    expect(await read()).toMatchObject(shown);
    restart();
    expect(await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false })).toMatchObject(shown);
    expect(await read()).toMatchObject(shown);
    const { entries } = await history.page({}, null, 10, LOOKING);
    expect(entries).toMatchObject([{ type: 'foreign', foreign: { before: OLD, after: attached(FOREIGN) } }]);
  });

  test('of two reads the one sent later counts, though it is answered first', async () => {
    const read = () => send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await leaveOpen(failed('noAnswer'));
    await send('change.stop', { changeId: uuid(1) });
    // Once nothing of it can be under way any more, the engine looks how it ended; that answer is slow.
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { read: atOnce } = service;
    service.read = async (...args) => {
      const state = await atOnce(...args);
      await held;
      return state;
    };
    const before = service.requests.length;
    clock.moveTo(START + IN_FLIGHT_MS);
    await vi.waitFor(() => expect(service.requests).toHaveLength(before + 1));
    service.read = atOnce;
    service.write(SUBSCRIPTION_ID, FOREIGN);
    clock.setBy(-24 * HOUR_MS);
    await read();
    clock.setBy(48 * HOUR_MS);
    release();
    await engine.run();
    expect((await history.readChange(uuid(1)))?.life.state).toBe('cancelled');
    expect(await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false })).toMatchObject({
      answer: { state: { partnerOfRecord: attached(FOREIGN) } },
    });
  });

  /** Holds every read that is sent from now on, until it is released. */
  function holdReads(): () => void {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { fateOfRead } = service;
    service.fateOfRead = async (id) => {
      await held;
      return fateOfRead(id);
    };
    return release;
  }

  const readAnew = () => send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
  const readKnown = () => send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false });

  /** The change takes effect, but its answer is lost; then somebody else puts another partner in its place. */
  async function loseAnswerAndReplace(): Promise<void> {
    await readAnew();
    await send('partner.check', { partnerId: WANTED.partnerId });
    service.fateOf = async () => 'answerLost';
    await send('change.assign', ask);
    await engine.run();
    service.fateOf = async () => 'answered';
    service.write(SUBSCRIPTION_ID, FOREIGN);
  }

  test('what replaced a change since is shown once its lost answer comes again, though a read was under way before that', async () => {
    await loseAnswerAndReplace();
    const { fateOfRead } = service;
    const release = holdReads();
    const before = readAnew();
    await vi.waitFor(() => expect(service.requests.at(-1)).toMatch(/^read/));
    service.fateOfRead = fateOfRead;
    await send('change.tryNow', { changeId: ask.id });
    await engine.run();
    release();
    await before;
    await vi.waitFor(async () =>
      expect(await readKnown()).toMatchObject({
        answer: { standing: { at: { phase: 'done' } }, state: { partnerOfRecord: attached(FOREIGN) } },
      }),
    );
  });

  test('what was read since a change took effect stays shown when its lost answer comes again, until it is read anew', async () => {
    await loseAnswerAndReplace();
    const shown = (partner: typeof OLD) => ({ answer: { state: { partnerOfRecord: attached(partner) } } });
    expect(await readAnew()).toMatchObject(shown(FOREIGN));
    const release = holdReads();
    await send('change.tryNow', { changeId: ask.id });
    await engine.run();
    const known = await readKnown();
    expect(known).toMatchObject({ answer: { standing: { at: { phase: 'done', outcome: { version: '"2"' } } } } });
    expect(known).toMatchObject(shown(FOREIGN));
    service.write(SUBSCRIPTION_ID, OLD);
    release();
    await vi.waitFor(async () => expect(await readKnown()).toMatchObject(shown(OLD)));
    const { entries } = await history.page({ kind: 'foreign' }, null, 10, LOOKING);
    expect(entries).toMatchObject([{ foreign: { before: WANTED, after: attached(OLD) } }]);
  });

  test('a second lost answer that comes again shows what it led to, though no read after the first one worked', async () => {
    await loseAnswerAndReplace();
    await readAnew();
    await send('partner.check', { partnerId: OLD.partnerId });
    service.fateOfRead = async () => failed('noAnswer');
    await send('change.tryNow', { changeId: ask.id });
    await engine.run();
    const known = await readKnown();
    if (!known.ok || known.answer.state === null) throw new Error('Nothing is shown');
    const second = { id: uuid(77), subscriptionId: SUBSCRIPTION_ID, partnerId: OLD.partnerId };
    service.fateOf = async () => 'answerLost';
    await send('change.assign', { ...second, seen: markOf(known.answer.state) });
    await engine.run();
    service.fateOf = async () => 'answered';
    await send('change.tryNow', { changeId: second.id });
    await engine.run();
    expect(await readKnown()).toMatchObject({ answer: { state: { partnerOfRecord: attached(OLD) } } });
  });

  test('a read that failed says nothing against what was kept after it was sent', async () => {
    await readAnew();
    await send('partner.check', { partnerId: WANTED.partnerId });
    const release = holdReads();
    const { fateOfRead } = service;
    service.fateOfRead = async (id) => {
      await fateOfRead(id);
      return failed('noAnswer');
    };
    const before = readAnew();
    await vi.waitFor(() => expect(service.requests.at(-1)).toMatch(/^read/));
    await send('change.assign', ask);
    await engine.run();
    release();
    expect(await before).toMatchObject({ answer: { failure: null, state: { partnerOfRecord: attached(WANTED) } } });
  });

  test('what is kept once there is room again counts as newer than what found none', async () => {
    await readAnew();
    fillDisk();
    for (let times = 0; times < 3; times += 1) await expect(readAnew()).rejects.toThrow();
    const shown = await readKnown();
    vi.restoreAllMocks();
    const after = await readAnew();
    expect(after.ok && shown.ok && after.answer.order > shown.answer.order).toBe(true);
  });

  test('a change made elsewhere that two saw at once is one row, though what was seen before found no room', async () => {
    await secrets.forgetToken(CONNECTION_ID);
    fillDisk();
    await expect(readAnew()).rejects.toThrow();
    vi.restoreAllMocks();
    service.write(SUBSCRIPTION_ID, FOREIGN);
    const release = holdReads();
    const one = readAnew();
    await vi.waitFor(() => expect(service.requests).toHaveLength(2));
    await signIn(ADA);
    const other = readAnew();
    await vi.waitFor(() => expect(service.requests).toHaveLength(3));
    release();
    await Promise.all([one, other]);
    const { entries } = await history.page({}, null, 10, LOOKING);
    expect(entries).toMatchObject([{ type: 'foreign', foreign: { before: OLD, after: attached(FOREIGN) } }]);
  });

  test('a change of ours is not', async () => {
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await send('partner.check', { partnerId: WANTED.partnerId });
    await send('change.assign', ask);
    await engine.run();
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    const { entries } = await history.page({}, null, 10, LOOKING);
    expect(entries.map(({ type }) => type).toSorted()).toEqual(['change', 'check']);
  });

  test.each([
    ['the newest', []],
    ['one before a refused one', [new BackendError({ reason: 'refused', status: 422 })]],
  ] as const)('nor is one whose outcome found no room before the worker ended: %s', async (_which, fates) => {
    await readAnew();
    await send('partner.check', { partnerId: WANTED.partnerId });
    const { put } = IDBObjectStore.prototype;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...row) {
      if (this.name === 'snapshots') throw new DOMException('No room', 'QuotaExceededError');
      return put.apply(this, row);
    });
    await send('change.assign', ask);
    await engine.run();
    for (const fate of fates) {
      service.fateOf = async () => fate;
      const seen = service.recordOf(SUBSCRIPTION_ID).etag;
      await send('change.remove', { id: uuid(99), subscriptionId: SUBSCRIPTION_ID, seen });
      await engine.run();
    }
    vi.restoreAllMocks();
    restart();
    expect(await readAnew()).toMatchObject({ answer: { state: { partnerOfRecord: attached(WANTED) } } });
    const { entries } = await history.page({}, null, 10, LOOKING);
    expect(entries.map(({ type }) => type).toSorted()).toEqual(['change', ...fates.map(() => 'change'), 'check']);
  });

  test('a failed read is part of the view, beside the record read before', async () => {
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    service.fateOfRead = async () => failed('noAnswer');
    expect(await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true })).toMatchObject({
      answer: { state: { version: '"1"' }, readAt: START, failure: { reason: 'noAnswer' } },
    });
  });

  test('a change of a connection that was left is not shown as this one’s', async () => {
    await history.insertChange(aChange({ target: { ...TARGET, connectionId: uuid(50) } }), null);
    expect(await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false })).toMatchObject({
      answer: { standing: null },
    });
  });
});

describe('Whom to ask', () => {
  const told = 'help@contoso.example';
  const isTold = () =>
    vi.waitFor(async () => expect(await send('support.read', {})).toEqual({ ok: true, answer: told }));

  test('is asked of the service at the first look, and stands in every view then, for pages and panels alike', async () => {
    expect(await send('support.read', {})).toEqual({ ok: true, answer: null });
    const read = { subscriptionId: SUBSCRIPTION_ID, anew: true };
    await send('subscription.read', read);
    await isTold();
    for (const sender of [page, panel]) {
      expect(await send('subscription.read', read, sender)).toMatchObject({ answer: { support: told } });
    }
  });

  test('goes with the connection that it was said of', async () => {
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await isTold();
    await send('connection.save', { ...save, address: 'https://elsewhere.example/v1' });
    expect(await send('support.read', {})).toEqual({ ok: true, answer: null });
    expect([...device.local.keys()].filter((key) => key.startsWith('support'))).toEqual([]);
  });

  test('is asked wherever the service answered the person, though it refused', async () => {
    const asked = vi.spyOn(service, 'whoAmI');
    const read = () => send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    for (const fate of [failed('noAnswer'), failed('signInNeeded'), failed('refused')]) {
      service.fateOfRead = async () => fate;
      await read();
    }
    expect(asked).not.toHaveBeenCalled();
    service.fateOfRead = async () => new BackendError({ reason: 'refused', status: 404, code: 'SubscriptionNotFound' });
    await read();
    await isTold();
    expect(asked).toHaveBeenCalledOnce();
  });
});

describe('The log of a subscription', () => {
  const entry = { kind: 'assign', before: null, after: OLD, at: '2026-01-02T03:04:05Z', by: 'Grace' } as const;

  test('is read from the service at that moment, for a page and for the panel of that subscription', async () => {
    service.log = [entry];
    for (const sender of [page, panel]) {
      expect(await send('subscription.changes', { subscriptionId: SUBSCRIPTION_ID }, sender)).toEqual({
        ok: true,
        answer: { ok: true, changes: [entry], more: false, readAt: START },
      });
    }
    expect(service.requests).toEqual([`changes ${SUBSCRIPTION_ID}`, `changes ${SUBSCRIPTION_ID}`]);
  });

  test('is a failure in the answer when the service does not tell it', async () => {
    service.fateOfRead = async () => failed('noAnswer');
    expect(await send('subscription.changes', { subscriptionId: SUBSCRIPTION_ID })).toEqual({
      ok: true,
      answer: { ok: false, failure: { reason: 'noAnswer' } },
    });
  });

  test('is a failure in the answer while nothing is configured', async () => {
    await device.browser.storage.local.remove('connection');
    expect(await send('subscription.changes', { subscriptionId: SUBSCRIPTION_ID })).toEqual({
      ok: true,
      answer: { ok: false, failure: { reason: 'notConfigured' } },
    });
  });
});

describe('A connection of a kind that this version does not know', () => {
  const unknown = { failure: { reason: 'kindUnknown' } };

  test('is no missing one: what is asked of it says so, by its name, and nothing leaves', async () => {
    backend = () => null;
    for (const sender of [page, panel]) {
      for (const anew of [false, true]) {
        const read = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew }, sender);
        expect(read).toMatchObject({ answer: { source: connection.name, state: null, can: null, ...unknown } });
      }
      const checked = await send('partner.check', { partnerId: WANTED.partnerId }, sender);
      expect(checked).toMatchObject({ answer: { kind: 'failed', ...unknown } });
      const log = await send('subscription.changes', { subscriptionId: SUBSCRIPTION_ID }, sender);
      expect(log).toMatchObject({ answer: { ok: false, ...unknown } });
    }
    const listed = await send('subscriptions.list', { connectionId: CONNECTION_ID, after: null });
    expect(listed).toMatchObject({ answer: { ok: false, ...unknown } });
    expect([service.requests, fetched]).toEqual([[], []]);
  });
});

describe('A panel that is led through subscriptions', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      subscriptionId(`5c000000-0000-4000-8000-${String(index).padStart(12, '0')}`),
    );
  const on = (id: string, tabId = 7): VerifiedSender => ({ kind: 'portal', tabId, address: address(id) });
  const isWithheld = (crossing: unknown) => JSON.stringify(crossing).includes('"withheld":true');
  const withheldNothingElse = (id: string) => ({
    ok: true,
    answer: {
      subscriptionId: id,
      source: null,
      state: null,
      readAt: null,
      order: 0,
      failure: null,
      can: null,
      standing: null,
      changeOrder: 0,
      support: null,
      withheld: true,
    },
  });

  test('gets eight of them, also when all are asked for at once, and the service hears of no more', async () => {
    const ids = many(18);
    const answers = await Promise.all(
      ids.flatMap((id) => [false, true].map((anew) => send('subscription.read', { subscriptionId: id, anew }, on(id)))),
    );
    // The two of one subscription go together.
    expect(answers.map(isWithheld)).toEqual(ids.flatMap((_, index) => [index >= 8, index >= 8]));
    expect(answers.at(-1)).toEqual(withheldNothingElse(ids[17] ?? ''));
    expect(service.requests).toHaveLength(8);
  });

  test('gets no more after the worker was killed, from a snapshot as little as from the service', async () => {
    const ids = many(9);
    for (const id of ids) await send('subscription.read', { subscriptionId: id, anew: true });
    for (const id of ids.slice(0, 8)) await send('subscription.read', { subscriptionId: id, anew: false }, on(id));
    restart();
    const [last = ''] = ids.slice(8);
    for (const anew of [false, true]) {
      expect(await send('subscription.read', { subscriptionId: last, anew }, on(last))).toEqual(
        withheldNothingElse(last),
      );
    }
    expect(service.requests).toHaveLength(9);
  });

  test('learns nothing of a withheld one by asking for a change of it, right or wrong', async () => {
    const ids = many(9);
    for (const id of ids) await send('subscription.read', { subscriptionId: id, anew: true });
    for (const id of ids.slice(0, 8)) await send('subscription.read', { subscriptionId: id, anew: false }, on(id));
    const last = subscriptionId(ids[8] ?? '');
    const held = { ok: true, answer: { ok: false, problem: 'confirmInExtension' } };
    for (const seen of ['"1"', '"2"']) {
      const asked = { id: uuid(50), subscriptionId: last, seen };
      for (const { partnerId } of [WANTED, OLD]) {
        expect(await send('change.assign', { ...asked, partnerId }, on(last))).toEqual(held);
      }
      expect(await send('change.remove', asked, on(last))).toEqual(held);
    }
    expect(await history.openChanges()).toEqual([]);
  });

  test('shows the next one at a press, and then reads it as often as it likes', async () => {
    const ids = many(9);
    for (const id of ids) await send('subscription.read', { subscriptionId: id, anew: true }, on(id));
    const last = subscriptionId(ids[8] ?? '');
    expect(await send('subscription.show', { subscriptionId: last }, on(last))).toMatchObject({
      answer: { subscriptionId: last, source: 'Contoso partners' },
    });
    for (let times = 0; times < 20; times += 1) {
      const read = await send('subscription.read', { subscriptionId: last, anew: true }, on(last));
      expect(read).toMatchObject({ answer: { subscriptionId: last, state: { version: '"1"' } } });
    }
  });

  test('gets no log of a withheld one, and the service is not asked for it', async () => {
    const ids = many(9);
    for (const id of ids.slice(0, 8)) await send('subscription.changes', { subscriptionId: id }, on(id));
    const last = subscriptionId(ids[8] ?? '');
    expect(await send('subscription.changes', { subscriptionId: last }, on(last))).toMatchObject({
      ok: false,
      problem: 'notAllowed',
    });
    expect(service.requests).toHaveLength(8);
  });

  test('does not keep the extension’s own pages from reading', async () => {
    for (const id of many(40)) {
      expect(isWithheld(await send('subscription.read', { subscriptionId: id, anew: true }))).toBe(false);
    }
  });
});

describe('A panel that asks without end', () => {
  test('makes ten changes a minute; the next is to be confirmed, is not in the history, and a page makes it', async () => {
    for (const { partnerId } of [OLD, WANTED]) await send('partner.check', { partnerId });
    const answers = [];
    for (let number = 0; number < 14; number += 1) {
      await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true }, panel);
      const { etag, partnerOfRecord } = service.recordOf(SUBSCRIPTION_ID);
      const { partnerId } = partnerOfRecord?.partnerId === WANTED.partnerId ? OLD : WANTED;
      answers.push(await send('change.assign', { ...ask, id: uuid(number), partnerId, seen: etag }, panel));
      await engine.run();
    }
    expect(answers.map((crossing) => crossing.ok && crossing.answer.ok)).toEqual(answers.map((_, index) => index < 10));
    expect(answers.at(-1)).toMatchObject({ answer: { problem: 'confirmInExtension' } });
    expect(service.effects).toHaveLength(10);
    expect(await history.readChange(uuid(13))).toBeNull();
    const { etag } = service.recordOf(SUBSCRIPTION_ID);
    expect(await send('change.remove', { id: uuid(20), subscriptionId: SUBSCRIPTION_ID, seen: etag })).toMatchObject({
      answer: { ok: true },
    });
  });

  test('that asks twice for one change is not answered that it was not made', async () => {
    await leaveOpen();
    for (let number = 0; number < 20; number += 1) {
      expect(await send('change.assign', ask, panel)).toMatchObject({ answer: { ok: true } });
    }
  });

  test('makes twenty checks a minute; the next is neither asked of the service nor kept', async () => {
    const answers = await Promise.all(
      Array.from({ length: 1500 }, (_, index) => send('partner.check', { partnerId: String(100_000 + index) }, panel)),
    );
    const held = answers.filter((crossing) => crossing.ok && crossing.answer.kind === 'confirmInExtension');
    expect(held).toHaveLength(1480);
    expect((await history.page({}, null, 2000, LOOKING)).entries).toHaveLength(20);
    expect(await send('partner.check', { partnerId: '100001' })).toMatchObject({ answer: { kind: 'found' } });
  });

  test('leaves word of it once, for the person to meet', async () => {
    for (let number = 0; number < 22; number += 1) {
      clock.moveTo(START + number * 10 * 1000);
      await send('change.assign', { ...ask, id: uuid(number) }, { ...panel, tabId: number });
    }
    await whole.announced();
    expect(device.badge.text).toBe('!');
    await send('manyChanges.seen', {});
    await whole.announced();
    expect(device.badge.text).toBe('');
    await send('change.assign', { ...ask, id: uuid(99) }, { ...panel, tabId: 99 });
    await whole.announced();
    expect(device.badge.text).toBe('');
  });
});

describe('Limits of the history', () => {
  const onlyOne = { maxAgeDays: null, maxRows: 1 };

  test('are saved only when no more rows go than was agreed to', async () => {
    for (const id of ['100001', '100002', '100003', '100004']) await send('partner.check', { partnerId: id });
    expect(await send('retention.preview', { retention: onlyOne })).toMatchObject({ answer: { removes: 3 } });
    for (const mayRemove of [0, 2]) {
      expect(await send('retention.save', { retention: onlyOne, mayRemove })).toMatchObject({
        answer: { ok: false, problem: 'wouldRemove', removes: 3 },
      });
    }
    expect((await history.page({}, null, 10, LOOKING)).entries).toHaveLength(4);
    expect((await readSettings()).retention).toEqual({ maxAgeDays: null, maxRows: null });
    expect(await send('retention.save', { retention: onlyOne, mayRemove: 3 })).toMatchObject({
      answer: { ok: true, removed: 3 },
    });
    expect((await readSettings()).retention).toEqual(onlyOne);
  });
});

describe('Where every change is to be confirmed', () => {
  test.each(['local', 'managed'])('a panel changes nothing, and a page does (chosen in %s)', async (area) => {
    if (area === 'local') await send('confirm.save', { confirm: 'always' });
    else await device.browser.storage.managed.set({ confirm: 'always' });
    await send('partner.check', { partnerId: WANTED.partnerId });
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true }, panel);
    expect(await send('change.assign', ask, panel)).toMatchObject({ answer: { problem: 'confirmInExtension' } });
    await engine.run();
    expect(service.effects).toEqual([]);
    expect(await send('change.assign', ask)).toMatchObject({ answer: { ok: true } });
    await engine.run();
    expect(service.effects).toEqual([uuid(1)]);
  });

  test('its panel is told so before anything is pressed, and no more once the panel may change it again', async () => {
    const read = () => send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false }, panel);
    expect(await read()).not.toHaveProperty('answer.confirms');
    await send('confirm.save', { confirm: 'always' });
    expect(await read()).toMatchObject({ answer: { confirms: true } });
    await send('confirm.save', { confirm: 'whenUnsure' });
    expect(await read()).not.toHaveProperty('answer.confirms');
  });

  const refused = { answer: { ok: false, problem: 'confirmInExtension' } };
  /** Everything that a panel can ask for and that alters a record. */
  test('a panel can neither remove, undo, overwrite nor send as oneself; it can let be what it asked for', async () => {
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await send('partner.check', { partnerId: WANTED.partnerId });
    await send('change.assign', ask);
    await engine.run();
    await send('confirm.save', { confirm: 'always' });
    const again = { id: uuid(2), changeId: uuid(1), seen: '"2"' };
    expect(await send('change.undo', again, panel)).toMatchObject(refused);
    const remove = { id: uuid(3), subscriptionId: SUBSCRIPTION_ID, seen: '"2"' };
    expect(await send('change.remove', remove, panel)).toMatchObject(refused);

    service.fateOf = async () => {
      service.write(SUBSCRIPTION_ID, FOREIGN);
      return 'answered';
    };
    expect(await send('change.undo', again)).toMatchObject({ answer: { ok: true } });
    await engine.run();
    expect((await history.readChange(uuid(2)))?.life.state).toBe('conflict');
    const over = { id: uuid(4), changeId: uuid(2), seen: service.recordOf(SUBSCRIPTION_ID).etag };
    expect(await send('change.overwrite', over, panel)).toMatchObject(refused);
    expect(await send('change.keep', { changeId: uuid(2) }, panel)).toEqual({ ok: true, answer: null });
    expect(service.effects).toEqual([uuid(1)]);
  });

  test('a panel is offered nothing that alters a record, and a page all of it', async () => {
    await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
    await send('partner.check', { partnerId: WANTED.partnerId });
    await send('change.assign', ask);
    await engine.run();
    await send('confirm.save', { confirm: 'always' });
    const offered = async (sender: VerifiedSender) => {
      const view = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true }, sender);
      return view.ok && view.answer.standing?.may;
    };
    expect(await offered(page)).toEqual(['undo']);
    expect(await offered(panel)).toEqual([]);
    await leaveOtherPersons();
    expect(await offered(page)).toEqual(['sendAsMe', 'discard']);
    expect(await offered(panel)).toEqual(['discard']);
  });

  /** Ada's change that Ben meets. */
  async function leaveOtherPersons(): Promise<void> {
    clock.moveTo(START + 1000);
    service.fateOf = async () => failed('busy');
    const { etag } = service.recordOf(SUBSCRIPTION_ID);
    await send('change.remove', { id: uuid(5), subscriptionId: SUBSCRIPTION_ID, seen: etag });
    await engine.run();
    await signIn(BEN);
    await engine.note(uuid(5), { type: 'tryNow', at: clock.now() });
    await engine.run();
  }

  test('a panel cannot send another person’s change as oneself, but discard it', async () => {
    await leaveOpen();
    await signIn(BEN);
    await engine.note(uuid(1), { type: 'tryNow', at: START });
    await engine.run();
    service.fateOf = async () => 'answered';
    await send('confirm.save', { confirm: 'always' });
    expect(await send('change.sendAsMe', { changeId: uuid(1), me: 'Ben' }, panel)).toMatchObject(refused);
    await engine.run();
    expect(service.effects).toEqual([]);
    await send('change.stop', { changeId: uuid(1) }, panel);
    await engine.run();
    expect((await history.readChange(uuid(1)))?.life.state).toBe('cancelled');
  });
});

describe('The window to confirm in', () => {
  const opened = () => [...device.windows.values()].map(({ url }) => url);
  const focused = () => [...device.windows.values()].map((window) => window.focused);
  const openFrom = (sender: VerifiedSender, typed = '') => send('confirm.open', { typed }, sender);
  const answers = (answer: string) => ({ ok: true, answer });

  test('is about what the panel’s tab shows, with what was typed there, and nothing else that was sent', async () => {
    const sent = { typed: '12 34 <b>', subscriptionId: OTHER, id: 'mine' };
    expect(await send('confirm.open', sent, panel)).toEqual(answers('opened'));
    const present = await readConfirmWindow();
    expect(present?.subject).toEqual({
      id: expect.not.stringMatching('mine'),
      subscriptionId: SUBSCRIPTION_ID,
      typed: '12 34 <b>',
    });
    expect(opened()).toEqual([`chrome-extension://ownextension/src/confirm/index.html#${present?.subject.id}`]);
    expect(await openFrom(homePanel)).toMatchObject({ ok: false, problem: 'notAllowed' });
    expect(await send('confirm.openFor', { subscriptionId: OTHER }, panel)).toMatchObject({ problem: 'notAllowed' });
  });

  test('is one, however often and however fast it is asked for, and stays about what it was', async () => {
    await Promise.all([openFrom(panel, '1'), openFrom(panel, '2'), openFrom({ ...panel, tabId: 8 }, '3')]);
    expect(opened()).toHaveLength(1);
    expect(focused()).toEqual([2]);
    expect((await readConfirmWindow())?.subject.typed).toBe('1');
  });

  test('comes six times a minute from portals, also when the worker is killed in between; pages are not counted', async () => {
    const answered = [];
    for (let number = 0; number < 10; number += 1) {
      if (number === 3) restart();
      answered.push(await openFrom({ ...panel, tabId: number }));
    }
    expect(answered.filter((one) => one.ok && one.answer === 'opened')).toHaveLength(6);
    expect(answered.at(-1)).toEqual(answers('tooMany'));
    expect(await send('confirm.openFor', { subscriptionId: SUBSCRIPTION_ID })).toEqual(answers('opened'));
    clock.moveTo(START + 60_000);
    expect(await openFrom(panel)).toEqual(answers('opened'));
  });

  test('is given up for another subscription only where nothing is under way', async () => {
    await openFrom(panel, '1234567');
    const id = (await readConfirmWindow())?.subject.id ?? '';
    await send('confirm.underWay', { id, underWay: true });
    restart();
    expect(await openFrom(otherPanel)).toEqual(answers('busy'));
    expect((await readConfirmWindow())?.subject).toMatchObject({ id, subscriptionId: SUBSCRIPTION_ID });
    expect(focused()).toEqual([1]);
    await send('confirm.underWay', { id, underWay: false });
    expect(await openFrom(otherPanel)).toEqual(answers('opened'));
    expect((await readConfirmWindow())?.subject).toMatchObject({ subscriptionId: OTHER, typed: '' });
    // The one before has nothing to say any more.
    await send('confirm.underWay', { id, underWay: true });
    expect(await readConfirmWindow()).toMatchObject({ underWay: false });
  });

  test('is forgotten once it is closed, and opened anew', async () => {
    await openFrom(panel);
    await confirmWindows.closed(99);
    expect(await readConfirmWindow()).not.toBeNull();
    await confirmWindows.closed(100);
    expect(await readConfirmWindow()).toBeNull();
    await openFrom(panel);
    expect(opened()).toHaveLength(2);
  });

  test('that went while nobody listened is opened anew', async () => {
    await openFrom(panel);
    const id = (await readConfirmWindow())?.subject.id ?? '';
    await send('confirm.underWay', { id, underWay: true });
    device.windows.clear();
    expect(await openFrom(otherPanel)).toEqual(answers('opened'));
    expect(await readConfirmWindow()).toMatchObject({ subject: { subscriptionId: OTHER }, underWay: false });
  });
});

describe('With several connections', () => {
  const IN_AZURE: Connection = {
    ...connection,
    id: '0c000000-0000-4000-8000-000000000002',
    name: 'In Azure',
    address: 'https://azure.example/v1',
    portals: ['azure'],
  };
  const ELSEWHERE: Connection = {
    ...connection,
    id: '0c000000-0000-4000-8000-000000000003',
    name: 'Of another tenant',
    address: 'https://tenant.example/v1',
    tenants: ['fabrikam.com'],
  };
  const store = (connections: readonly Connection[], more: object = {}) =>
    storeAs('local', 'settings', { version: 2, connections, defaultConnection: connection.id, ...more });
  const fabrikam: VerifiedSender = { ...panel, address: panel.address.replace('contoso.com', 'fabrikam.com') };
  const read = { subscriptionId: SUBSCRIPTION_ID, anew: true };

  test('a panel’s page decides which one it speaks to, and a page of the extension speaks to the default', async () => {
    await store([connection, IN_AZURE, ELSEWHERE]);
    const source = async (sender: VerifiedSender) => await send('subscription.read', read, sender);
    expect(await source(panel)).toMatchObject({ answer: { source: 'In Azure' } });
    expect(await source(fabrikam)).toMatchObject({ answer: { source: 'Of another tenant' } });
    expect(await source(page)).toMatchObject({ answer: { source: connection.name } });
  });

  test('a change goes to the connection that serves its page, and so does its undoing, wherever it is asked for', async () => {
    await store([connection, IN_AZURE]);
    await signIn(ADA, IN_AZURE.id);
    await send('subscription.read', read, panel);
    await send('partner.check', { partnerId: WANTED.partnerId }, panel);
    expect(await send('change.assign', ask, panel)).toMatchObject({ answer: { ok: true } });
    await engine.run();
    expect(await history.readChange(uuid(1))).toMatchObject({
      target: { connectionId: IN_AZURE.id },
      life: { state: 'done' },
    });
    expect(await send('change.undo', { id: uuid(2), changeId: uuid(1), seen: '"2"' })).toMatchObject({
      answer: { ok: true, standing: { target: { connectionId: IN_AZURE.id } } },
    });
  });

  test('the window to confirm in speaks to the one that serves the page it was opened from', async () => {
    await store([connection, IN_AZURE]);
    const confirm: VerifiedSender = { kind: 'page', tabId: 9, page: 'confirm' };
    await send('confirm.open', { typed: '' }, panel);
    expect(await send('subscription.read', read, confirm)).toMatchObject({ answer: { source: 'In Azure' } });
    await send('partner.check', { partnerId: WANTED.partnerId }, confirm);
    expect(await send('change.assign', ask, confirm)).toMatchObject({
      answer: { ok: true, standing: { target: { connectionId: IN_AZURE.id } } },
    });
    expect(await history.readChange(uuid(1))).toMatchObject({ askedFrom: 'confirm' });
  });

  test('a page of the extension may name one, and a panel may not', async () => {
    await store([connection, IN_AZURE]);
    const named = { ...read, connectionId: IN_AZURE.id };
    expect(await send('subscription.read', named, page)).toMatchObject({ answer: { source: 'In Azure' } });
    const other = { ...read, connectionId: CONNECTION_ID };
    expect(await send('subscription.read', other, panel)).toMatchObject({ answer: { source: 'In Azure' } });
  });

  test('one is removed with its token, and its open changes are asked about', async () => {
    await store([connection, IN_AZURE]);
    await secrets.saveToken(CONNECTION_ID, TOKEN, true);
    await leaveOpen();
    const removal = { connectionId: CONNECTION_ID, abandonOpenChanges: false };
    expect(await send('connection.remove', removal)).toMatchObject({ answer: { problem: 'openChanges', count: 1 } });
    expect((await readSettings()).connections).toHaveLength(2);
    await send('connection.remove', { ...removal, abandonOpenChanges: true });
    expect(await readSettings()).toMatchObject({ connections: [IN_AZURE], defaultConnection: IN_AZURE.id });
    expect(await secrets.readToken(CONNECTION_ID)).toBeNull();
  });

  test('one more leaves the others, their tokens and their changes as they are', async () => {
    await secrets.saveToken(CONNECTION_ID, TOKEN, true);
    await leaveOpen();
    expect(await send('connection.save', { ...save, edited: null, address: 'https://more.example' })).toMatchObject({
      answer: { ok: true },
    });
    const { connections, defaultConnection } = await readSettings();
    expect(connections).toMatchObject([connection, { address: 'https://more.example' }]);
    expect(defaultConnection).toBe(CONNECTION_ID);
    expect(await secrets.readToken(CONNECTION_ID)).toBe(TOKEN);
    expect((await history.readChange(uuid(1)))?.life.state).toBe('waiting');
  });

  test('those of a file take the place of all that there are, and one at the same address stays itself', async () => {
    await store([connection, IN_AZURE], { notify: true });
    await secrets.saveToken(CONNECTION_ID, TOKEN, true);
    const forms = [
      { ...form, name: 'Anew', portals: ['own' as const] },
      { ...form, name: 'New', address: 'https://new.example' },
    ];
    await send('connections.import', { forms, defaultAddress: 'https://new.example', abandonOpenChanges: false });
    const settings = await readSettings();
    expect(settings.connections).toMatchObject([
      { id: CONNECTION_ID, name: 'Anew', portals: ['own'] },
      { name: 'New', address: 'https://new.example' },
    ]);
    expect(defaultConnectionOf(settings)?.name).toBe('New');
    expect(settings.notify).toBe(true);
    expect(await secrets.readToken(CONNECTION_ID)).toBe(TOKEN);
  });

  test('the person chooses the default', async () => {
    await store([connection, IN_AZURE]);
    await send('connection.makeDefault', { connectionId: IN_AZURE.id });
    expect((await readSettings()).defaultConnection).toBe(IN_AZURE.id);
  });

  test('saving beneath a policy writes none of the organisation’s into the person’s own list', async () => {
    await store([connection]);
    await storeAs('managed', 'connections', [{ address: 'https://policy.example', signIn: 'none' }]);
    const id = defaultConnectionOf(await readSettings())?.id ?? null;
    await send('connection.save', { ...save, signIn: 'none', address: 'https://policy.example', edited: id });
    device.managed.delete('connections');
    expect((await readSettings()).connections).toEqual([connection]);
  });
});

describe('Settings of a later version', () => {
  test.each<[MessageName, () => Promise<unknown>]>([
    ['connection.save', () => send('connection.save', { ...save, abandonOpenChanges: true })],
    ['connection.remove', () => send('connection.remove', { connectionId: CONNECTION_ID, abandonOpenChanges: true })],
    [
      'connections.import',
      () => send('connections.import', { forms: [form], defaultAddress: null, abandonOpenChanges: true }),
    ],
    ['portals.save', () => send('portals.save', { portals: { off: [], own: [] } })],
    ['notify.save', () => send('notify.save', { notify: true })],
    ['confirm.save', () => send('confirm.save', { confirm: 'always' })],
    ['retention.save', () => send('retention.save', { retention: { maxAgeDays: 1, maxRows: 1 }, mayRemove: 100 })],
    ['settings.discardDamaged', () => send('settings.discardDamaged', {})],
  ])('are not overwritten by %s, which gives up, forgets and removes nothing', async (_name, act) => {
    await secrets.saveToken(CONNECTION_ID, TOKEN, true);
    await leaveOpen();
    const later = { version: 4, connections: 'in a form of its own' };
    await storeAs('local', 'settings', later);
    await expect(act()).rejects.toMatchObject({ problem: 'settingsLater' });
    expect(device.local.get('settings')).toEqual(later);
    expect(await secrets.readToken(CONNECTION_ID)).toBe(TOKEN);
    expect((await history.readChange(uuid(1)))?.life.state).toBe('waiting');
  });
});
