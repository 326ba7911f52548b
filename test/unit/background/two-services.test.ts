import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Change } from '../../../src/domain/change';
import type { Partner } from '../../../src/domain/partner';
import type { MessageAnswer, MessageInput, MessageName } from '../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { readSettings } from '../../../src/storage/settings';
import { partner } from '../../support/partners';
import { SUBSCRIPTION_ID, uuid } from '../../support/targets';
import { createFakeBrowser } from '../../support/worker-browser';
import { createFakeService, failed, type FakeService } from '../../support/fake-service';
import { createWholeWorker, type WholeWorker } from '../../support/whole-worker';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const A = 'https://a.example/v1';
const B = 'https://b.example/v1';
/** One ID, which each service gives a name of its own. */
const ID = '424242';
const page: VerifiedSender = { kind: 'page', tabId: null, page: 'popup' };

let services: Map<string, FakeService>;
let device: ReturnType<typeof createFakeBrowser>;
let whole: WholeWorker;

beforeEach(async () => {
  services = new Map([
    [A, naming('A')],
    [B, naming('B')],
  ]);
  device = createFakeBrowser();
  fake.browser = device.browser;
  whole = createWholeWorker(({ address }) => services.get(address) ?? null);
  await save(A);
});

/** A service whose partners are all called after it. */
function naming(name: string): FakeService {
  const service = createFakeService();
  service.checkPartner = async (partnerId) => ({ partner: partner(partnerId, `Named by ${name}`) });
  service.write(SUBSCRIPTION_ID, of(name, name === 'A' ? '100001' : '100002'));
  return service;
}

const of = (name: string, partnerId: string): Partner => partner(partnerId, `Named by ${name}`);

async function send<N extends MessageName>(name: N, input: MessageInput<N>): Promise<MessageAnswer<N>> {
  const crossing = await whole.send(name, input, page);
  if (!crossing.ok) throw new Error(`${name}: ${crossing.detail}`);
  return crossing.answer;
}

/** Without sign-in: whoever is there is the connection’s. In the place of the one before, unless it is `beside` it. */
async function save(address: string, beside = false): Promise<void> {
  const { connections } = await readSettings();
  const edited = beside ? null : (connections[0]?.id ?? null);
  const signIn = { signIn: 'none', token: 'kept', remember: false } as const;
  await send('connection.save', { name: null, address, ...signIn, edited, abandonOpenChanges: true });
  const saved = (await readSettings()).connections.find((one) => one.address === address);
  if (saved === undefined) throw new Error('It was not saved');
  await send('connection.makeDefault', { connectionId: saved.id });
  serviceAt(address).person = { kind: 'connection', connectionId: saved.id };
}

function serviceAt(serviceUrl: string): FakeService {
  const service = services.get(serviceUrl);
  if (service === undefined) throw new Error('No such service');
  return service;
}

async function mark(): Promise<string> {
  const { state } = await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
  return state?.version ?? '';
}

async function assign(number: number, seen: string) {
  const answer = await send('change.assign', {
    id: uuid(number),
    subscriptionId: SUBSCRIPTION_ID,
    partnerId: ID,
    seen,
  });
  await whole.worker.engine.run();
  return answer;
}

async function changeOf(number: number): Promise<Change | null> {
  return whole.history.readChange(uuid(number));
}

test('an ID that A named is not saved at B by that name: B is asked first, and the row has B’s', async () => {
  await send('partner.check', { partnerId: ID });
  await save(B);
  expect(await assign(1, await mark())).toEqual({ ok: false, problem: 'notChecked' });
  await send('partner.check', { partnerId: ID });
  expect(await assign(1, await mark())).toMatchObject({ ok: true });
  expect((await changeOf(1))?.after).toEqual(of('B', ID));
  expect(JSON.stringify(await changeOf(1))).not.toContain('Named by A');
});

test('one that both have named is saved by the name of the service it goes to, whichever was asked last', async () => {
  await save(B);
  await send('partner.check', { partnerId: ID });
  await save(A);
  await send('partner.check', { partnerId: ID });
  expect(await assign(1, await mark())).toMatchObject({ ok: true });
  expect((await changeOf(1))?.after).toEqual(of('A', ID));
  await save(B);
  expect(await assign(2, await mark())).toMatchObject({ ok: true });
  expect((await changeOf(2))?.after).toEqual(of('B', ID));
  expect(JSON.stringify(await changeOf(2))).not.toContain('Named by A');
});

test('a partner used at A is offered at B by no name of A’s', async () => {
  await send('partner.check', { partnerId: ID });
  expect(await assign(1, await mark())).toMatchObject({ ok: true });
  await save(B);
  expect(await send('partners.used', {})).toEqual({ assigned: [], checked: [] });
});

test('what was changed at A is not undone at B', async () => {
  await send('partner.check', { partnerId: ID });
  expect(await assign(1, await mark())).toMatchObject({ ok: true });
  await save(B);
  expect(await send('change.undo', { id: uuid(2), changeId: uuid(1), seen: await mark() })).toMatchObject({
    ok: false,
  });
  await whole.worker.engine.run();
  expect(await changeOf(2)).toBeNull();
  expect(serviceAt(B).effects).toEqual([]);
});

test('a conflict at A is not overwritten at B', async () => {
  await send('partner.check', { partnerId: ID });
  const seen = await mark();
  serviceAt(A).write(SUBSCRIPTION_ID, of('A', '300003'));
  expect(await assign(1, seen)).toMatchObject({ ok: true });
  expect((await changeOf(1))?.life.state).toBe('conflict');
  await save(B);
  const over = { id: uuid(2), changeId: uuid(1), seen: await mark() };
  expect(await send('change.overwrite', over)).toMatchObject({ ok: false });
  await whole.worker.engine.run();
  expect(serviceAt(B).effects).toEqual([]);
  expect((await changeOf(1))?.life).toMatchObject({ answer: null });
});

test('what was changed at A is undone at A, by A’s name for it, while B is the default', async () => {
  await send('partner.check', { partnerId: ID });
  expect(await assign(1, await mark())).toMatchObject({ ok: true });
  await save(B, true);
  expect(await mark()).toBe('"2"');
  expect(await send('change.undo', { id: uuid(2), changeId: uuid(1), seen: '"3"' })).toMatchObject({ ok: true });
  await whole.worker.engine.run();
  expect(await changeOf(2)).toMatchObject({ before: of('A', ID), after: of('A', '100001'), life: { state: 'done' } });
  expect(serviceAt(B).effects).toEqual([]);
});

test('who is at each connection is told of the one that is named, and of the default where none is', async () => {
  await save(B, true);
  const [a, b] = (await readSettings()).connections.map(({ id }) => id);
  const at = (connectionId?: string) => ({ kind: 'connection', connectionId });
  expect(await send('person.present', {})).toEqual(at(b));
  for (const connectionId of [a ?? '', b ?? '']) {
    expect(await send('person.present', { connectionId })).toEqual(at(connectionId));
  }
});

test('a change asked for while B is being saved goes where what it is based on was shown, or nowhere', async () => {
  await send('partner.check', { partnerId: ID });
  const seen = await mark();
  await save(B, true);
  // At the same version, with another partner.
  expect(await mark()).toBe(seen);
  await send('partner.check', { partnerId: ID });
  const [a, b] = (await readSettings()).connections.map(({ id }) => id);
  for (const url of [A, B]) serviceAt(url).fateOf = async () => failed('refused');
  for (let turns = 0; turns < 40; turns += 1) {
    await send('connection.makeDefault', { connectionId: a ?? '' });
    const id = uuid(100 + turns);
    const asking = send('change.assign', { id, subscriptionId: SUBSCRIPTION_ID, partnerId: ID, seen });
    for (let turn = 0; turn < turns; turn += 1) await null;
    await send('connection.makeDefault', { connectionId: b ?? '' });
    await asking;
    await whole.worker.engine.run();
    const change = await whole.history.readChange(id);
    const name = change?.target.connectionId === a ? 'Named by A' : 'Named by B';
    if (change !== null) expect([turns, change.before?.name, change.after?.name]).toEqual([turns, name, name]);
  }
});

test('an answer of A’s that comes after B was saved is nothing that B showed', async () => {
  const service = serviceAt(A);
  let release = (): void => undefined;
  service.fateOfRead = () =>
    new Promise((resolve) => {
      release = () => resolve('answered');
    });
  const late = send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
  await vi.waitFor(() => expect(service.requests).toHaveLength(1));
  await save(B);
  await mark();
  release();
  expect((await late).state?.partnerOfRecord?.name).toBe('Named by B');
  expect(await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false })).toMatchObject({
    state: { partnerOfRecord: { name: 'Named by B' } },
  });
});

test('why a read failed at A is not said of B', async () => {
  const service = serviceAt(A);
  service.fateOfRead = async () => failed('serverError');
  await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: true });
  await save(B);
  expect(await send('subscription.read', { subscriptionId: SUBSCRIPTION_ID, anew: false })).toMatchObject({
    failure: null,
    state: null,
  });
});
