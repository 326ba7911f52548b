import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError } from '../../../../src/backends/backend';
import { kindFacts } from '../../../../src/backends/kinds';
import { markOf, type PartnerState } from '../../../../src/domain/partner-state';
import type { UsedPartners } from '../../../../src/domain/partner';
import type { LinkTarget } from '../../../../src/domain/target';
import type { ChangeAnswer, LinkView, MessageInput, MessageName } from '../../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../../src/messaging/serve';
import type { SignedInAccount, TenantAccess } from '../../../../src/storage/entra-secrets';
import { SECOND } from '../../../support/clock';
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
const ada = {
  user,
  homeTenant: tenant,
  username: 'ada@contoso.example',
  name: 'Ada',
  refreshToken: 'r',
  trouble: null,
};
const ben = { ...ada, user: `${uuid(51)}.${uuid(50)}`, homeTenant: uuid(50), username: 'ben@fabrikam.example' };
const tenants: VerifiedSender = { kind: 'page', tabId: 1, page: 'tenants' };
const popup: VerifiedSender = { kind: 'page', tabId: null, page: 'popup' };
const panelAt = (of: string, subscription: string = SUBSCRIPTION_ID): VerifiedSender => ({
  kind: 'portal',
  tabId: 7,
  address: `https://portal.azure.com/#@${of}/resource/subscriptions/${subscription}`,
});

let whole: WholeWorker;
let device: ReturnType<typeof createFakeBrowser>;
let state: PartnerState;
/** In which tenants links were read, and of whom. */
let reads: string[];
let isSignedIn: boolean;

beforeEach(async () => {
  device = createFakeBrowser();
  fake.browser = device.browser;
  reads = [];
  state = linkStateOf(CONTOSO);
  isSignedIn = true;
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Nobody is there')));
  whole = createWholeWorker(
    () => ({
      can: AZURE_CAN,
      lane: () => 'one',
      sender: async () => LINK_OWNER,
      async read(of) {
        if (of.kind === 'signIn') reads.push(`${of.user} ${of.tenant}`);
        if (!isSignedIn) throw new BackendError({ reason: 'signInNeeded' });
        return state;
      },
      async apply({ after }, isSender) {
        if (!isSignedIn) throw new BackendError({ reason: 'signInNeeded', unsent: true });
        if (!(await isSender(LINK_OWNER))) throw new BackendError({ reason: 'otherPerson' });
        state = linkStateOf(after, String(Number(state.version) + 1));
        return state;
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

async function signIn(account: SignedInAccount, access: TenantAccess | null = null): Promise<void> {
  const tokens = { access, claims: null, trouble: null };
  await whole.secrets.saveAccount(azure, account, { tenant: account.homeTenant, tokens });
}

async function send<N extends MessageName>(name: N, input: MessageInput<N>, sender: VerifiedSender) {
  const answered = await whole.send(name, input, sender);
  if (!answered.ok) throw new Error(answered.problem);
  return answered.answer;
}

const lifeOf = async (id: string) => (await whole.history.readChange(id))?.life;

describe('A link whose account was signed out since', () => {
  const signOut = async () => {
    isSignedIn = false;
    await whole.worker.handlers['azure.signOut']({ connectionId: azure.id, user }, popup);
  };
  const signInAgain = async () => {
    await signIn(ada);
    isSignedIn = true;
    await whole.worker.engine.noteOpen(azure.id, { type: 'signedIn', at: whole.clock.now(), person: LINK_OWNER });
    await whole.worker.engine.run();
  };

  test('is put back by Undo once that account signs in again', async () => {
    const id = crypto.randomUUID();
    await whole.worker.handlers['link.known']({ subscriptionId: SUBSCRIPTION_ID, target, anew: true }, popup);
    const asked = { id, target, partnerId: FABRIKAM.partnerId, seen: markOf(state) };
    expect(await whole.worker.handlers['link.assign'](asked, popup)).toMatchObject({ ok: true });
    await whole.worker.engine.run();
    expect(await lifeOf(id)).toMatchObject({ state: 'done' });
    await signOut();
    const undo = crypto.randomUUID();
    const answer = await send('change.undo', { id: undo, changeId: id, seen: markOf(state) }, popup);
    expect(answer as ChangeAnswer).toMatchObject({ ok: true });
    await whole.worker.engine.run();
    expect(await lifeOf(undo)).toMatchObject({ state: 'waiting', for: 'signIn' });
    await signInAgain();
    expect([await lifeOf(undo), state.partnerOfRecord?.partnerId]).toMatchObject([
      { state: 'done' },
      CONTOSO.partnerId,
    ]);
  });
});

describe('Many links that are asked for at once', () => {
  const askFor = (links: readonly LinkTarget[]) =>
    send(
      'links.ask',
      {
        id: crypto.randomUUID(),
        connectionId: azure.id,
        partnerId: FABRIKAM.partnerId,
        links: links.map((one) => ({ target: one, before: null, basedOn: null })),
      },
      tenants,
    );

  test('are those of an account, too, that was signed out meanwhile: they wait for its sign-in', async () => {
    const answer = await askFor([target, { ...target, tenant: ben.homeTenant, user: ben.user }]);
    expect(answer).toMatchObject({ ok: true, asked: 2 });
    await whole.worker.engine.run();
    expect((await whole.history.openChanges()).map((change) => change.person)).toMatchObject([{ sub: ben.user }]);
  });

  test('have Azure asked once what their tenants are called, though it does not say', async () => {
    let asked = 0;
    vi.stubGlobal('fetch', async () => {
      asked += 1;
      throw new TypeError('Nobody is there');
    });
    await signIn(ada, { token: 't', since: whole.clock.now(), lastsMs: null, objectId: uuid(42), askedWith: null });
    await askFor(Array.from({ length: 60 }, (_, at) => ({ ...target, tenant: uuid(200 + at) })));
    expect(asked).toBe(1);
  });
});

describe('A portal’s page', () => {
  const read = async (of: string, as: string | null = null): Promise<LinkView | null> => {
    const asked = { subscriptionId: SUBSCRIPTION_ID, user: as, anew: true };
    return (await send('link.read', asked, panelAt(of))) as LinkView | null;
  };

  test('that names one tenant after another is shown no more links than subscriptions', async () => {
    const views = [];
    for (let at = 0; at < 20; at += 1) views.push(await read(uuid(100 + at)));
    expect(views.filter((view) => view?.withheld !== true)).toHaveLength(8);
    expect(new Set(reads).size).toBe(8);
    expect(views.at(-1)).toMatchObject({ withheld: true, link: { target: null, account: null, accounts: [] } });
    // It goes on at the pace of subscriptions.
    whole.clock.moveTo(whole.clock.now() + 2 * SECOND);
    expect((await read(uuid(150)))?.withheld).toBeUndefined();
    expect((await read(uuid(151)))?.withheld).toBe(true);
  });

  test('that names one account after another is shown no more links than subscriptions', async () => {
    await signIn(ben);
    const views = [];
    for (let at = 0; at < 20; at += 1) views.push(await read(tenant, at % 2 === 0 ? user : ben.user));
    expect(views.filter((view) => view?.withheld !== true)).toHaveLength(8);
  });

  test('that stays where it is may have its link read as often as it likes', async () => {
    for (let at = 0; at < 20; at += 1) expect((await read(tenant))?.withheld).toBeUndefined();
  });

  test('that leads the panel about is told that there is no service, and its link alone is withheld', async () => {
    const views = [];
    for (let at = 0; at < 12; at += 1) {
      const sender = panelAt(tenant, uuid(300 + at));
      const asked = { subscriptionId: uuid(300 + at), anew: false };
      views.push([
        await send('subscription.read', asked, sender),
        await send('link.read', { ...asked, user: null }, sender),
      ]);
    }
    expect(views.at(-1)).toMatchObject([{ source: null }, { withheld: true }]);
    expect(views.flatMap(([record]) => (record !== null && 'withheld' in Object(record) ? [record] : []))).toEqual([]);
  });

  test('is told of no link, withheld or not, where no connection holds any', async () => {
    await device.browser.storage.local.set({ settings: { version: 2, connections: [], defaultConnection: null } });
    for (let at = 0; at < 20; at += 1) expect(await read(uuid(100 + at))).toBeNull();
  });

  test('is offered the partners that were used for links where it shows one', async () => {
    await send('link.known', { subscriptionId: SUBSCRIPTION_ID, target, anew: true }, popup);
    const asked = { id: crypto.randomUUID(), target, partnerId: FABRIKAM.partnerId, seen: markOf(state) };
    await send('link.assign', asked, popup);
    await whole.worker.engine.run();
    // Whose the ID is that was asked for, nobody told; whose the one before is, Azure did.
    await send('change.undo', { id: crypto.randomUUID(), changeId: asked.id, seen: markOf(state) }, popup);
    await whole.worker.engine.run();
    const used = (await send('partners.used', { ofLink: true }, panelAt(tenant))) as UsedPartners;
    expect(await send('partners.used', {}, panelAt(tenant))).toEqual({ assigned: [], checked: [] });
    expect(used.checked.length + used.assigned.length).toBeGreaterThan(0);
    expect(used).toEqual(await whole.history.partnersUsed(azure.id, 8));
  });
});
