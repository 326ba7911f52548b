import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { IDBFactory } from 'fake-indexeddb';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { named as withName } from '../../../src/domain/schemas';
import type { Failure } from '../../../src/domain/failure';
import { signInOf } from '../../../src/domain/connection';
import type { KindFacts } from '../../../src/domain/kind-facts';
import { readSettings } from '../../../src/storage/settings';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings';
import type { NamedScopes } from '../../../src/domain/scopes';
import { type SignInVisit, VISIT_LASTS_MS } from '../../../src/domain/sign-in-visit';
import { TEST_STEPS, type TestStep } from '../../../src/domain/connection-test';
import type { MessageOutput, SignInAnswer } from '../../../src/messaging/protocol';
import { OptionsPage } from '../../../src/options/options-page';
import { builtInPortals } from '../../../src/portals';
import { createDatabase } from '../../../src/storage/database';
import { idFor } from '../../../src/storage/portable-connection';
import { createSecrets, type Secrets } from '../../../src/storage/secrets';
import { exportSettings } from '../../../src/storage/settings-file';
import { ownSettings, writeSettings } from '../../support/write-settings';
import portalNames from '../../../src/words/en/portals.json' with { type: 'json' };
import { browser, resetWorld, world } from '../../support/page-browser';
import { aConnection, anOpenIdConnection, CONNECTION, CONNECTION_ID, onlyConnection } from '../../support/connections';
import { deferred } from '../../support/deferred';
import { HOSTILE } from '../../support/hostile';
import { WANTED } from '../../support/partners';
import { aRecord, listedOf } from '../../support/records';
import { SUBSCRIPTION_ID } from '../../support/targets';
import { all, choose, press, says, text, the, type } from '../../support/screen';

vi.mock('../../../src/platform/browser', () => import('../../support/page-browser'));
// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));
const files: { name: string; text: string }[] = [];
vi.mock('../../../src/ui/download', () => ({
  download: (name: string, _type: string, text: string) => files.push({ name, text }),
}));

const SECRET = 'a-secret-token';
const PASSED: readonly TestStep[] = [
  { step: 'reachable', ok: true },
  { step: 'contract', ok: true, version: 1 },
  { step: 'signedIn', ok: true, name: 'Ada', organization: HOSTILE },
];

let secrets: Secrets;
/** How the test of a connection ends. */
let tested: readonly TestStep[];
/** Why the person was led here to sign in. */
let visit: SignInVisit | null;
const copied: string[] = [];
const SERVICE: KindFacts = {
  kind: 'service',
  can: { check: true, list: true, changeLog: true, mails: true, shares: true, replay: 'key' },
  signIns: ['none', 'accessToken', 'openIdConnect'],
  steps: TEST_STEPS,
};
/** How many rows any limit would remove, and to how many each attempt to save one agreed. */
let beyond: number;
let agreed: number[];
/** What the service names to be asked for. */
let named: NamedScopes;
/** The kinds of backend that there are. */
let kinds: readonly KindFacts[];
/**
 * What the worker has saved, and the token that it found handed over. It comes here once it is written: a test that ends by it leaves
 * no write behind for the next one.
 */
let saved: (MessageOutput<'connection.save'> & { readonly handedOver: string | null })[];

beforeEach(() => {
  resetWorld();
  files.length = 0;
  saved = [];
  beyond = 0;
  agreed = [];
  vi.stubGlobal('indexedDB', new IDBFactory());
  // jsdom draws no dialogs: open is all there is to see.
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
  secrets = createSecrets(createDatabase(() => undefined));
  named = { kind: 'none' };
  kinds = [SERVICE];
  tested = PASSED;
  visit = null;
  Object.defineProperty(navigator, 'clipboard', {
    configurable: true,
    value: { writeText: async (text: string) => void copied.push(text) },
  });
  copied.length = 0;
  world.worker = {
    'scopes.named': async () => named,
    'connection.test': async () => tested,
    'subscriptions.list': async () => ({
      ok: true,
      subscriptions: [listedOf(aRecord())],
      next: null,
      place: null,
      readAs: null,
      readAt: 0,
    }),
    async 'signIn.visit'() {
      const led = visit;
      visit = null;
      return led;
    },
    async 'connection.save'(form) {
      const handedOver = await secrets.takeHandedOver();
      const { name, kind, address, portals, tenants } = form;
      const connection = withName({ id: CONNECTION_ID, name, kind, address, portals, tenants, ...signInOf(form) });
      await writeSettings(onlyConnection(connection));
      saved.push({ ...form, handedOver });
      return { ok: true };
    },
    async 'connections.import'({ forms }) {
      const [first] = forms.map(({ name, kind, address, portals, tenants, ...form }) =>
        withName({ id: CONNECTION_ID, name, kind, address, portals, tenants, ...signInOf(form) }),
      );
      await writeSettings(onlyConnection(first ?? null));
      for (const form of forms) saved.push({ ...form, edited: null, abandonOpenChanges: false, handedOver: null });
      return { ok: true };
    },
    async 'notify.save'({ notify }) {
      await writeSettings({ notify });
      return null;
    },
    'connections.kinds': async () => kinds,
    async 'portals.save'({ portals }) {
      await writeSettings({ portals });
      return null;
    },
    'retention.preview': async () => ({ removes: beyond }),
    async 'retention.save'({ retention, mayRemove }) {
      agreed.push(mayRemove);
      if (beyond > mayRemove) return { ok: false, problem: 'wouldRemove', removes: beyond };
      await writeSettings({ retention });
      return { ok: true, removed: beyond };
    },
    async 'watch.save'(chosen) {
      await writeSettings(chosen);
      return null;
    },
    async 'ownPartnerId.save'({ ownPartnerId }) {
      await writeSettings({ ownPartnerId });
      return null;
    },
    async 'confirm.save'({ confirm }) {
      await writeSettings({ confirm });
      return null;
    },
    'history.clear': async () => ({ removed: 3 }),
  };
});
afterEach(() => render(null, document.body));

function openOptions(welcome = false) {
  render(<OptionsPage secrets={secrets} welcome={welcome} />, document.body);
}

async function chooseFile(content: string) {
  await the('button', 'Export settings');
  const input = document.querySelector<HTMLInputElement>('input[type="file"]');
  if (input === null) throw new Error('No file field');
  const file = new File([content], 'settings.json');
  file.text = async () => content;
  Object.defineProperty(input, 'files', { value: [file], configurable: true });
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

async function fillIn(serviceUrl: string, token: string) {
  await type('textbox', 'Service URL', serviceUrl);
  await type('textbox', 'Access token', token);
}

describe('the connection', () => {
  it('is saved with the token handed over beside the message, never inside it', async () => {
    openOptions();
    await fillIn('http://localhost:8787/v1/', SECRET);
    await press('Remember on this device', 'checkbox');
    await press('Save');
    await says('Saved.');
    expect(saved).toEqual([
      {
        name: null,
        kind: 'service',
        address: 'http://localhost:8787/v1',
        portals: [],
        tenants: [],
        edited: null,
        signIn: 'accessToken',
        token: 'typed',
        remember: true,
        abandonOpenChanges: false,
        handedOver: SECRET,
      },
    ]);
    expect(world.asked).toEqual([]);
  });

  it('takes what was pasted as it is seen: the address, and the token with its scheme, quotes and line ends', async () => {
    openOptions();
    await fillIn('\u202a“http://localhost:8787/\u200bv1”\u202c', `Authorization: "Bearer ${SECRET}\u200b" \u2028`);
    await press('Save');
    await says('Saved.');
    expect(saved).toMatchObject([{ address: 'http://localhost:8787/v1', handedOver: SECRET }]);
  });

  it('keeps an address that is typed the moment its field shows', async () => {
    const typed = new Promise<void>((resolve) => {
      new MutationObserver((_records, observer) => {
        const [field] = all('textbox', 'Service URL');
        if (!(field instanceof HTMLInputElement)) return;
        observer.disconnect();
        field.value = 'http://localhost:8787/v1';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        resolve();
      }).observe(document.body, { childList: true, subtree: true });
    });
    openOptions();
    await typed;
    await type('textbox', 'Access token', SECRET);
    await press('Save');
    await says('Saved.');
    expect(saved).toMatchObject([{ address: 'http://localhost:8787/v1' }]);
  });

  it('asks the browser for an https service’s origin, and saves nothing when that is refused', async () => {
    world.allows = false;
    openOptions();
    await fillIn('https://service.example.com:8443/v1', SECRET);
    await press('Save');
    await says('The browser was not allowed to reach https://service.example.com:8443.');
    expect(world.asked).toEqual(['https://service.example.com/*']);
    expect(saved).toEqual([]);
    world.allows = true;
    await press('Save');
    await says('Saved.');
  });

  it.each([
    ['example', 'This is not a web address.'],
    ['http://example.com', 'The address must begin with https://'],
    ['http://[::1]:8787/v1', 'Write localhost in place of [::1]'],
    ['https://[0:0:0:0:0:0:0:1]/v1', 'Write localhost in place of [::1]'],
    ['https://service.example.com/\u202ev1', 'Hidden characters show this address in another order.'],
    ['https://service.example.com/\u2028v1', 'Leave out the spaces and line ends within the address.'],
    ['https://me:pw@example.com', 'Leave user name and password out'],
    ['https://example.com/?x=1', 'Leave out everything from ? or # on.'],
  ])('says what is wrong with %s', async (address, words) => {
    openOptions();
    await fillIn(address, SECRET);
    await press('Save');
    await says(words);
    expect(world.asked).toEqual([]);
    expect(saved).toEqual([]);
  });

  it('never shows a stored token again, and says that one is stored', async () => {
    await writeSettings(onlyConnection({ ...CONNECTION, signIn: 'accessToken' }));
    await secrets.saveToken(CONNECTION_ID, SECRET, true);
    openOptions();
    const field = await the('textbox', 'Access token');
    expect(field).toMatchObject({ type: 'password', value: '', placeholder: 'One is stored. Leave empty to keep it.' });
    expect(document.documentElement.outerHTML).not.toContain(SECRET);
    expect(await the('checkbox', 'Remember on this device')).toMatchObject({ checked: true });
    await press('Save');
    await says('Saved.');
    expect(saved).toMatchObject([{ token: 'kept', remember: true, handedOver: null }]);
  });

  it('asks for the token again when the address is another', async () => {
    await writeSettings(onlyConnection({ ...CONNECTION, signIn: 'accessToken' }));
    await secrets.saveToken(CONNECTION_ID, SECRET, false);
    openOptions();
    await type('textbox', 'Service URL', 'http://localhost:9999');
    await press('Test connection');
    await says('Enter the access token.');
    await press('Save');
    expect(saved).toEqual([]);
  });

  it('asks before it gives up changes that have not ended, and “Cancel” leaves all as it is', async () => {
    const { 'connection.save': real } = world.worker;
    world.worker['connection.save'] = async (form, sender) =>
      form.abandonOpenChanges && real ? real(form, sender) : { ok: false, problem: 'openChanges', count: 2 };
    openOptions();
    await fillIn('http://localhost:8787/v1', SECRET);
    await press('Save');
    const dialog = await the('alertdialog', 'Changes have not ended yet');
    expect(text(dialog)).toContain('2 changes to the present service have not ended yet.');
    await press('Cancel');
    await vi.waitFor(() => expect(all('alertdialog')).toEqual([]));
    expect(saved).toEqual([]);
    await press('Save');
    await press('Give up and save');
    await says('Saved.');
    expect(saved).toMatchObject([{ abandonOpenChanges: true }]);
  });

  it('with OpenID Connect asks for what signing in needs, and takes issuer and client ID as they are', async () => {
    openOptions();
    await type('textbox', 'Service URL', 'https://service.example.com/v1');
    await choose('Sign-in', 'OpenID Connect');
    await press('Save');
    await says('Enter the address of your identity provider.');
    await says('Enter the client ID.');
    expect(world.asked).toEqual([]);
    await type('textbox', 'Issuer URL', ' https://login.example.com/tenant/ ');
    await type('textbox', 'Client ID', 'helper');
    await press('Remember on this device', 'checkbox');
    await press('Save');
    await says('Saved.');
    expect(world.asked).toEqual(['https://service.example.com/*', 'https://login.example.com/*', 'identity']);
    expect(saved).toMatchObject([
      {
        signIn: 'openIdConnect',
        issuer: 'https://login.example.com/tenant/',
        clientId: 'helper',
        staySignedIn: true,
        token: 'kept',
        handedOver: null,
      },
    ]);
  });

  it('signs in and out at the provider that is stored, not at one that is being typed', async () => {
    const connection = anOpenIdConnection({ name: CONNECTION.name, address: CONNECTION.address });
    await writeSettings(onlyConnection(connection));
    let outcome: SignInAnswer = 'failed';
    const started: boolean[] = [];
    world.worker['signIn.start'] = async ({ another }) => {
      started.push(another);
      return outcome;
    };
    world.worker['signIn.end'] = async () => {
      await secrets.forgetTokens(CONNECTION_ID);
      return { revoked: false };
    };
    openOptions();
    await says('You are not signed in.');
    await press('Sign in');
    await says('Signing in did not work.');
    outcome = 'providerAway';
    await press('Sign in');
    await says('The provider did not answer');
    outcome = { problem: 'clockOff', aheadMs: -7_200_000 };
    await press('Sign in');
    await says('This computer’s clock is 2 hours behind. Set it right, then sign in again.');
    expect(all('button', 'Use another account')).toEqual([]);

    outcome = 'signedIn';
    await secrets.saveTokens(connection, {
      access: { token: SECRET, since: 0, lastsMs: null },
      refreshToken: null,
      person: { kind: 'openIdConnect', issuer: connection.issuer, sub: 'ada', name: HOSTILE },
      idToken: null,
      loginHint: null,
    });
    render(null, document.body);
    openOptions();
    await says('You are signed in as ');
    await press('Use another account');
    await vi.waitFor(() => expect(started).toEqual([false, false, false, true]));
    expect(document.documentElement.outerHTML).not.toContain(SECRET);
    await press('Sign out');
    await says('The provider could not be told');
    await type('textbox', 'Client ID', 'another');
    expect(all('button', 'Sign in')).toEqual([]);
    expect(all('button', 'Sign out')).toEqual([]);
  });

  describe('what the provider will be asked for', () => {
    const API = 'api://service/access';
    const provider = {
      ...anOpenIdConnection({ name: CONNECTION.name, address: CONNECTION.address }),
      scopes: ['openid', API],
    } as const;

    async function fillInProvider(): Promise<void> {
      await type('textbox', 'Service URL', provider.address);
      await choose('Sign-in', 'OpenID Connect');
      await type('textbox', 'Issuer URL', provider.issuer);
      await type('textbox', 'Client ID', provider.clientId);
    }

    it('is shown in words, and pinned when it is no more than that', async () => {
      openOptions();
      await fillInProvider();
      await says('asked for who you are (openid), your name (profile), and staying signed in (offline_access)');
      await press('Tell the provider which service the token is for', 'checkbox');
      await press('Save');
      await says('Saved.');
      expect(saved).toMatchObject([{ scopes: ['openid', 'profile', 'offline_access'], sendResource: true }]);
    });

    it('is asked about when the service names more, and pinned once the person agrees', async () => {
      named = { kind: 'named', scopes: [API, '<img/src=x>'] };
      openOptions();
      await fillInProvider();
      await press('Save');
      const dialog = await the('alertdialog', 'What your provider will be asked for');
      expect(text(dialog)).toContain(`“${API}”`);
      await press('Cancel');
      await says('you did not agree');
      expect(saved).toEqual([]);
      await press('Save');
      await the('alertdialog', 'What your provider will be asked for');
      named = { kind: 'named', scopes: ['api://another/everything'] };
      await press('Ask for these');
      await says('Saved.');
      expect(saved).toMatchObject([{ scopes: ['openid', 'profile', API, '<img/src=x>'] }]);
    });

    it('is not decided while the service does not answer', async () => {
      named = { kind: 'away' };
      openOptions();
      await fillInProvider();
      await press('Save');
      await says('Saved.');
      expect(saved).toMatchObject([{ scopes: null }]);
    });

    it('stays what was agreed to: another list is told, and waits for the person', async () => {
      await writeSettings(onlyConnection(provider));
      named = { kind: 'named', scopes: ['api://another/everything'] };
      const agreed: (readonly string[])[] = [];
      world.worker['scopes.agree'] = async ({ scopes }) => {
        agreed.push(scopes);
        return null;
      };
      openOptions();
      await says('The service now wants you to ask your provider for something else');
      await says(`asked for who you are (openid) and “${API}”, and for nothing else`);
      await press('Save');
      await says('Saved.');
      expect(saved).toMatchObject([{ scopes: ['openid', API] }]);
      expect(agreed).toEqual([]);
      await press('Agree to these');
      await says('Agreed.');
      expect(agreed).toEqual([['openid', 'profile', 'api://another/everything']]);
    });

    it('is asked about anew for another service or another provider', async () => {
      await writeSettings(onlyConnection(provider));
      named = { kind: 'named', scopes: ['api://another/everything'] };
      openOptions();
      await says('The service now wants');
      await type('textbox', 'Client ID', 'another');
      await press('Save');
      await the('alertdialog', 'What your provider will be asked for');
    });

    it('is told not to follow what is not the service’s own', async () => {
      await writeSettings(onlyConnection(provider));
      named = { kind: 'ignored', why: 'otherResource' };
      openOptions();
      await says('names another address as its own, so it is not followed');
    });
  });

  it('unticks the notifications when the browser refuses them', async () => {
    world.allows = false;
    openOptions();
    await press('Notify me when a change ends', 'checkbox');
    await says('The browser does not allow notifications for this extension.');
    expect(world.asked).toEqual(['notifications']);
    expect(await the('checkbox', 'Notify me when a change ends')).toMatchObject({ checked: false });
  });

  it('saves that the person wants to be notified', async () => {
    openOptions();
    await fillIn('http://localhost:8787/v1', SECRET);
    await press('Notify me when a change ends', 'checkbox');
    await press('Save');
    await says('Saved.');
    expect((await ownSettings()).notify).toBe(true);
    expect(saved[0]).not.toHaveProperty('notify');
  });

  it('is taken at once, by itself: no connection is saved for it', async () => {
    openOptions();
    await press('Notify me when a change ends', 'checkbox');
    await vi.waitFor(async () => expect((await ownSettings()).notify).toBe(true));
    expect(saved).toEqual([]);
  });
});

describe('the connection test', () => {
  const steps = () => all('listitem').filter((item) => item.closest('.steps') !== null);

  it('names every step with what it told', async () => {
    openOptions();
    await fillIn('https://service.example.com', SECRET);
    await press('Test connection');
    await says('Everything works.');
    expect(steps().map((step) => text(step))).toEqual([
      '✓Addresspassed: https://service.example.com',
      '✓Permissionpassed: Allowed by the browser',
      '✓Reachablepassed: The service answers',
      '✓Compatible versionpassed: Version 1',
      `✓Signed in aspassed: Ada, ${HOSTILE}`,
    ]);
    expect(document.querySelector('img[src="x"]')).toBeNull();
    expect(saved).toEqual([]);
  });

  it('tells a service whose clock says that this computer’s is off', async () => {
    world.worker['connection.test'] = async () => [
      { step: 'reachable', ok: true, aheadMs: 86_400_000 * 3 },
      ...PASSED.slice(1),
    ];
    openOptions();
    await fillIn('https://service.example.com', SECRET);
    await press('Test connection');
    await says('Everything works. Save to use it.');
    expect(text(steps()[2])).toBe(
      '✓Reachablepassed: The service answers. This computer’s clock is 3 days ahead of the service’s: set it right.',
    );
  });

  it('ends at the step that failed, in words', async () => {
    world.worker['connection.test'] = async () => [
      { step: 'reachable', ok: true },
      { step: 'contract', ok: true, version: 1 },
      { step: 'signedIn', ok: false, failure: { reason: 'signInNeeded', status: 401 } },
    ];
    openOptions();
    await fillIn('http://localhost:8787', SECRET);
    await press('Test connection');
    await says('The connection does not work yet.');
    expect(text(steps()[4])).toBe('✕Signed in asfailed: The service refused this token. Paste another.');
  });

  it('stops at the permission when the person refuses it', async () => {
    world.allows = false;
    openOptions();
    await fillIn('https://service.example.com', SECRET);
    await press('Test connection');
    await says('The connection does not work yet.');
    expect(
      steps()
        .map((step) => text(step))
        .slice(1, 3),
    ).toEqual([
      '✕Permissionfailed: The browser was not allowed to reach https://service.example.com. Test again and allow it.',
      '–ReachableNot tried',
    ]);
  });
});

describe('Save', () => {
  it('is done when it was pressed during a test of the connection, and only once however often', async () => {
    const answered = deferred();
    world.worker['connection.test'] = async () => {
      await answered.promise;
      return tested;
    };
    openOptions();
    await fillIn('http://localhost:8787/v1', SECRET);
    await press('Test connection');
    await press('Save');
    await vi.waitFor(async () => expect((await the('button', 'Save')).getAttribute('aria-disabled')).toBe('true'));
    await press('Save');
    (await the('textbox', 'Service URL')).dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    expect(saved).toEqual([]);
    answered.resolve();
    await says('Saved.');
    expect(saved).toHaveLength(1);
  });

  const failing = (failure: Failure): readonly TestStep[] => [
    { step: 'reachable', ok: true },
    { step: 'contract', ok: true, version: 1 },
    { step: 'signedIn', ok: false, failure },
  ];
  /** The token box tells it by itself. */
  const REFUSED_TOKEN = { field: 'Access token', told: null };
  const NO_ANSWER = { field: 'Service URL', told: 'Nothing answers at this address.' };
  const ANOTHER_SERVICE = {
    field: 'Service URL',
    told: 'What answers at this address is not a service that keeps partners of record.',
  };
  const WEB_PAGE = { field: 'Service URL', told: 'A web page answers at this address, as a sign-in page does.' };
  const OTHER_VERSION = {
    field: 'Service URL',
    told: 'The service at this address does not fit this version of the extension.',
  };
  const NOT_YET = 'Saved, but it does not work yet.';
  const inFocus = () => vi.waitFor(async () => document.activeElement);

  it.each([
    [{ reason: 'signInNeeded', status: 401 }, 'Saved, but the service refused this token.', REFUSED_TOKEN],
    [{ reason: 'noAnswer' }, `${NOT_YET} The service can’t be reached.`, NO_ANSWER],
    [
      { reason: 'noAnswer', status: 200, detail: { code: 'cutShort' } },
      `${NOT_YET} The service’s answer was cut short`,
      null,
    ],
    [{ reason: 'unreadable', status: 200, detail: { code: 'webPage' } }, `${NOT_YET} A web page came`, WEB_PAGE],
    [{ reason: 'signInNeeded', status: 401, detail: { code: 'webPage' } }, `${NOT_YET} A web page came`, WEB_PAGE],
    [{ reason: 'unreadable' }, `${NOT_YET} The service’s answer could not be read.`, ANOTHER_SERVICE],
    [{ reason: 'wrongContract' }, `${NOT_YET} This service speaks another version`, OTHER_VERSION],
    [{ reason: 'serverError', status: 500 }, `${NOT_YET} The service has a problem (500).`, null],
    [{ reason: 'permissionMissing' }, `${NOT_YET} The browser does not let the extension reach the service.`, null],
    [{ reason: 'refused', status: 403 }, `${NOT_YET} The service refused (403).`, null],
    [{ reason: 'refused', status: 404, code: 'NotFound' }, `${NOT_YET} The service refused (404).`, ANOTHER_SERVICE],
  ] as const)('says after %j: %s, and at the field what is wrong there', async (failure, words, rejected) => {
    tested = failing(failure);
    openOptions(true);
    await fillIn('http://localhost:8787/v1', SECRET);
    await press('Save');
    await vi.waitFor(() =>
      expect(
        all('alert')
          .map((alert) => text(alert))
          .join(),
      ).toContain(words),
    );
    expect(saved).toHaveLength(1);
    if (rejected !== null) {
      const field = await the('textbox', rejected.field);
      expect(await inFocus()).toBe(field);
      const told = () =>
        document.getElementById(field.getAttribute('aria-describedby')?.split(' ')[0] ?? '')?.textContent ?? '';
      if (rejected.told !== null) {
        expect(told()).toBe(rejected.told);
        await type('textbox', rejected.field, 'https://another.example.com/v1');
        await vi.waitFor(() => expect(told()).not.toBe(rejected.told));
      }
    }
    expect(all('region', 'What to do next')).toEqual([]);
    expect(all('region', 'Welcome')).toHaveLength(1);
  });

  it.each(['Save', 'Test connection'])('is told no more at the field once “%s” finds that it works', async (again) => {
    await browser.storage.local.set({ connection: CONNECTION });
    await secrets.saveToken(CONNECTION_ID, SECRET, false);
    tested = failing({ reason: 'noAnswer' });
    openOptions();
    await press('Save');
    await says(NO_ANSWER.told);
    tested = PASSED;
    await press(again);
    await says(again === 'Save' ? 'Saved.' : 'Everything works.');
    expect(text()).not.toContain(NO_ANSWER.told);
  });

  it('names the request that the service refused', async () => {
    tested = failing({ reason: 'signInNeeded', status: 401, requestId: 'req-7' });
    openOptions();
    await fillIn('http://localhost:8787/v1', SECRET);
    await press('Test connection');
    await says('req-7');
  });

  it('that works ends the Welcome, and says what to do next', async () => {
    world.isButtonPinned = false;
    openOptions(true);
    await fillIn('http://localhost:8787/v1', SECRET);
    await type('textbox', 'Name', ' Contoso partners ');
    await press('Save');
    await says('Saved.');
    expect(saved).toMatchObject([{ name: 'Contoso partners' }]);
    await the('region', 'What to do next');
    const link = await the('link', 'See the panel on the page of Production');
    expect(link.getAttribute('href')).toContain(`https://portal.azure.com/`);
    expect(link.getAttribute('href')).toContain(SUBSCRIPTION_ID);
    await the('link', 'See all subscriptions');
    await says('Pin the button');
    expect(all('region', 'Welcome')).toEqual([]);
  });

  it('by Enter in a field does the same, and goes to the first field that is wrong', async () => {
    openOptions();
    const enter = async (field: string) =>
      (await the('textbox', field)).dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await enter('Access token');
    await says('Enter the service’s address.');
    expect(document.activeElement).toBe(await the('textbox', 'Service URL'));
    await fillIn('http://localhost:8787/v1', 'two words');
    await enter('Service URL');
    await says('This is not an access token');
    expect(document.activeElement).toBe(await the('textbox', 'Access token'));
    await type('textbox', 'Access token', SECRET);
    await enter('Name');
    await says('Saved.');
  });

  it('at a provider where nobody is signed in yet says that as the next thing to do', async () => {
    tested = failing({ reason: 'signInNeeded' });
    openOptions();
    await type('textbox', 'Service URL', 'http://localhost:8787/v1');
    await choose('Sign-in', 'OpenID Connect');
    await type('textbox', 'Issuer URL', 'https://login.example.com');
    await type('textbox', 'Client ID', 'helper');
    await press('Copy redirect address');
    await says('Copied.');
    expect(copied).toEqual(['https://extension.chromiumapp.org/']);
    await press('Save');
    await says('Saved, but you are not signed in yet.');
    expect(all('alert')).toEqual([]);
  });

  it('leaves out a name that was never given: it goes with the address', async () => {
    await writeSettings(onlyConnection({ ...CONNECTION, signIn: 'none' }));
    openOptions();
    expect(await the('textbox', 'Name')).toMatchObject({ value: '', placeholder: 'localhost:8787' });
    await type('textbox', 'Service URL', 'http://localhost:9999');
    await press('Save');
    await says('Saved.');
    expect(saved).toMatchObject([{ name: null, address: 'http://localhost:9999' }]);
  });
});

describe('who is led here to sign in', () => {
  beforeEach(async () => {
    await writeSettings(onlyConnection({ ...CONNECTION, name: 'Contoso partners', signIn: 'accessToken' }));
  });

  it.each([
    ['notSignedIn', 'You are not signed in. Paste your access token'],
    ['refused', 'The service refused your access token'],
  ] as const)('(%s) is told why, finds the focus in the token box, and goes back once it works', async (why, words) => {
    visit = { why, tabId: 7, popup: false, at: Date.now() };
    openOptions();
    await says(words);
    expect(document.activeElement).toBe(await the('textbox', 'Access token'));
    tested = [{ step: 'reachable', ok: false, failure: { reason: 'noAnswer' } }];
    await type('textbox', 'Access token', SECRET);
    await press('Save');
    await says('Saved, but it does not work yet.');
    expect(world.broughtUp).toEqual([]);
    tested = PASSED;
    await type('textbox', 'Access token', SECRET);
    await press('Save');
    await says('Saved.');
    await vi.waitFor(() => expect(world.broughtUp).toEqual(['tab 7', 'window 1']));
    await vi.waitFor(() => expect(text()).not.toContain(words));
    await type('textbox', 'Access token', SECRET);
    await press('Save');
    await says('Saved.');
    expect(world.broughtUp).toHaveLength(2);
  });

  it('with a token that the service refused is told in the token box that a new one is needed, until one works', async () => {
    await secrets.saveToken(CONNECTION_ID, SECRET, false);
    visit = { why: 'refused', tabId: null, popup: false, at: Date.now() };
    openOptions();
    await says('The service refused the one that is stored. Ask whoever runs the service for a new one.');
    const box = (await the('textbox', 'Access token')) as HTMLInputElement;
    expect(box.placeholder).toBe('Paste the token here');
    await type('textbox', 'Access token', SECRET);
    await press('Save');
    await says('Saved.');
    await vi.waitFor(() => expect(text()).not.toContain('The service refused the one that is stored'));
    expect(box.placeholder).toBe('One is stored. Leave empty to keep it.');
    tested = [{ step: 'signedIn', ok: false, failure: { reason: 'signInNeeded', status: 401 } }];
    await press('Test connection');
    await says('The service refused the one that is stored');
  });

  it('is told so of the stored token for as long as it takes to come by another', async () => {
    await secrets.saveToken(CONNECTION_ID, SECRET, false);
    const now = Date.now();
    vi.useFakeTimers({ now, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    try {
      visit = { why: 'refused', tabId: null, popup: false, at: now };
      openOptions();
      await vi.waitFor(() => expect(text()).toContain('The service refused the one that is stored'));
      vi.advanceTimersByTime(VISIT_LASTS_MS);
      await vi.waitFor(() => expect(text()).not.toContain('it has expired or was withdrawn'));
      expect(text()).toContain('The service refused the one that is stored');
    } finally {
      vi.useRealTimers();
    }
  });

  it('from the popup finds it open again', async () => {
    visit = { why: 'notSignedIn', tabId: 7, popup: true, at: Date.now() };
    openOptions();
    await says('You are not signed in. Paste your access token');
    await type('textbox', 'Access token', SECRET);
    await press('Save');
    await vi.waitFor(() => expect(world.broughtUp).toEqual(['tab 7', 'window 1', 'popup']));
  });

  it('and does it a quarter of an hour later is left where they are', async () => {
    const now = Date.now();
    vi.useFakeTimers({ now, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    try {
      visit = { why: 'notSignedIn', tabId: 7, popup: false, at: now };
      openOptions();
      await vi.waitFor(() => expect(text()).toContain('You are not signed in. Paste your access token'));
      vi.advanceTimersByTime(VISIT_LASTS_MS);
      await vi.waitFor(() => expect(text()).not.toContain('You are not signed in. Paste your access token'));
    } finally {
      vi.useRealTimers();
    }
    await type('textbox', 'Access token', SECRET);
    await press('Save');
    await says('Saved.');
    expect(world.broughtUp).toEqual([]);
  });

  it('while the page is open already is told there too', async () => {
    openOptions();
    await the('textbox', 'Access token');
    visit = { why: 'notSignedIn', tabId: null, popup: false, at: Date.now() };
    await browser.storage.session.set({ signInVisit: visit });
    await says('You are not signed in. Paste your access token');
    expect(document.activeElement).toBe(await the('textbox', 'Access token'));
  });
});

describe('input that is not saved', () => {
  const asksBeforeLeaving = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));

  it('is asked about before it is lost, until it is saved', async () => {
    openOptions();
    await the('textbox', 'Service URL');
    expect(asksBeforeLeaving()).toBe(false);
    await fillIn('http://localhost:8787/v1', SECRET);
    await vi.waitFor(() => expect(asksBeforeLeaving()).toBe(true));
    await press('Save');
    await says('Saved.');
    await vi.waitFor(() => expect(asksBeforeLeaving()).toBe(false));
    await type('textbox', 'Keep for (days)', '30');
    await vi.waitFor(() => expect(asksBeforeLeaving()).toBe(true));
    await press('Save limits');
    await says('Limits saved.');
    await vi.waitFor(() => expect(asksBeforeLeaving()).toBe(false));
    await type('textbox', 'Portal address or pattern', 'https://b.example');
    await vi.waitFor(() => expect(asksBeforeLeaving()).toBe(true));
  });
});

describe('the portals', () => {
  const own = async () => (await ownSettings()).portals;

  it('are listed, each with its hosts', async () => {
    openOptions();
    for (const { id, hosts } of builtInPortals) {
      expect(await the('switch', portalNames[id])).toMatchObject({ checked: true });
      await says(hosts.join(', '));
    }
  });

  it('are switched off and on at once', async () => {
    openOptions();
    await press('Azure portal', 'switch');
    await vi.waitFor(async () => expect(await own()).toEqual({ off: ['azure'], own: [] }));
    await vi.waitFor(async () => expect(await the('switch', 'Azure portal')).toMatchObject({ checked: false }));
    await press('Azure portal', 'switch');
    await vi.waitFor(async () => expect(await own()).toEqual({ off: [], own: [] }));
  });

  it('are all as they were switched, one right after the other, though the page learns of each while the next is still saved', async () => {
    const turns = [deferred(), deferred(), deferred()];
    const waiting = [...turns];
    world.worker['portals.save'] = async ({ portals }) => {
      await waiting.shift()?.promise;
      await writeSettings({ portals });
      return null;
    };
    const [first, second, third] = builtInPortals;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('Three portals are built in');
    openOptions();
    const isOn = async (portal: typeof first) => (await the('switch', portalNames[portal.id])).matches(':checked');
    await press(portalNames[first.id], 'switch');
    await press(portalNames[second.id], 'switch');
    turns[0]?.resolve();
    await vi.waitFor(async () => expect(await own()).toEqual({ off: [first.id], own: [] }));
    // The page has read that once it shows another setting, which was stored after it.
    await press('Confirm every change in the extension’s own window', 'switch');
    await vi.waitFor(async () =>
      expect(await the('switch', 'Confirm every change in the extension’s own window')).toMatchObject({
        checked: true,
      }),
    );
    expect([await isOn(first), await isOn(second)]).toEqual([false, false]);
    await press(portalNames[third.id], 'switch');
    for (const turn of turns) turn.resolve();
    await vi.waitFor(async () => expect(await own()).toEqual({ off: [first.id, second.id, third.id], own: [] }));
    await vi.waitFor(async () =>
      expect([await isOn(first), await isOn(second), await isOn(third)]).toEqual([false, false, false]),
    );
  });

  it('stay as they were when that can not be saved, and the page says so', async () => {
    world.worker['portals.save'] = async () => {
      throw new Error('no room');
    };
    openOptions();
    await press('Azure portal', 'switch');
    await says('no room');
    expect(await the('switch', 'Azure portal')).toMatchObject({ checked: true });
  });

  it('of one’s own are added with the browser’s permission and removed again', async () => {
    const pattern = 'https://billing.example.com/subscriptions/:subscriptionId';
    openOptions();
    await type('textbox', 'Portal address or pattern', ` ${pattern} `);
    await press('Add portal');
    await says('Portal added.');
    expect(world.asked).toEqual(['https://billing.example.com/*']);
    expect(await own()).toEqual({ off: [], own: [pattern] });
    expect([...world.held]).toEqual(['https://billing.example.com/*']);
    await press(`Remove ${pattern}`);
    await says('Portal removed.');
    expect(await own()).toEqual({ off: [], own: [] });
    expect([...world.held]).toEqual([]);
  });

  it('are all as they were asked for, whatever was asked for while the browser still asked about another', async () => {
    const first = 'https://a.example/:subscriptionId';
    const second = 'https://b.example/:subscriptionId';
    await writeSettings({ portals: { off: [], own: [first] } });
    const answered = deferred();
    vi.spyOn(browser.permissions, 'request').mockImplementationOnce(async () => {
      await answered.promise;
      return true;
    });
    openOptions();
    await type('textbox', 'Portal address or pattern', second);
    await press('Add portal');
    await press(`Remove ${first}`);
    await press('Azure portal', 'switch');
    await vi.waitFor(async () => expect(await own()).toEqual({ off: ['azure'], own: [first] }));
    answered.resolve();
    await vi.waitFor(async () => expect(await own()).toEqual({ off: ['azure'], own: [second] }));
    await says('Portal removed.');
  });

  it('of one’s own are made from a page’s address; what was made is shown, can be changed, and is what counts', async () => {
    openOptions();
    await type('textbox', 'Portal address or pattern', `https://b.example/eu/s/${SUBSCRIPTION_ID}/overview?tab=1`);
    const made = await the('textbox', 'Pattern made from it');
    expect(made).toMatchObject({ value: 'https://b.example/eu/s/:subscriptionId/overview' });
    await type('textbox', 'Pattern made from it', 'https://b.example/*/s/');
    await press('Add portal');
    await says('There is no subscription ID in it.');
    expect(document.activeElement).toBe(made);
    await type('textbox', 'Pattern made from it', 'https://b.example/*/s/:subscriptionId/overview');
    await press('Add portal');
    await says('Portal added.');
    expect(await own()).toEqual({ off: [], own: ['https://b.example/*/s/:subscriptionId/overview'] });
    expect(all('textbox', 'Pattern made from it')).toEqual([]);
  });

  it('give back no permission that the service or another portal still needs', async () => {
    const first = 'https://example.com/a/:subscriptionId';
    const second = 'https://example.com/b/:subscriptionId';
    const third = 'https://portal.azure.com/x/:subscriptionId';
    await writeSettings({ portals: { off: [], own: [first, second, third] } });
    for (const host of ['example.com', 'portal.azure.com']) world.held.add(`https://${host}/*`);
    openOptions();
    for (const pattern of [first, third]) {
      await press(`Remove ${pattern}`);
      await vi.waitFor(() => expect(all('button', `Remove ${pattern}`)).toEqual([]));
    }
    expect(world.held.size).toBe(2);
    await writeSettings(onlyConnection({ ...CONNECTION, address: 'https://example.com/v1' }));
    const address = await the('textbox', 'Service URL');
    await vi.waitFor(() => expect(address).toMatchObject({ value: 'https://example.com/v1' }));
    await press(`Remove ${second}`);
    await says('Portal removed.');
    await vi.waitFor(async () => expect(await own()).toEqual({ off: [], own: [] }));
    expect(world.held.size).toBe(2);
  });

  it.each([
    ['https://example.com/x', 'There is no subscription ID in it.'],
    ['http://example.com/:subscriptionId', 'The address must begin with https://'],
    ['https://*.example.com/:subscriptionId', 'Write the host name out'],
  ])('refuse %s in words, and ask the browser nothing', async (pattern, words) => {
    openOptions();
    await type('textbox', 'Portal address or pattern', pattern);
    await press('Add portal');
    await says(words);
    expect(world.asked).toEqual([]);
  });

  it('are not added when the browser is not allowed there', async () => {
    world.allows = false;
    openOptions();
    await type('textbox', 'Portal address or pattern', 'https://billing.example.com/:subscriptionId');
    await press('Add portal');
    await says('The browser was not allowed to reach https://billing.example.com, so the portal was not added.');
    expect(await own()).toBeUndefined();
  });
});

describe('the history', () => {
  it('keeps what was typed as limits, and nothing as no limit', async () => {
    openOptions();
    await type('textbox', 'Keep for (days)', '90');
    await press('Save limits');
    await says('Limits saved.');
    expect(await ownSettings()).toMatchObject({ retention: { maxAgeDays: 90, maxRows: null } });
  });

  it.each(['Keep for (days)', 'Keep at most (entries)'])('calls no limit saved that is typed anew: %s', async (box) => {
    openOptions();
    await type('textbox', 'Keep for (days)', '90');
    await press('Save limits');
    await says('Limits saved.');
    await type('textbox', box, '7');
    await vi.waitFor(() => expect(text()).not.toContain('Limits saved.'));
  });

  it.each(['0', '-1', '1.5', 'many', '99999999'])('takes no “%s” for a limit', async (typed) => {
    openOptions();
    await type('textbox', 'Keep at most (entries)', typed);
    await press('Save limits');
    await says('Enter a whole number from 1 to 10,000,000, or nothing.');
    expect((await ownSettings()).retention).toBeUndefined();
  });

  it('asks before limits remove entries, and removes and saves nothing when told no', async () => {
    beyond = 12;
    openOptions();
    await type('textbox', 'Keep at most (entries)', '1000');
    await press('Save limits');
    expect(text(await the('alertdialog', 'Remove entries of the history?'))).toContain('12 entries');
    await press('Cancel');
    await vi.waitFor(() => expect(all('alertdialog')).toEqual([]));
    expect((await ownSettings()).retention).toBeUndefined();
    await press('Save limits');
    await press('Remove and save');
    await says('Limits saved.');
    expect(agreed).toEqual([0, 0, 12]);
    expect(await ownSettings()).toMatchObject({ retention: { maxAgeDays: null, maxRows: 1000 } });
  });

  it('is cleared only once the person has confirmed it', async () => {
    let cleared = 0;
    world.worker['history.clear'] = async () => {
      cleared += 1;
      return { removed: 3 };
    };
    openOptions();
    await press('Clear history');
    await the('alertdialog', 'Clear the history?');
    await press('Cancel');
    await vi.waitFor(() => expect(all('alertdialog')).toEqual([]));
    expect(cleared).toBe(0);
    await press('Clear history');
    await press('Clear');
    await says('3 entries removed.');
    expect(cleared).toBe(1);
  });
});

describe('the settings file', () => {
  it('holds no secret', async () => {
    await writeSettings(onlyConnection({ ...CONNECTION, signIn: 'accessToken' }));
    await secrets.saveToken(CONNECTION_ID, SECRET, true);
    openOptions();
    await press('Export settings');
    expect(files).toHaveLength(1);
    expect(files[0]?.text).toContain('http://localhost:8787/v1');
    expect(files[0]?.text).not.toContain(SECRET);
  });

  it('sets up another browser alike, and says that the token is still missing', async () => {
    const settings = {
      ...onlyConnection({ ...CONNECTION, address: 'https://service.example.com/v1', signIn: 'accessToken' }),
      portals: { off: ['azure'], own: ['https://billing.example.com/:subscriptionId'] },
      retention: { maxAgeDays: 30, maxRows: 1000 },
      notify: false,
      confirm: 'always',
      watch: 'day',
      watched: 'starred',
      ownPartnerId: WANTED.partnerId,
    } as const;
    openOptions();
    await chooseFile(exportSettings(settings));
    await says('settings.json will replace the settings above.');
    expect(saved).toEqual([]);
    await press('Import settings');
    await says('Settings imported. Enter the access token above and save.');
    expect(world.asked.toSorted()).toEqual(['https://billing.example.com/*', 'https://service.example.com/*']);
    expect(saved).toMatchObject([{ address: 'https://service.example.com/v1', token: 'kept', handedOver: null }]);
    const { portals, retention, confirm, watch, watched, ownPartnerId } = settings;
    const others = { portals, retention, confirm, watch, watched, ownPartnerId };
    expect(await readSettings()).toMatchObject(others);
  });

  it('says what it will change before it does: address, sign-in, portals, limits, and how many entries go', async () => {
    await writeSettings(onlyConnection({ ...CONNECTION, signIn: 'accessToken' }));
    await writeSettings({ portals: { off: ['azure'], own: ['https://old.example.com/:subscriptionId'] } });
    await writeSettings({ retention: { maxAgeDays: 365, maxRows: null } });
    beyond = 1234;
    openOptions();
    await chooseFile(
      exportSettings({
        ...onlyConnection({
          ...CONNECTION,
          address: 'https://elsewhere.example.com/v1',
          signIn: 'openIdConnect',
          issuer: 'https://login.example.com',
          clientId: 'helper\u202e',
          staySignedIn: true,
          scopes: ['openid', 'records.write'],
          sendResource: true,
        }),
        portals: { off: ['accountCentre'], own: ['https://new.example.com/:subscriptionId'] },
        retention: { maxAgeDays: 7, maxRows: 10 },
        notify: true,
        confirm: 'always',
        watch: 'day',
        watched: 'starred',
        ownPartnerId: WANTED.partnerId,
      }),
    );
    await the('list', 'What will change');
    const lines = [...(await the('list', 'What will change')).querySelectorAll('li')].map((line) => text(line));
    expect(lines).toEqual([
      'Service URL: http://localhost:8787/v1 → https://elsewhere.example.com/v1',
      'Sign-in: Access token → OpenID Connect',
      'Issuer URL: nothing → https://login.example.com',
      'Client ID: nothing → helper[U+202E]',
      'Remember on this device: off → on',
      'Scopes: nothing → openid, records.write',
      'Tell the provider which service the token is for: off → on',
      'Azure portal: off → on',
      'Azure account centre: on → off',
      'https://old.example.com/:subscriptionId: on → off',
      'https://new.example.com/:subscriptionId: off → on',
      'Keep for (days): 365 → 7',
      'Keep at most (entries): no limit → 10',
      'Confirm every change in the extension’s own window: off → on',
      'Watch for changes made elsewhere: Off → Once a day',
      'Subscriptions to watch: All → Starred',
      'Your own Partner ID: nothing → 200002',
      'The sign-in at the present service is forgotten.',
      '1,234 entries of the history will be removed.',
    ]);
    expect([saved, agreed]).toEqual([[], []]);
    await press('Import settings');
    await press('Ask for these');
    await says('Settings imported.');
    expect(agreed).toEqual([1234]);
  });

  it('asks again when more entries would go by now than it said, and then leaves the limits when told no', async () => {
    beyond = 5;
    openOptions();
    await chooseFile(exportSettings({ ...DEFAULT_SETTINGS, retention: { maxAgeDays: 7, maxRows: null } }));
    await says('5 entries of the history will be removed.');
    beyond = 6;
    await press('Import settings');
    await the('alertdialog', 'Remove entries of the history?');
    await press('Cancel');
    await says('Settings imported, but not how long the history is kept.');
    expect((await ownSettings()).retention).toBeUndefined();
  });

  it('names nothing that policy fixes, and does not count what policy’s limits remove', async () => {
    await browser.storage.managed.set({ retention: { maxAgeDays: 30 }, portals: {}, confirm: 'always' });
    beyond = 5;
    openOptions();
    await chooseFile(
      exportSettings({
        ...DEFAULT_SETTINGS,
        portals: { off: ['azure'], own: [] },
        retention: { maxAgeDays: 7, maxRows: 1 },
      }),
    );
    await says('settings.json changes nothing: its settings are in force already.');
    expect(all('button', 'Import settings')).toEqual([]);
  });

  it('of before there was a choice to confirm leaves that choice as it is', async () => {
    await writeSettings({ confirm: 'always' });
    openOptions();
    const file = JSON.parse(exportSettings({ ...DEFAULT_SETTINGS, retention: { maxAgeDays: 7, maxRows: null } }));
    Reflect.deleteProperty(file.settings, 'confirm');
    await chooseFile(JSON.stringify(file));
    await says('Keep for (days): no limit → 7');
    await press('Import settings');
    await says('Settings imported.');
    expect(await ownSettings()).toMatchObject({ confirm: 'always' });
  });

  it('that names another API’s scopes asks before it is taken over', async () => {
    const connection = {
      ...CONNECTION,
      signIn: 'openIdConnect',
      issuer: 'https://login.example.com',
      clientId: 'helper',
      staySignedIn: false,
      scopes: ['api://another/everything'],
      sendResource: false,
    } as const;
    openOptions();
    await chooseFile(exportSettings({ ...DEFAULT_SETTINGS, ...onlyConnection(connection) }));
    await says('settings.json will replace the settings above.');
    await press('Import settings');
    await the('alertdialog', 'What your provider will be asked for');
    await press('Cancel');
    await says('you did not agree');
    expect(saved).toEqual([]);
    await press('Import settings');
    await press('Ask for these');
    await says('Settings imported.');
    expect(saved).toMatchObject([{ scopes: connection.scopes }]);
  });

  it('can be put aside again, and asks before it replaces what was typed', async () => {
    openOptions();
    await fillIn('http://localhost:8787/v1', SECRET);
    await chooseFile(exportSettings({ ...DEFAULT_SETTINGS, retention: { maxAgeDays: 7, maxRows: null } }));
    await press('Import settings');
    await the('alertdialog', 'Give up what you typed?');
    await press('Cancel');
    expect(agreed).toEqual([]);
    await press('Don’t import');
    await vi.waitFor(() => expect(all('button', 'Import settings')).toEqual([]));
    expect(await the('textbox', 'Service URL')).toMatchObject({ value: 'http://localhost:8787/v1' });
  });

  it('changes nothing when it is another file', async () => {
    openOptions();
    await chooseFile('{"hello": 1}');
    await says('This is not a settings file of this extension. Nothing was changed.');
    expect(all('button', 'Import settings')).toEqual([]);
  });

  describe('with an address that cannot be used', () => {
    const fileWith = (connection: object, own: readonly string[] = []) =>
      JSON.stringify({
        ...JSON.parse(exportSettings({ ...DEFAULT_SETTINGS, portals: { off: [], own } })),
        version: 1,
        settings: { ...DEFAULT_SETTINGS, portals: { off: [], own }, connection },
      });
    const service = { kind: 'service', serviceUrl: 'https://service.example.com', signIn: 'none' };

    it.each([
      ['service', fileWith({ ...service, serviceUrl: 'http://[::1]:8787/v1' }), 'http://[::1]:8787/v1'],
      [
        'issuer',
        fileWith({ ...service, signIn: 'openIdConnect', issuer: 'https://[::1]/', clientId: 'helper' }),
        'https://[::1]/',
      ],
      ['portal', fileWith(service, ['http://[::1]:5173/:subscriptionId']), 'http://[::1]:5173/:subscriptionId'],
    ])('is refused with the sentence for it: the %s’s', async (_what, file, address) => {
      openOptions();
      await chooseFile(file);
      await says(`Nothing was changed. The file has ${address}. Write localhost in place of [::1]`);
      expect(all('button', 'Import settings')).toEqual([]);
    });
  });
});

describe('what policy sets', () => {
  it('is told where it is an address that cannot be used, of the service and of a portal', async () => {
    await browser.storage.managed.set({
      connection: { serviceUrl: 'http://[::1]:8787/v1', signIn: 'accessToken' },
      portals: { off: [], own: ['https://[::1]/:subscriptionId', 'https://b.example/:subscriptionId'] },
    });
    openOptions();
    await says('not used: http://[::1]:8787/v1. Write localhost in place of [::1]');
    expect(text().split('Write localhost in place of [::1]')).toHaveLength(3);
  });

  it('is read-only and says so, while the person still signs in', async () => {
    await browser.storage.managed.set({
      connection: { serviceUrl: 'http://localhost:8787/v1', signIn: 'accessToken' },
      portals: { off: ['azure'], own: [] },
    });
    openOptions();
    expect(await the('textbox', 'Service URL')).toMatchObject({ readOnly: true, value: 'http://localhost:8787/v1' });
    expect(await the('combobox', 'Sign-in')).toMatchObject({ disabled: true });
    expect(await the('switch', 'Azure portal')).toMatchObject({ disabled: true, checked: false });
    expect(all('button', 'Add portal')).toEqual([]);
    expect(text().split('Set by your organisation').length - 1).toBe(3);
    await type('textbox', 'Access token', SECRET);
    await press('Save');
    await says('Saved.');
    expect(saved).toMatchObject([{ address: 'http://localhost:8787/v1', handedOver: SECRET }]);
  });
});

describe('confirming every change', () => {
  it('is switched on and off at once, and fixed by policy', async () => {
    openOptions();
    await press('Confirm every change in the extension’s own window', 'switch');
    await vi.waitFor(async () => expect(await ownSettings()).toMatchObject({ confirm: 'always' }));
    await browser.storage.managed.set({ confirm: 'whenUnsure' });
    await vi.waitFor(async () =>
      expect(await the('switch', 'Confirm every change in the extension’s own window')).toMatchObject({
        disabled: true,
        checked: false,
      }),
    );
  });
});

describe('the page', () => {
  it('welcomes on first run, and says whose record it keeps', async () => {
    openOptions(true);
    expect(text(await the('region', 'Welcome'))).toContain('It changes nothing at Microsoft');
    expect(text(await the('region', 'Welcome'))).toContain('enter your service’s address');
  });

  it('welcomes with other words where an organisation has set up the service', async () => {
    await browser.storage.managed.set({
      connection: { name: 'Contoso partners', serviceUrl: 'http://localhost:8787/v1', signIn: 'accessToken' },
    });
    openOptions(true);
    expect(text(await the('region', 'Welcome'))).toContain('set up Contoso partners for you. Paste your access token');
    expect(await the('textbox', 'Name')).toMatchObject({ value: 'Contoso partners', readOnly: true });
  });

  it('needs no token without sign-in', async () => {
    openOptions();
    await type('textbox', 'Service URL', 'http://127.0.0.1:8787');
    await choose('Sign-in', 'None');
    await vi.waitFor(() => expect(all('textbox', 'Access token')).toEqual([]));
    await press('Save');
    await says('Saved.');
    expect(saved).toMatchObject([{ signIn: 'none', token: 'kept', handedOver: null }]);
  });
});

describe('several connections', () => {
  const SECOND = {
    ...CONNECTION,
    id: '0c000000-0000-4000-8000-000000000009',
    name: 'Northwind',
    address: 'https://northwind.example',
    portals: ['azure'] as const,
    tenants: ['contoso.com'],
  };
  const two = { connections: [CONNECTION, SECOND], defaultConnection: CONNECTION.id };
  const shows = (field: object) =>
    vi.waitFor(async () => expect(await the('textbox', 'Service URL')).toMatchObject(field));
  const items = async () => [...(await the('list', 'Connections')).querySelectorAll('li')].map((item) => text(item));

  async function makeNorthwindDefaultThenRemove(): Promise<void> {
    await writeSettings(two);
    openOptions();
    await press('Make default Northwind');
    await vi.waitFor(async () => expect((await items())[1]).toContain('(default)'));
    await press('Remove Northwind');
  }

  it('are listed with what they serve; one alone has its form and no list', async () => {
    await writeSettings(onlyConnection(CONNECTION));
    openOptions();
    await the('textbox', 'Service URL');
    expect(all('list', 'Connections')).toEqual([]);
    await writeSettings(two);
    const [first, second] = await items();
    expect(first).toContain('localhost:8787 (default)');
    expect(first).toContain('All portals');
    expect(second).toContain('Northwind');
    expect(second).toContain('My organisation’s service, https://northwind.example');
    expect(second).toContain('; contoso.com');
  });

  it('are edited one at a time, and one more is added', async () => {
    await writeSettings(two);
    openOptions();
    await press('Edit Northwind');
    await shows({ value: 'https://northwind.example' });
    await press('Save');
    await vi.waitFor(() =>
      expect(saved).toMatchObject([{ edited: SECOND.id, portals: ['azure'], tenants: ['contoso.com'] }]),
    );
    await says('Saved.');
    await writeSettings(two);
    await press('Add connection');
    await shows({ value: '' });
  });

  it('begin with one: a second is added beside it, and the steps go on with what was saved', async () => {
    world.worker['connection.save'] = async (form) => {
      const handedOver = await secrets.takeHandedOver();
      const { kind, address, portals, tenants } = form;
      const more = { ...SECOND, id: await idFor({ kind, address }, []), address, portals, tenants };
      await writeSettings({ connections: [CONNECTION, more], defaultConnection: CONNECTION.id });
      saved.push({ ...form, handedOver });
      return { ok: true };
    };
    await writeSettings(onlyConnection(CONNECTION));
    openOptions();
    await the('textbox', 'Service URL');
    expect(all('textbox', 'Tenants')).toEqual([]);
    await press('Add connection');
    await shows({ value: '' });
    await vi.waitFor(async () => expect(document.activeElement).toBe(await the('textbox', 'Service URL')));
    expect(await items()).toHaveLength(1);
    await type('textbox', 'Name', 'Northwind');
    await fillIn(CONNECTION.address, SECRET);
    await type('textbox', 'Tenants', 'Contoso.com, no tenant');
    await press('Azure portal', 'checkbox');
    await press('Save');
    await says('Another connection has this address.');
    await says('“no” is neither a domain nor an ID.');
    await type('textbox', 'Service URL', 'https://northwind.example/v2');
    await type('textbox', 'Tenants', 'Contoso.com; fabrikam.com');
    await press('Save');
    await says('Saved.');
    expect(saved).toMatchObject([
      { name: 'Northwind', edited: null, portals: ['azure'], tenants: ['contoso.com', 'fabrikam.com'] },
    ]);
    await vi.waitFor(async () => expect(await items()).toHaveLength(2));
    await says('What to do next');
    await press('Azure portal', 'checkbox');
    await press('Save');
    await vi.waitFor(() => expect(saved[1]).toMatchObject({ edited: expect.any(String), portals: [] }));
  });

  it('are removed once the person has confirmed it, and made the default', async () => {
    const removed: object[] = [];
    world.worker['connection.remove'] = async (asked) => {
      await writeSettings(onlyConnection(CONNECTION));
      removed.push(asked);
      return { ok: true };
    };
    world.worker['connection.makeDefault'] = async ({ connectionId }) => {
      await writeSettings({ defaultConnection: connectionId });
      return null;
    };
    await makeNorthwindDefaultThenRemove();
    await the('alertdialog', 'Remove this connection?');
    expect(removed).toEqual([]);
    await press('Remove');
    await vi.waitFor(() => expect(removed).toEqual([{ connectionId: SECOND.id, abandonOpenChanges: false }]));
  });

  it('are removed also when the person presses while another thing is still being done', async () => {
    const removed: object[] = [];
    const answered = deferred();
    world.worker['connection.remove'] = async (asked) => {
      removed.push(asked);
      return { ok: true };
    };
    world.worker['connection.makeDefault'] = async ({ connectionId }) => {
      await writeSettings({ defaultConnection: connectionId });
      await answered.promise;
      return null;
    };
    await makeNorthwindDefaultThenRemove();
    await press('Remove');
    await vi.waitFor(async () =>
      expect((await the('button', 'Remove Northwind')).getAttribute('aria-disabled')).toBe('true'),
    );
    expect(removed).toEqual([]);
    answered.resolve();
    await vi.waitFor(() => expect(removed).toEqual([{ connectionId: SECOND.id, abandonOpenChanges: false }]));
  });

  it('ask before what was typed of one goes for another, and keep it unless that is confirmed', async () => {
    await writeSettings(two);
    openOptions();
    await the('textbox', 'Service URL');
    await type('textbox', 'Name', 'Half typed');
    for (const name of ['Edit Northwind', 'Add connection']) {
      await press(name);
      await the('alertdialog', 'Give up what you typed?');
      await press('Cancel');
      await vi.waitFor(() => expect(all('alertdialog')).toEqual([]));
      expect(await the('textbox', 'Name')).toMatchObject({ value: 'Half typed' });
    }
    await press('Edit Northwind');
    await press('Go on without it');
    await shows({ value: 'https://northwind.example' });
    expect(await the('textbox', 'Name')).toMatchObject({ value: 'Northwind' });
    // Of this one nothing was typed.
    await press('Add connection');
    await shows({ value: '' });
    expect(all('alertdialog')).toEqual([]);
  });

  it('begin with one: what was typed of it goes for a second only when that is confirmed', async () => {
    await writeSettings(onlyConnection(CONNECTION));
    openOptions();
    await the('textbox', 'Service URL');
    await type('textbox', 'Service URL', 'https://half.example');
    await press('Add connection');
    await press('Cancel');
    await shows({ value: 'https://half.example' });
    await press('Add connection');
    await press('Go on without it');
    await shows({ value: '' });
  });

  it('leave what was typed of one as it is when another becomes the default or is removed', async () => {
    world.worker['connection.makeDefault'] = async ({ connectionId }) => {
      await writeSettings({ defaultConnection: connectionId });
      return null;
    };
    world.worker['connection.remove'] = async () => {
      await writeSettings(onlyConnection(CONNECTION));
      return { ok: true };
    };
    await writeSettings(two);
    openOptions();
    await the('textbox', 'Service URL');
    await type('textbox', 'Name', 'Half typed');
    await press('Make default Northwind');
    await vi.waitFor(async () => expect((await items())[1]).toContain('(default)'));
    expect(await the('textbox', 'Name')).toMatchObject({ value: 'Half typed' });
    await press('Remove Northwind');
    await press('Remove');
    await vi.waitFor(() => expect(all('button', 'Remove Northwind')).toEqual([]));
    await shows({ value: CONNECTION.address });
    expect(await the('textbox', 'Name')).toMatchObject({ value: 'Half typed' });
  });

  it('by policy cannot be altered', async () => {
    await browser.storage.managed.set({ connections: [CONNECTION, SECOND].map(({ id: _, ...one }) => one) });
    openOptions();
    await press('Edit Northwind');
    await shows({ readOnly: true, value: 'https://northwind.example' });
    for (const name of ['Remove Northwind', 'Make default Northwind', 'Add connection'])
      expect(all('button', name)).toEqual([]);
  });

  it('of a settings file take the place of those here, and what it lacks is asked for', async () => {
    named = { kind: 'named', scopes: ['openid', 'api://service/access'] };
    openOptions();
    const provider = { signIn: 'openIdConnect', issuer: 'https://login.example.com', clientId: 'helper' };
    await chooseFile(
      JSON.stringify({
        format: 'partner-of-record-settings',
        version: 1,
        settings: {
          connection: { serviceUrl: 'https://records.example.com/v1', ...provider },
          portals: { off: [], own: [] },
          retention: { maxAgeDays: null, maxRows: null },
          notify: false,
        },
      }),
    );
    await type('textbox', 'Name of https://records.example.com/v1', 'Contoso partners');
    await press('Import settings');
    await the('alertdialog', 'What your provider will be asked for');
    await press('Ask for these');
    await says('Settings imported.');
    expect(saved).toMatchObject([{ name: 'Contoso partners', scopes: ['openid', 'profile', 'api://service/access'] }]);
  });

  it('of a settings file without one leave those that are there', async () => {
    await writeSettings(two);
    openOptions();
    await chooseFile(exportSettings({ ...DEFAULT_SETTINGS, confirm: 'always' }));
    await press('Import settings');
    await says('Settings imported.');
    expect(await readSettings()).toMatchObject({ ...two, confirm: 'always' });
    expect(saved).toEqual([]);
  });
});

describe('the kind of a connection', () => {
  const OTHER: KindFacts = { ...SERVICE, kind: 'other', signIns: ['none'], steps: ['reachable'] };

  it('is chosen where there are several, and brings its ways of signing in and its own name for the address', async () => {
    kinds = [SERVICE, OTHER];
    openOptions();
    await choose('Where the record is kept', 'other');
    const options = [...(await the('combobox', 'Sign-in')).querySelectorAll('option')].map((option) => text(option));
    expect(options).toEqual(['None']);
    expect(all('textbox', 'Service URL')).toEqual([]);
    await press('Save');
    await says('Enter the address.');
    await type('textbox', 'Address', 'https://records.example.com');
    await press('Save');
    await vi.waitFor(() => expect(saved).toMatchObject([{ kind: 'other', signIn: 'none' }]));
  });

  it('decides what a test goes through: no step stays open that it does not have', async () => {
    kinds = [SERVICE, OTHER];
    tested = [{ step: 'reachable', ok: true }];
    openOptions();
    await choose('Where the record is kept', 'other');
    await type('textbox', 'Address', 'https://records.example.com');
    await press('Test connection');
    await says('Everything works.');
    const steps = [...(await the('list', 'Connection test')).querySelectorAll('.step-name')].map((step) => text(step));
    expect(steps).toEqual(['Address', 'Permission', 'Reachable']);
    expect(document.body.textContent).not.toContain('Not tried');
  });

  it('need not tell who somebody is to say that their sign-in counts', async () => {
    kinds = [SERVICE, { ...OTHER, steps: ['reachable', 'signedIn'] }];
    tested = [
      { step: 'reachable', ok: true },
      { step: 'signedIn', ok: true, name: null },
    ];
    openOptions();
    await choose('Where the record is kept', 'other');
    await type('textbox', 'Address', 'https://records.example.com');
    await press('Test connection');
    await says('Your sign-in is accepted');
  });

  it('that lists nothing has no subscriptions to lead to once it works', async () => {
    kinds = [SERVICE, { ...OTHER, can: { ...SERVICE.can, list: false } }];
    tested = [{ step: 'reachable', ok: true }];
    openOptions();
    await choose('Where the record is kept', 'other');
    await type('textbox', 'Address', 'https://records.example.com');
    await press('Save');
    await says('Open a subscription’s page in your portal: the panel is there.');
    expect(document.body.textContent).not.toContain('See all subscriptions');
  });

  it('is not asked for where there is one alone', async () => {
    openOptions();
    await the('textbox', 'Service URL');
    expect(all('combobox', 'Where the record is kept')).toEqual([]);
  });

  it('makes another connection of the same address: the token that is stored for the one is none of the other’s', async () => {
    await writeSettings(onlyConnection(aConnection()));
    await secrets.saveToken(CONNECTION_ID, SECRET, false);
    kinds = [SERVICE, { ...OTHER, signIns: ['accessToken'] }];
    openOptions();
    await says('Where the record is kept');
    const hintIn = async () => (await the('textbox', 'Access token')).getAttribute('placeholder');
    expect(await hintIn()).toBe('One is stored. Leave empty to keep it.');
    await choose('Where the record is kept', 'other');
    expect(await hintIn()).toBe('Paste the token here');
    await press('Save');
    await says('Enter the access token.');
    expect(saved).toEqual([]);
  });

  it('that this version does not know is told, and the connection kept', async () => {
    const later = { ...CONNECTION, kind: 'later' };
    await writeSettings(onlyConnection(later));
    openOptions();
    await says('This version does not know the kind of connection “later”.');
    expect((await readSettings()).connections).toEqual([later]);
  });
});

describe('settings that cannot be read', () => {
  it('are told, saved as a file and discarded', async () => {
    let discarded = 0;
    world.worker['settings.discardDamaged'] = async () => {
      discarded += 1;
      await browser.storage.local.set({ settings: { version: 2 } });
      return null;
    };
    await browser.storage.local.set({ settings: { version: 2, portals: 'broken portals' } });
    openOptions();
    await says('Some of your settings could not be read');
    await press('Save them as a file');
    expect(files[0]?.text).toContain('broken portals');
    await press('Discard them');
    await says('Discarded.');
    expect(discarded).toBe(1);
  });

  it('of a later version are told', async () => {
    await browser.storage.local.set({ settings: { version: 4 } });
    openOptions();
    await says('A later version of this extension wrote the settings');
  });

  it('of a file of a later version are told, and nothing is changed', async () => {
    openOptions();
    await chooseFile(exportSettings(DEFAULT_SETTINGS).replace('"version": 3', '"version": 4'));
    await says('A later version of this extension wrote this file. Nothing was changed.');
  });
});
