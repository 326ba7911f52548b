import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { IDBFactory } from 'fake-indexeddb';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AzureAccount } from '../../../src/domain/azure-account';
import { signInOf } from '../../../src/domain/connection';
import type { TestStep } from '../../../src/domain/connection-test';
import type { KindFacts } from '../../../src/domain/kind-facts';
import { named } from '../../../src/domain/schemas';
import type { SignInVisit } from '../../../src/domain/sign-in-visit';
import {
  type AzureSignInAnswer,
  BROADCAST_CHANNEL,
  type MessageInput,
  type MessageOutput,
} from '../../../src/messaging/protocol';
import { OptionsPage } from '../../../src/options/options-page';
import { createDatabase } from '../../../src/storage/database';
import { createSecrets } from '../../../src/storage/secrets';
import { readSettings } from '../../../src/storage/settings';
import { exportSettings } from '../../../src/storage/settings-file';
import { testDirectory } from '../../azure/directory';
import {
  aConnection,
  anEntraConnection,
  CONNECTION,
  CONNECTION_ID,
  onlyConnection,
  SERVICE_CAN,
} from '../../support/connections';
import { HOSTILE } from '../../support/hostile';
import { browser, resetWorld, world } from '../../support/page-browser';
import { all, choose, press, says, text, the, type } from '../../support/screen';
import { uuid } from '../../support/targets';
import { ownSettings, writeSettings } from '../../support/write-settings';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));
const built = vi.hoisted((): { clientIds: Record<string, string> } => ({ clientIds: {} }));
vi.mock('../../../src/platform/built-in-client-ids', () => ({
  get BUILT_IN_CLIENT_IDS() {
    return built.clientIds;
  },
}));

const KINDS: readonly KindFacts[] = [
  {
    kind: 'service',
    can: SERVICE_CAN,
    signIns: ['none', 'accessToken', 'openIdConnect'],
    steps: ['reachable', 'contract', 'signedIn'],
  },
  {
    kind: 'azurePal',
    can: { check: false, list: false, changeLog: false, mails: false, shares: false, replay: 'readFirst' },
    signIns: ['entra'],
    steps: ['reachable', 'signedIn'],
  },
];
const NOBODY: readonly TestStep[] = [
  { step: 'reachable', ok: true },
  { step: 'signedIn', ok: false, failure: { reason: 'signInNeeded' } },
];
const APPLICATION = anEntraConnection().clientId;
const REDIRECT = 'https://extension.chromiumapp.org/';
const [ada, ben] = testDirectory(2).accounts.map(
  ({ user, homeTenant, username, name }): AzureAccount => ({ user, homeTenant, username, name }),
);
if (ada === undefined || ben === undefined) throw new Error('The directory has two accounts');

let accounts: AzureAccount[];
let answer: AzureSignInAnswer;
let tested: readonly TestStep[];
let visit: SignInVisit | null;
let saved: MessageOutput<'connection.save'>[];
let started: MessageInput<'azure.signIn'>[];
const copied: string[] = [];

beforeEach(() => {
  resetWorld();
  vi.stubGlobal('indexedDB', new IDBFactory());
  built.clientIds = {};
  accounts = [];
  answer = { kind: 'cancelled' };
  tested = NOBODY;
  visit = null;
  saved = [];
  started = [];
  copied.length = 0;
  Object.defineProperty(navigator, 'clipboard', {
    configurable: true,
    value: { writeText: async (written: string) => void copied.push(written) },
  });
  world.worker = {
    'connections.kinds': async () => KINDS,
    'connection.test': async () => tested,
    async 'signIn.visit'() {
      const led = visit;
      visit = null;
      return led;
    },
    async 'connection.save'(form) {
      saved.push(form);
      const { name, kind, address, portals, tenants } = form;
      await writeSettings(
        onlyConnection(named({ id: CONNECTION_ID, name, kind, address, portals, tenants, ...signInOf(form) })),
      );
      return { ok: true };
    },
    async 'connections.import'({ forms }) {
      saved.push(...forms.map((form) => ({ ...form, edited: null, abandonOpenChanges: false })));
      return { ok: true };
    },
    'retention.preview': async () => ({ removes: 0 }),
    'retention.save': async () => ({ ok: true, removed: 0 }),
    'notify.save': async () => null,
    'portals.save': async () => null,
    'confirm.save': async () => null,
    'watch.save': async () => null,
    async 'ownPartnerId.save'({ ownPartnerId }) {
      await writeSettings({ ownPartnerId });
      return null;
    },
    'azure.accounts': async () => accounts,
    async 'azure.signIn'(wanted) {
      started.push(wanted);
      if (answer.kind === 'signedIn') accounts = [...accounts, answer.account];
      announceSignIn();
      return answer;
    },
    async 'azure.signOut'({ user }) {
      accounts = accounts.filter((account) => account.user !== user);
      announceSignIn();
      return null;
    },
    'azure.consentLink': async ({ tenant }) => `https://login.example/${tenant}/v2.0/adminconsent`,
  };
});
afterEach(() => render(null, document.body));

/** As the worker does. */
function announceSignIn(): void {
  const channel = new BroadcastChannel(BROADCAST_CHANNEL);
  channel.postMessage({ changed: 'settings' });
  channel.close();
}

function openOptions(): void {
  const secrets = createSecrets(createDatabase(() => undefined));
  render(<OptionsPage secrets={secrets} welcome={false} />, document.body);
}

async function openAt(connection = anEntraConnection()): Promise<void> {
  await writeSettings(onlyConnection(connection));
  openOptions();
  await the('combobox', 'Cloud');
}

/** Opens a disclosure. */
function open(summary: string): void {
  const found = [...document.querySelectorAll('summary')].find((one) => text(one) === summary);
  if (!(found?.parentElement instanceof HTMLDetailsElement)) throw new Error(`No disclosure “${summary}”`);
  found.parentElement.open = true;
}

const chooseAzure = () => choose('Where the record is kept', 'Azure Partner Admin Link');

describe('where the record is kept', () => {
  it('is a service or Azure Partner Admin Link, each with a sentence that says what it is', async () => {
    openOptions();
    const offered = [...(await the('combobox', 'Where the record is kept')).querySelectorAll('option')];
    expect(offered.map((option) => text(option))).toEqual(['My organisation’s service', 'Azure Partner Admin Link']);
    await says('It changes nothing at Microsoft.');
    await chooseAzure();
    await says('Links your own sign-in to a partner at Microsoft, in each tenant by itself.');
  });

  it('at Azure is a cloud and an application: no address, token, issuer or scopes are asked for', async () => {
    openOptions();
    await chooseAzure();
    await the('textbox', 'Application (client) ID');
    const clouds = [...(await the('combobox', 'Cloud')).querySelectorAll('option')].map((option) => text(option));
    expect(clouds).toEqual(['Azure', 'Azure US Government', 'Azure operated by 21Vianet']);
    for (const name of ['Service URL', 'Address', 'Access token', 'Issuer URL', 'Client ID'])
      expect(all('textbox', name)).toEqual([]);
    expect(all('combobox', 'Sign-in')).toEqual([]);
    expect(text()).not.toContain('Your provider is asked for');
    await the('checkbox', 'Azure portal');
    await the('textbox', 'Tenants');
    expect(await the('textbox', 'Name')).toMatchObject({ placeholder: 'Azure' });
    expect(text()).toContain('24 hours at most');
    expect(text()).toContain(REDIRECT);
  });

  it('keeps the address that was typed while the person looks at the other kind', async () => {
    openOptions();
    await type('textbox', 'Service URL', 'https://por.example.com/v1');
    await chooseAzure();
    await the('combobox', 'Cloud');
    await choose('Where the record is kept', 'My organisation’s service');
    expect(await the('textbox', 'Service URL')).toMatchObject({ value: 'https://por.example.com/v1' });
    expect(await the('combobox', 'Sign-in')).toMatchObject({ value: 'accessToken' });
  });

  it('says of the other clouds that nobody documents whether they have it', async () => {
    openOptions();
    await chooseAzure();
    await the('combobox', 'Cloud');
    expect(text()).not.toContain('is not documented');
    await choose('Cloud', 'Azure US Government');
    await says('Whether this cloud has Partner Admin Link is not documented.');
  });
});

describe('saving a connection to Azure', () => {
  it.each([
    ['Azure', 'https://management.azure.com'],
    ['Azure US Government', 'https://management.usgovcloudapi.net'],
    ['Azure operated by 21Vianet', 'https://management.chinacloudapi.cn'],
  ])('asks once for identity and the management host of %s, never for the sign-in host', async (cloud, address) => {
    openOptions();
    await chooseAzure();
    await choose('Cloud', cloud);
    await type('textbox', 'Application (client) ID', ` ${APPLICATION.toUpperCase()}\u200b`);
    await type('textbox', 'Tenants', 'Contoso.example');
    await press('Azure portal', 'checkbox');
    await press('Remember on this device', 'checkbox');
    await press('Save');
    await says('Saved, but you are not signed in yet. Sign in above.');
    expect(world.asked).toEqual([`${address}/*`, 'identity']);
    expect(saved).toEqual([
      {
        name: cloud,
        kind: 'azurePal',
        address,
        portals: ['azure'],
        tenants: ['contoso.example'],
        signIn: 'entra',
        clientId: APPLICATION,
        staySignedIn: true,
        token: 'kept',
        remember: true,
        edited: null,
        abandonOpenChanges: false,
      },
    ]);
  });

  it('saves nothing where the browser is not allowed to reach Azure', async () => {
    world.allows = false;
    openOptions();
    await chooseAzure();
    await type('textbox', 'Application (client) ID', APPLICATION);
    await press('Save');
    await says('The browser was not allowed to reach https://management.azure.com. Nothing was saved');
    expect(saved).toEqual([]);
  });

  it.each([
    ['', 'Enter the application (client) ID.'],
    ['helper', 'This is not an application (client) ID.'],
    [`${APPLICATION}0`, 'This is not an application (client) ID.'],
    [`\u202e${APPLICATION}`, 'Hidden characters show this ID in another order.'],
  ])('says what is wrong with the application “%s”, and asks the browser for nothing', async (typed, words) => {
    openOptions();
    await chooseAzure();
    await type('textbox', 'Application (client) ID', typed);
    await press('Save');
    await says(words);
    expect(document.activeElement).toBe(await the('textbox', 'Application (client) ID'));
    expect([world.asked, saved]).toEqual([[], []]);
  });

  it('to a cloud that another connection is to is refused at the cloud', async () => {
    await writeSettings({ connections: [CONNECTION, anEntraConnection({ id: uuid(8) })], defaultConnection: null });
    openOptions();
    await press('Add connection');
    await vi.waitFor(async () => expect(await the('textbox', 'Service URL')).toMatchObject({ value: '' }));
    await chooseAzure();
    await type('textbox', 'Application (client) ID', APPLICATION);
    await press('Save');
    await says('Another connection is to this cloud. Edit that one.');
    expect(document.activeElement).toBe(await the('combobox', 'Cloud'));
    expect(saved).toEqual([]);
  });

  it('shows what is stored again, by whatever name, and takes a new name', async () => {
    await openAt(anEntraConnection({ name: 'Azure', portals: ['azure'], tenants: ['contoso.example'] }));
    expect(await the('textbox', 'Name')).toMatchObject({ value: '', placeholder: 'Azure' });
    expect(await the('textbox', 'Application (client) ID')).toMatchObject({ value: APPLICATION });
    expect(await the('textbox', 'Tenants')).toMatchObject({ value: 'contoso.example' });
    await type('textbox', 'Name', 'Links');
    await press('Save');
    await vi.waitFor(() => expect(saved).toMatchObject([{ name: 'Links', edited: CONNECTION_ID }]));
  });

  it('names each step of its test for Azure, and who is signed in without an organisation', async () => {
    tested = [
      { step: 'reachable', ok: true },
      { step: 'signedIn', ok: true, name: HOSTILE, organization: '' },
    ];
    await openAt();
    await press('Test connection');
    await says('Everything works.');
    const steps = [...(await the('list', 'Connection test')).querySelectorAll('li')].map((step) => text(step));
    expect(steps).toEqual([
      '✓Addresspassed: https://management.azure.com',
      '✓Permissionpassed: Allowed by the browser',
      '✓Reachablepassed: Azure answers',
      `✓Signed in aspassed: ${HOSTILE}`,
    ]);
    expect(world.asked).toEqual(['https://management.azure.com/*', 'identity']);
  });

  it('by policy is read-only, with the cloud and the application that it says', async () => {
    const { name, address, signIn, clientId } = anEntraConnection({ address: 'https://management.usgovcloudapi.net' });
    await browser.storage.managed.set({ connections: [{ name, address, signIn, clientId }] });
    openOptions();
    expect(await the('combobox', 'Cloud')).toMatchObject({ value: 'usGovernment', disabled: true });
    expect(await the('textbox', 'Application (client) ID')).toMatchObject({ value: clientId, readOnly: true });
    expect(text()).not.toContain('No application yet?');
  });

  it('is listed with its cloud in place of an address', async () => {
    await writeSettings({ connections: [CONNECTION, anEntraConnection({ id: uuid(8) })], defaultConnection: null });
    openOptions();
    const items = [...(await the('list', 'Connections')).querySelectorAll('li')].map((item) => text(item));
    expect(items[1]).toContain('Azure Partner Admin Link, Azure');
    expect(items[1]).toContain('Azure’s portals');
    // It keeps no record, so it is never the default of what does.
    expect(all('button', 'Make default Azure')).toEqual([]);
  });

  it('goes by a settings file too, which asks for nothing else', async () => {
    openOptions();
    await the('button', 'Export settings');
    const settings = { ...(await readSettings()), ...onlyConnection(anEntraConnection()) };
    const input = document.querySelector<HTMLInputElement>('input[type="file"]');
    if (input === null) throw new Error('No file field');
    const file = new File([], 'settings.json');
    file.text = async () => exportSettings(settings);
    Object.defineProperty(input, 'files', { value: [file], configurable: true });
    input.dispatchEvent(new Event('change', { bubbles: true }));
    await says(`Client ID: nothing → ${APPLICATION}`);
    await press('Import settings');
    await says('Settings imported. Sign in above.');
    expect(world.asked).toEqual(['https://management.azure.com/*', 'identity']);
    expect(saved).toMatchObject([{ kind: 'azurePal', signIn: 'entra', clientId: APPLICATION }]);
  });
});

describe('an application that is known already', () => {
  const [ofBuild, ofPolicy] = [uuid(1), uuid(2)];

  it('fills the box for its cloud, and the page says that it came with the extension', async () => {
    built.clientIds = { public: ofBuild };
    openOptions();
    await chooseAzure();
    expect(await the('textbox', 'Application (client) ID')).toMatchObject({ value: ofBuild });
    await says('It came with this extension.');
    await choose('Cloud', 'Azure operated by 21Vianet');
    await vi.waitFor(async () =>
      expect(await the('textbox', 'Application (client) ID')).toMatchObject({ value: '', readOnly: false }),
    );
    expect(text()).not.toContain('It came with this extension.');
  });

  it('of the organisation’s goes before it, and one that is typed before both', async () => {
    built.clientIds = { public: ofBuild };
    await browser.storage.managed.set({ azureClientIds: { public: ofPolicy } });
    openOptions();
    await chooseAzure();
    expect(await the('textbox', 'Application (client) ID')).toMatchObject({ value: ofPolicy });
    expect(text()).toContain('Set by your organisation.');
    await type('textbox', 'Application (client) ID', APPLICATION);
    await press('Save');
    await vi.waitFor(() => expect(saved).toMatchObject([{ clientId: APPLICATION }]));
  });

  it('of another cloud than the stored connection’s is none for this one', async () => {
    built.clientIds = { china: ofBuild };
    await openAt();
    await choose('Cloud', 'Azure operated by 21Vianet');
    await vi.waitFor(async () =>
      expect(await the('textbox', 'Application (client) ID')).toMatchObject({ value: ofBuild }),
    );
    await choose('Cloud', 'Azure');
    await vi.waitFor(async () =>
      expect(await the('textbox', 'Application (client) ID')).toMatchObject({ value: APPLICATION }),
    );
  });

  it('is no input of the person’s that would be lost', async () => {
    built.clientIds = { public: ofBuild };
    openOptions();
    await the('textbox', 'Service URL');
    expect(dispatchEvent(new Event('beforeunload', { cancelable: true }))).toBe(true);
  });
});

describe('without an application', () => {
  it('one block to paste registers one that leads back to this browser', async () => {
    openOptions();
    await chooseAzure();
    await says('No application yet?');
    open('No application yet?');
    await press('Copy commands');
    await says('Copied.');
    expect(copied).toHaveLength(1);
    expect(copied[0]).toContain(`{"spa":{"redirectUris":["${REDIRECT}"]}}`);
    expect(text()).toContain('verified your organisation as the publisher');
  });
});

describe('the accounts of a connection to Azure', () => {
  it('are nobody’s at first; who signs in is listed, and one more can be added', async () => {
    await openAt();
    await says('A partner link is your own: it links your sign-in in one tenant to a partner at Microsoft');
    await says('Nobody is signed in.');
    answer = { kind: 'signedIn', account: ada, tenant: ada.homeTenant };
    await press('Sign in');
    await says('ada@tenant1.example is signed in.');
    await the('button', 'Sign out of ada@tenant1.example');
    answer = { kind: 'signedIn', account: { ...ben, username: HOSTILE }, tenant: ben.homeTenant };
    await press('Add account');
    await says(`${HOSTILE} is signed in.`);
    const items = [...(await the('list', 'Accounts')).querySelectorAll('li')];
    expect(items).toHaveLength(2);
    expect(document.querySelector('img[src="x"]')).toBeNull();
    expect(started).toEqual(
      Array.from({ length: 2 }, () => ({ connectionId: CONNECTION_ID, user: null, tenant: null })),
    );
  });

  it('are signed out one by one, and the page says what stays', async () => {
    accounts = [ada, ben];
    await openAt();
    await press('Sign out of ben@tenant2.example');
    await says('ben@tenant2.example is signed out: this extension has forgotten it.');
    await says('The browser’s own session at Microsoft stays');
    await vi.waitFor(() => expect(all('button', 'Sign out of ben@tenant2.example')).toEqual([]));
    await the('button', 'Sign out of ada@tenant1.example');
    // The button that was pressed is gone.
    expect(document.activeElement).toBe(await the('button', 'Add account'));
  });

  it('leave nothing standing that was found before one signed in', async () => {
    openOptions();
    await chooseAzure();
    await type('textbox', 'Application (client) ID', APPLICATION);
    await press('Save');
    await says('Saved, but you are not signed in yet. Sign in above.');
    answer = { kind: 'signedIn', account: ada, tenant: ada.homeTenant };
    await press('Sign in');
    await says('What to do next');
    expect(text()).not.toContain('you are not signed in yet');
    expect(all('list', 'Connection test')).toEqual([]);
  });

  it.each<[AzureSignInAnswer, string]>([
    [{ kind: 'cancelled' }, 'Signing in was cancelled.'],
    [{ kind: 'notAllowed' }, 'Something has to be allowed first. Save, agree to what you are asked, then sign in.'],
    [
      { kind: 'otherAccount', account: ben, wanted: ada.user },
      'ben@tenant2.example is signed in, which is not the account',
    ],
    [
      { kind: 'failed', failure: { reason: 'signInNeeded', code: 'SignInFailed' } },
      'Signing in did not work. Sign in again.',
    ],
  ])('say how a sign-in ended: %j', async (ended, words) => {
    answer = ended;
    await openAt();
    await press('Sign in');
    await says(words);
  });

  it('are of what is stored, not of what is being typed', async () => {
    accounts = [ada];
    await openAt();
    await the('button', 'Add account');
    await type('textbox', 'Application (client) ID', uuid(3));
    expect(all('button', 'Add account')).toEqual([]);
    expect(all('button', 'Sign out of ada@tenant1.example')).toEqual([]);
  });

  it('lead whoever was sent here to sign in back to where they came from', async () => {
    visit = { why: 'notSignedIn', tabId: 5, popup: false, at: Date.now() };
    await openAt();
    await says('You are not signed in. Sign in below; then you are back where you were.');
    answer = { kind: 'signedIn', account: ada, tenant: ada.homeTenant };
    await press('Sign in');
    await vi.waitFor(() => expect(world.broughtUp).toContain('tab 5'));
  });
});

describe('consent for a tenant', () => {
  const give = () => press('Give consent for this tenant');

  it('is given by signing in there, as whoever the person chooses', async () => {
    await openAt();
    answer = { kind: 'signedIn', account: ada, tenant: uuid(4) };
    await type('textbox', 'Tenant to give consent for', ' Contoso.example ');
    await give();
    await says('ada@tenant1.example is signed in.');
    expect(started).toEqual([{ connectionId: CONNECTION_ID, user: null, tenant: 'contoso.example' }]);
  });

  it.each([
    ['', 'Enter a tenant.'],
    ['two words', '“two words” is neither a domain nor an ID.'],
  ])('says what is wrong with the tenant “%s”', async (typed, words) => {
    await openAt();
    await type('textbox', 'Tenant to give consent for', typed);
    await give();
    await says(words);
    expect(document.activeElement).toBe(await the('textbox', 'Tenant to give consent for'));
    await press('Copy link for an administrator');
    expect([started, copied]).toEqual([[], []]);
  });

  it('of one tenant is told no more once another one is typed, nor that its link was copied', async () => {
    await openAt();
    answer = { kind: 'signedIn', account: ada, tenant: uuid(4) };
    await type('textbox', 'Tenant to give consent for', uuid(4));
    await press('Copy link for an administrator');
    await says('Copied.');
    await give();
    await says('ada@tenant1.example is signed in.');
    await type('textbox', 'Tenant to give consent for', uuid(5));
    await vi.waitFor(() => expect(text()).not.toContain('Copied.'));
    expect(text()).not.toContain('ada@tenant1.example is signed in.');
  });

  it('is an administrator’s by a link, which is said to end nowhere rightly', async () => {
    await openAt();
    await type('textbox', 'Tenant to give consent for', uuid(4));
    await press('Copy link for an administrator');
    await says('Copied.');
    expect(copied).toEqual([`https://login.example/${uuid(4)}/v2.0/adminconsent`]);
    expect(text()).toContain('It ends on an address that cannot be reached, and that is right');
    expect(started).toEqual([]);
  });
});

describe('one’s own Partner ID', () => {
  it('is saved as it is seen, told, and removed when it is emptied', async () => {
    openOptions();
    await type('textbox', 'Your own Partner ID', ' ２00002\u200b');
    await press('Save Partner ID');
    await says('Partner ID saved.');
    expect((await ownSettings()).ownPartnerId).toBe('200002');
    expect(await the('textbox', 'Your own Partner ID')).toMatchObject({ value: '200002' });
    await type('textbox', 'Your own Partner ID', ' ');
    await press('Save Partner ID');
    await vi.waitFor(async () => expect((await ownSettings()).ownPartnerId).toBeNull());
  });

  it.each([
    ['1234', 'A Partner ID has at least 5 digits.'],
    ['Contoso', 'A Partner ID has digits only.'],
    [uuid(1), 'This is a usage attribution ID, not a Partner ID.'],
  ])('is not “%s”', async (typed, words) => {
    openOptions();
    await type('textbox', 'Your own Partner ID', typed);
    await press('Save Partner ID');
    await says(words);
    expect((await ownSettings()).ownPartnerId).toBeUndefined();
  });

  it('is read-only where policy says it', async () => {
    await browser.storage.managed.set({ ownPartnerId: '300003' });
    openOptions();
    expect(await the('textbox', 'Your own Partner ID')).toMatchObject({ value: '300003', readOnly: true });
    expect(all('button', 'Save Partner ID')).toEqual([]);
  });

  it('is not asked for where no kind of backend has links', async () => {
    world.worker['connections.kinds'] = async () => KINDS.slice(0, 1);
    await writeSettings(onlyConnection(aConnection()));
    openOptions();
    await the('textbox', 'Service URL');
    expect(all('textbox', 'Your own Partner ID')).toEqual([]);
  });
});
