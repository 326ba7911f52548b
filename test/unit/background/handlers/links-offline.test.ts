import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError } from '../../../../src/backends/backend';
import { kindFacts } from '../../../../src/backends/kinds';
import { markOf } from '../../../../src/domain/partner-state';
import type { LinkTarget } from '../../../../src/domain/target';
import type { ChangeAnswer, LinkView, MessageInput, MessageName } from '../../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../../src/messaging/serve';
import { readConfirmWindow } from '../../../../src/storage/confirm-window';
import type { SignedInAccount } from '../../../../src/storage/entra-secrets';
import { anEntraConnection } from '../../../support/connections';
import { AZURE_CAN, LINK_OWNER, LINK_TARGET, linkStateOf } from '../../../support/links';
import { CONTOSO, FABRIKAM } from '../../../support/partners';
import { SUBSCRIPTION_ID, uuid } from '../../../support/targets';
import { createWholeWorker, type WholeWorker } from '../../../support/whole-worker';
import { createFakeBrowser } from '../../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const { tenant, user } = LINK_TARGET;
const azure = anEntraConnection();
const target: LinkTarget = { ...LINK_TARGET, connectionId: azure.id };
const address = (of: string) => `https://portal.azure.com/#@${of}/resource/subscriptions/${SUBSCRIPTION_ID}`;
const ada: SignedInAccount = {
  user,
  homeTenant: tenant,
  username: 'ada@contoso.example',
  name: 'Ada',
  refreshToken: 'r',
  trouble: null,
};
const ben: SignedInAccount = { ...ada, user: `${uuid(51)}.${uuid(50)}`, homeTenant: uuid(50), name: 'Ben' };
/** By its tenant's domain, which only the network can tell the ID of. */
const panel: VerifiedSender = { kind: 'portal', tabId: 7, address: address('contoso.example') };
const popup: VerifiedSender = { kind: 'page', tabId: null, page: 'popup' };

let whole: WholeWorker;
let network: 'there' | 'away' | 'silent';
/** How often the network was asked. */
let asked: number;

/** What Azure and Entra say of the page. */
function saidAt(url: string): object | null {
  if (url.includes('openid-configuration')) return { issuer: `https://login.microsoftonline.com/${tenant}/v2.0` };
  if (url.includes('/tenants?')) return { value: [{ tenantId: tenant, displayName: 'Contoso Ltd' }] };
  if (/\/subscriptions\/[^/]+\?/.test(url)) return { subscriptionId: SUBSCRIPTION_ID, tenantId: tenant };
  return null;
}

beforeEach(async () => {
  const device = createFakeBrowser();
  fake.browser = device.browser;
  network = 'there';
  asked = 0;
  vi.stubGlobal('fetch', async (url: string, { signal }: RequestInit) => {
    asked += 1;
    if (network === 'silent')
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    if (network === 'away') throw new TypeError('Nobody is there');
    const said = saidAt(url);
    return Response.json(said ?? { error: { code: 'NotFound' } }, { status: said === null ? 404 : 200 });
  });
  whole = createWholeWorker(
    () => ({
      can: AZURE_CAN,
      lane: () => 'one',
      sender: async () => LINK_OWNER,
      async read() {
        if (network !== 'there') throw new BackendError({ reason: 'noAnswer' });
        return linkStateOf(CONTOSO);
      },
      async apply() {
        throw new BackendError({ reason: 'noAnswer', unsent: true });
      },
      async *test() {
        yield* [];
      },
    }),
    kindFacts(),
  );
  await device.browser.storage.local.set({
    settings: { version: 2, connections: [azure], defaultConnection: azure.id },
  });
  await signIn(ada);
});
afterEach(() => vi.restoreAllMocks());

async function signIn(account: SignedInAccount): Promise<void> {
  const access = { token: 't', since: whole.clock.now(), lastsMs: null, objectId: uuid(42), askedWith: null };
  const tokens = { access, claims: null, trouble: null };
  await whole.secrets.saveAccount(azure, account, { tenant: account.homeTenant, tokens });
}

async function send<N extends MessageName>(name: N, input: MessageInput<N>, sender: VerifiedSender = panel) {
  const answered = await whole.send(name, input, sender);
  if (!answered.ok) throw new Error(answered.problem);
  return answered.answer;
}

const read = async () =>
  (await send('link.read', { subscriptionId: SUBSCRIPTION_ID, user: null, anew: false })) as LinkView;
const seen = markOf(linkStateOf(CONTOSO));
const assign = (id: string = crypto.randomUUID()) =>
  send('link.assign', { id, target, partnerId: FABRIKAM.partnerId, seen }) as Promise<ChangeAnswer>;

/** A worker that was ended knows nothing of what it was told, and asks in vain. */
function offline(how: 'away' | 'silent' = 'away'): void {
  network = how;
  asked = 0;
  whole.restart();
}

/** All limits of time are over in a moment. */
function hurry(): void {
  const { timeout } = AbortSignal;
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout.call(AbortSignal, ms / 1000));
}

/** Asks for a change that does not leave. */
async function waitingChange(): Promise<string> {
  const id = crypto.randomUUID();
  await send('link.known', { subscriptionId: SUBSCRIPTION_ID, target, anew: true }, popup);
  expect(await send('link.assign', { id, target, partnerId: FABRIKAM.partnerId, seen }, popup)).toMatchObject({
    ok: true,
  });
  return id;
}

describe('A change of a link', () => {
  test('is stopped from a panel without the network, though nobody has told in which tenant its page is', async () => {
    const id = await waitingChange();
    offline();
    expect(await send('change.stop', { changeId: id })).toBeNull();
    expect(asked).toBe(0);
    // It ends once Azure has shown what came of it.
    expect((await whole.history.readChange(id))?.life).toMatchObject({ settle: { as: 'cancelled' } });
  });

  test.each(['change.tryNow', 'change.keep', 'change.seen'] as const)(
    'is told %s from a panel without the network',
    async (name) => {
      const id = await waitingChange();
      offline('silent');
      expect(await send(name, { changeId: id })).toBeNull();
      expect(asked).toBe(0);
    },
  );

  test('is stopped from no page for which its connection holds no links', async () => {
    const id = await waitingChange();
    const page = `https://admin.microsoft.com/Adminportal/Home#/subscriptions/webdirect/${SUBSCRIPTION_ID}`;
    for (const elsewhere of [page, 'https://portal.azure.com/#home', address('contoso.example').replace('.com', '.us')])
      expect(
        await whole.send('change.stop', { changeId: id }, { kind: 'portal', tabId: 8, address: elsewhere }),
      ).toMatchObject({ ok: false, problem: 'notAllowed' });
    expect((await whole.history.readChange(id))?.life.state).toBe('waiting');
  });

  test('is asked for offline where the page’s link was found before, also by a worker that was ended since', async () => {
    await read();
    await send('link.known', { subscriptionId: SUBSCRIPTION_ID, target, anew: true }, popup);
    offline();
    expect(await read()).toMatchObject({ link: { target, tenant: { name: 'Contoso Ltd' } } });
    expect(await assign()).toMatchObject({ ok: true });
  });

  test.each([
    ['away', 'neverRead'],
    ['silent', 'readTimedOut'],
  ] as const)(
    'is not asked for where the network is %s and nobody has told whose page it is: %s',
    async (how, problem) => {
      offline(how);
      hurry();
      expect(await assign()).toEqual({ ok: false, problem });
      expect(await send('link.remove', { id: crypto.randomUUID(), target, seen })).toEqual({ ok: false, problem });
      expect(await whole.history.openChanges()).toEqual([]);
    },
  );

  test('waits no longer than an answer may take for what the subscription says, and then is of the page’s tenant', async () => {
    hurry();
    // Whoever asks for a token first is never answered, and all others wait behind.
    const locks = navigator.locks;
    void locks.request(`tokens ${azure.id} ${user} ${tenant}`, () => new Promise(() => undefined));
    expect(await read()).toMatchObject({ link: { target, attribution: null } });
  });

  test('of another tenant than the page’s is refused as before', async () => {
    await read();
    const other = { ...target, tenant: uuid(60) };
    const input = { id: crypto.randomUUID(), target: other, partnerId: FABRIKAM.partnerId, seen };
    for (const _ of ['online', 'offline']) {
      expect(await whole.send('link.assign', input, panel)).toMatchObject({ ok: false, problem: 'notAllowed' });
      offline();
    }
  });
});

test('Of two accounts the one that was chosen is shown offline, and of one that was never shown there nobody tells', async () => {
  await read();
  await signIn(ben);
  const chosen = async () =>
    (await send('link.read', { subscriptionId: SUBSCRIPTION_ID, user: ben.user, anew: false })) as LinkView;
  offline();
  expect(await chosen()).toMatchObject({ link: { target: null, account: { user: ben.user } } });
  expect(await read()).toMatchObject({ link: { target } });
  network = 'there';
  expect(await chosen()).toMatchObject({ link: { target: { ...target, user: ben.user } } });
  offline();
  expect(await chosen()).toMatchObject({ link: { target: { ...target, user: ben.user } } });
  expect(await read()).toMatchObject({ link: { target } });
});

test('The window to confirm in is opened offline about the link that was found on the page before', async () => {
  await read();
  offline();
  expect(await send('confirm.open', { typed: '4711', link: { user: null } })).toBe('opened');
  expect((await readConfirmWindow())?.subject).toMatchObject({ link: { target }, typed: '4711' });
});
