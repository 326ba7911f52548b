import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createBackend, kindFacts } from '../../../src/backends/kinds';
import type { CreateBackend } from '../../../src/background/connections';
import { type Change, type ChangeLife, IN_FLIGHT_MS } from '../../../src/domain/change';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { readSettings } from '../../../src/storage/settings';
import { aChange } from '../../support/changes';
import { START } from '../../support/clock';
import { FOREIGN, WANTED } from '../../support/partners';
import { SUBSCRIPTION_ID, uuid } from '../../support/targets';
import { createFakeBrowser } from '../../support/worker-browser';
import { createFakeLedger, ledgerKind } from '../../support/fake-ledger';
import { type FakeBackend, failed } from '../../support/fake-service';
import { createWholeWorker, type WholeWorker } from '../../support/whole-worker';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const page: VerifiedSender = { kind: 'page', tabId: null, page: 'popup' };
const panel: VerifiedSender = {
  kind: 'portal',
  tabId: 7,
  address: `https://portal.azure.com/#resource/subscriptions/${SUBSCRIPTION_ID}`,
};

let ledger: FakeBackend;
let whole: WholeWorker;
let connectionId: string;

async function start(kind: string): Promise<void> {
  fake.browser = createFakeBrowser().browser;
  ledger = createFakeLedger();
  const create: CreateBackend = (connection, ports) =>
    connection.kind === 'ledger' ? ledger : createBackend(connection, ports);
  whole = createWholeWorker(create, [...kindFacts(), { kind: 'ledger', ...ledgerKind }]);
  const form = { kind, name: null, address: 'https://a.example', signIn: 'none', token: 'kept' } as const;
  await whole.send('connection.save', { ...form, remember: false, edited: null, abandonOpenChanges: false }, page);
  connectionId = (await readSettings()).connections[0]?.id ?? '';
  ledger.person = { kind: 'connection', connectionId };
}

beforeEach(() => start('ledger'));

async function ask(more: Partial<Change> = {}): Promise<void> {
  const target = { kind: 'signIn', connectionId, tenant: 'contoso.com', user: 'ada' } as const;
  const { person } = ledger;
  const link = { target, kind: 'assign', before: null, basedOn: null, replay: 'readFirst', person } as const;
  const { sentAs: _sentAs, life: _life, ...request } = aChange({ ...link, ...more });
  await whole.worker.engine.ask(request, null);
  await whole.worker.engine.run();
}

async function lifeOf(): Promise<ChangeLife | undefined> {
  return (await whole.history.readChange(uuid(1)))?.life;
}

const isIn = (state: ChangeLife['state']) => vi.waitFor(async () => expect((await lifeOf())?.state).toBe(state));

describe('A change of a link, whose target is a sign-in', () => {
  test('is carried to its effect, and announced', async () => {
    await ask();
    await whole.announced();
    expect(await lifeOf()).toMatchObject({
      state: 'done',
      outcome: { partnerOfRecord: { partnerId: WANTED.partnerId } },
    });
    expect([ledger.effects, whole.errors]).toEqual([[uuid(1)], []]);
    expect(whole.broadcasts).toContainEqual({ changed: 'history' });
  });

  test('whose answer was lost is met by a read', async () => {
    ledger.fateOf = async () => 'answerLost';
    await ask();
    whole.clock.moveTo(START + IN_FLIGHT_MS);
    await isIn('done');
    expect([ledger.requests, whole.errors]).toEqual([[`apply ${uuid(1)}`, 'read contoso.com ada'], []]);
  });

  test('that may have been answered a second time is read anew', async () => {
    ledger.fateOf = async () => (ledger.requests.length === 1 ? 'answerLost' : 'answered');
    await ask({ replay: 'key' });
    whole.clock.moveTo(START + IN_FLIGHT_MS);
    await isIn('done');
    await vi.waitFor(() => expect(ledger.requests.at(-1)).toBe('read contoso.com ada'));
    expect(whole.errors).toEqual([]);
  });

  test('is tried again and stopped from the popup, and not from a panel', async () => {
    ledger.fateOf = async () => failed('busy');
    await ask();
    for (const name of ['change.tryNow', 'change.stop'] as const) {
      expect(await whole.send(name, { changeId: uuid(1) }, panel)).toMatchObject({ ok: false, problem: 'notAllowed' });
      expect(await whole.send(name, { changeId: uuid(1) }, page)).toEqual({ ok: true, answer: null });
      await whole.worker.engine.run();
    }
    await isIn('cancelled');
    // It was sent twice, so the state is read before anybody says how it ended.
    expect(ledger.requests).toEqual([`apply ${uuid(1)}`, `apply ${uuid(1)}`, 'read contoso.com ada']);
  });

  test('that met another’s can be kept, and is overwritten and undone as a record’s is', async () => {
    const other = { id: uuid(2), after: FOREIGN };
    await ask(other);
    await ask();
    await isIn('conflict');
    const { entries } = await whole.history.page({}, null, 5, {
      viewers: [{ connectionId, person: ledger.person, mayChange: null }],
      now: START,
    });
    expect(entries.map((entry) => entry.type === 'change' && entry.standing.may)).toEqual(
      expect.arrayContaining([['overwrite', 'keep'], ['undo']]),
    );
    const over = { id: uuid(3), changeId: uuid(1), seen: 'partner none' };
    // Seen is what was there before the other one.
    expect(await whole.send('change.overwrite', over, page)).toMatchObject({ answer: { problem: 'changedSince' } });
    expect(await whole.send('change.keep', { changeId: uuid(1) }, page)).toEqual({ ok: true, answer: null });
    expect(await lifeOf()).toMatchObject({ answer: { kind: 'kept' } });
    expect(ledger.effects).toEqual([uuid(2)]);
  });

  test('is refused by a service, which has subscriptions alone, and the row says so', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new Error('Nothing is to leave')));
    await start('service');
    await ask({ replay: 'key', basedOn: '"1"' });
    expect(await lifeOf()).toMatchObject({
      state: 'refused',
      failure: { reason: 'refused', code: 'TargetNotSupported' },
    });
    expect(whole.errors).toEqual([]);
  });
});
