import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { IDBFactory } from 'fake-indexeddb';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { kindFacts } from '../../../src/backends/kinds';
import type { Change, Waiting } from '../../../src/domain/change';
import { holdingOf } from '../../../src/domain/partner-state';
import { createBroadcaster } from '../../../src/messaging/broadcasts';
import type { AzureSignInAnswer, LinkView, SubscriptionView } from '../../../src/messaging/protocol';
import { Popup } from '../../../src/popup/popup';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, type History } from '../../../src/storage/history';
import { anEntraConnection, onlyConnection } from '../../support/connections';
import { ACCOUNT, AZURE_CAN, LINK_OWNER, LINK_TARGET, linkStateOf, linkToContoso, TENANT } from '../../support/links';
import { browser, resetWorld, world } from '../../support/page-browser';
import { CONTOSO, FABRIKAM } from '../../support/partners';
import { all, press, says, text, the } from '../../support/screen';
import { SUBSCRIPTION_ID, uuid } from '../../support/targets';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

const PAGE = `https://portal.azure.com/#@contoso.com/resource/subscriptions/${SUBSCRIPTION_ID}/overview`;
const NAME = `${TENANT} (${ACCOUNT})`;
const azure = anEntraConnection();

let history: History;
let asked: { name: string; input: unknown }[];
let signsIn: AzureSignInAnswer;
let link: LinkView | null;
let tell: ReturnType<typeof createBroadcaster>;

const view = (more: Partial<LinkView> = {}): LinkView => ({
  subscriptionId: SUBSCRIPTION_ID,
  source: 'Azure',
  state: linkStateOf(CONTOSO),
  readAt: Date.now(),
  order: 1,
  failure: null,
  can: AZURE_CAN,
  standing: null,
  changeOrder: 0,
  support: null,
  link: {
    target: LINK_TARGET,
    account: { user: LINK_TARGET.user, name: ACCOUNT },
    accounts: [{ user: LINK_TARGET.user, name: ACCOUNT }],
    tenant: { id: LINK_TARGET.tenant, name: TENANT },
    isDelegated: false,
    attribution: null,
  },
  ...more,
});
const noService: SubscriptionView = { ...view(), source: null, state: null, readAt: null, can: null };

beforeEach(async () => {
  resetWorld();
  vi.stubGlobal('indexedDB', new IDBFactory());
  history = createHistory(createDatabase(() => undefined));
  asked = [];
  link = view();
  tell = createBroadcaster();
  signsIn = { kind: 'cancelled' };
  const note =
    <A,>(name: string, answer: () => A) =>
    async (input: unknown) => {
      asked.push({ name, input });
      return answer();
    };
  world.worker = {
    'person.present': async () => LINK_OWNER,
    'connections.kinds': async () => kindFacts(),
    'partners.used': async () => ({ assigned: [], checked: [] }),
    'subscription.read': async () => noService,
    'link.read': note('link.read', () => link),
    'azure.signIn': note('azure.signIn', () => signsIn),
    'link.signIn': note('link.signIn', () => ({ kind: 'signedIn' as const, user: LINK_TARGET.user })),
    'confirm.openFor': note('confirm.openFor', () => 'opened' as const),
    'change.stop': note('change.stop', () => null),
    'change.seen': note('change.seen', () => null),
    'change.keep': note('change.keep', () => null),
    'change.overwrite': note('change.overwrite', () => ({
      ok: false as const,
      problem: 'changedSince' as const,
      found: holdingOf(linkStateOf(null, '9')),
      view: null,
    })),
    'support.read': async () => null,
    'foreign.seen': async () => null,
  };
  await browser.storage.local.set({ settings: { version: 2, ...onlyConnection(azure) } });
});
afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
});

const open = () => render(<Popup history={history} place={{ in: 'popup' }} />, document.body);
const asks = (name: string) => asked.filter((one) => one.name === name).map(({ input }) => input);
const write = (change: Change) => history.insertChange(change, null);

function waitingFor(whom: 'signIn' | 'person'): Waiting {
  return {
    state: 'waiting',
    for: whom,
    wait: { from: Date.now(), ms: 0 },
    attempts: 1,
    triedMs: 0,
    firstSentAt: Date.now(),
    lastSentAt: Date.now(),
    effectPossible: false,
    lastFailure: whom === 'signIn' ? { reason: 'signInNeeded', status: 401, detail: { code: 'moreProof' } } : null,
    settle: null,
    failedReads: 0,
  };
}

describe('a link that needs somebody', () => {
  it('waits for its own account to sign in where it is, and may be stopped', async () => {
    await write(linkToContoso(waitingFor('signIn')));
    open();
    const needs = await the('region', 'Needs you');
    expect(text(needs)).toContain(NAME);
    expect(text(needs)).toContain('Azure asks you to sign in once more, for example with a second factor.');
    await press(`Sign in as ${ACCOUNT}`, 'button', needs);
    const { connectionId, tenant, user } = LINK_TARGET;
    await vi.waitFor(() => expect(asks('azure.signIn')).toEqual([{ connectionId, tenant, user }]));
    await says('Signing in was cancelled.');
    await the('button', 'Stop trying', needs);
  });

  it('is sent as no other account: who signs in as another is told so', async () => {
    await write(linkToContoso(waitingFor('person')));
    signsIn = {
      kind: 'otherAccount',
      wanted: LINK_TARGET.user,
      account: { user: 'other', homeTenant: uuid(50), username: 'ben@contoso.example', name: 'Ben' },
    };
    open();
    const needs = await the('region', 'Needs you');
    expect(all('button', 'Send as me')).toEqual([]);
    await press(`Sign in as ${ACCOUNT}`, 'button', needs);
    await says('You signed in as ben@contoso.example, which is not the account that this link is of.');
    await press('Discard', 'button', needs);
    await vi.waitFor(() => expect(asks('change.stop')).toHaveLength(1));
  });

  it('is told what is there by now, before it is overwritten', async () => {
    const found = holdingOf(linkStateOf(FABRIKAM, '5'));
    await write(linkToContoso({ state: 'conflict', attempts: 1, endedAt: Date.now(), found, answer: null }));
    open();
    const needs = await the('region', 'Needs you');
    expect(text(needs)).toContain('Meanwhile your link was set to Fabrikam (7654321) elsewhere.');
    await press('Overwrite', 'button', needs);
    await says('By now there is no partner. Press again to set one all the same.');
    await press('Overwrite', 'button', needs);
    await vi.waitFor(() => expect(asks('change.overwrite')).toHaveLength(2));
    const [first, second] = asks('change.overwrite').map((input) => Object(input).seen);
    expect(first).not.toBe(second);
  });

  it('was refused by Azure, in Azure’s own words', async () => {
    const failure = { reason: 'refused', status: 400, code: 'BadRequest', said: 'No such partner.' } as const;
    await write(linkToContoso({ state: 'refused', attempts: 1, endedAt: Date.now(), failure, seen: false }));
    open();
    const needs = await the('region', 'Needs you');
    expect(text(needs)).toContain('Azure refused (400). Azure said: “No such partner.”');
    await press('Mark as seen', 'button', needs);
    await vi.waitFor(() => expect(asks('change.seen')).toHaveLength(1));
  });
});

describe('a link in the history', () => {
  const done = () =>
    linkToContoso(
      { state: 'done', attempts: 1, endedAt: Date.now(), outcome: holdingOf(linkStateOf(CONTOSO, '2')) },
      { id: uuid(7), after: CONTOSO, page: PAGE },
    );

  it('names tenant, account and both partners, leads to where it was asked, and can be undone', async () => {
    await write(done());
    open();
    await press('History', 'tab');
    await says('Link partner');
    const list = await the('list', 'History');
    expect(text(list)).toContain(NAME);
    expect(text(list)).toContain('from no partner link to Contoso (1234567)');
    expect((await the('link', NAME)).getAttribute('href')).toBe(PAGE);
    await the('button', 'Undo', list);
  });
});

describe('this page, with a connection to Azure alone', () => {
  it('shows the link that counts there, and has it changed in the extension’s own window', async () => {
    world.tabAddress = PAGE;
    open();
    const here = await the('region', 'This page');
    await vi.waitFor(() => expect(text(here)).toContain('Partner linkContoso (1234567)'));
    expect(text(here)).toContain(`Your sign-in ${ACCOUNT} in ${TENANT}`);
    expect(text()).not.toContain('No service is set up');
    expect(all('button', 'Check ID')).toEqual([]);
    await press('Change link', 'button', here);
    await vi.waitFor(() =>
      expect(asks('confirm.openFor')).toEqual([{ subscriptionId: SUBSCRIPTION_ID, link: { user: LINK_TARGET.user } }]),
    );
  });

  it('follows what becomes of the link', async () => {
    world.tabAddress = PAGE;
    open();
    await says('Partner linkContoso (1234567)');
    link = view({ state: linkStateOf(null, '2') });
    tell({ changed: 'links', targets: [LINK_TARGET] });
    await says('Partner linkNo partner link');
  });

  it('has nobody signed in: it offers that, and names no partner', async () => {
    world.tabAddress = PAGE;
    link = view({
      state: null,
      readAt: null,
      failure: { reason: 'signInNeeded' },
      link: { ...view().link, target: null, account: null, accounts: [] },
    });
    open();
    const here = await the('region', 'This page');
    await vi.waitFor(() => expect(text(here)).toContain('Your partner link is not known yet.'));
    expect(text(here)).toContain('You are not signed in at Azure.');
    await press('Sign in', 'button', here);
    await vi.waitFor(() => expect(asks('link.signIn')).toEqual([{ subscriptionId: SUBSCRIPTION_ID, user: null }]));
    expect(all('button', 'Change link')).toEqual([]);
  });

  it('leads to the tenants, and to no list of subscriptions that nobody has', async () => {
    open();
    expect((await the('link', 'Tenants')).getAttribute('href')).toContain('src/tenants/index.html');
    await vi.waitFor(() => expect(all('link', 'All subscriptions')).toEqual([]));
    await says('your partner link shows there');
  });
});
