import type { AzureAccount } from '../../../../src/domain/azure-account';
import { TEST_STEPS, type TestStep } from '../../../../src/domain/connection-test';
import type { KindFacts } from '../../../../src/domain/kind-facts';
import { browser, world } from '../../../support/page-browser';
import { anEntraConnection, CONNECTION } from '../../../support/connections';
import { testDirectory } from '../../../azure/directory';
import { LONG_NAME } from './data';
import type { Screen, State } from './state';
import { allowsPortals, settings, TWO_CONNECTIONS, works } from './world';

const SERVICE: KindFacts = {
  kind: 'service',
  can: { check: true, list: true, changeLog: true, mails: true, shares: true, replay: 'key' },
  signIns: ['none', 'accessToken', 'openIdConnect'],
  steps: TEST_STEPS,
};
const AZURE: KindFacts = {
  kind: 'azurePal',
  can: { check: false, list: false, changeLog: false, mails: false, shares: false, replay: 'readFirst' },
  signIns: ['entra'],
  steps: ['reachable', 'signedIn'],
};
const WITH_PROVIDER = {
  ...CONNECTION,
  signIn: 'openIdConnect',
  issuer: 'https://login.northwind.example/tenant/v2.0',
  clientId: '6b7c0f0e-7d0c-4a7e-9d53-0c0f7f0b7a11',
  staySignedIn: false,
  scopes: null,
  sendResource: false,
};
const OWN = [`https://${'billing-portal.'.repeat(5)}northwind.example/subscriptions/:subscriptionId`];
const PASSED: readonly TestStep[] = [
  { step: 'reachable', ok: true },
  { step: 'contract', ok: true, version: 1 },
  { step: 'signedIn', ok: true, name: 'Adele Vance', organization: LONG_NAME },
];

function opened(stored: object = {}, more: () => void | Promise<void> = () => undefined): State['arrange'] {
  return async () => {
    allowsPortals();
    works({
      'scopes.named': async () => ({ kind: 'none' }),
      'connections.kinds': async () => [SERVICE],
      'connection.test': async () => PASSED,
      'connection.save': async () => ({ ok: true }),
      'retention.preview': async () => ({ removes: 0 }),
      'history.clear': async () => ({ removed: 3 }),
    });
    await settings(stored);
    await more();
  };
}

/** With Azure Partner Admin Link among the kinds, and those accounts signed in there. */
function azure(stored: object = {}, accounts: readonly AzureAccount[] = []): State['arrange'] {
  return opened(stored, () =>
    works({
      'connections.kinds': async () => [SERVICE, AZURE],
      'azure.accounts': async () => accounts,
      'azure.signOut': async () => null,
    }),
  );
}
const chooseAzure = { choose: 'Azure Partner Admin Link', of: 'Where the record is kept' } as const;
const AT_AZURE = anEntraConnection({ tenants: ['contoso.com', 'a-tenant-with-a-long-name.onmicrosoft.com'] });
const ACCOUNTS = testDirectory(2).accounts.map(
  ({ user, homeTenant, username, name }, i): AzureAccount => ({
    user,
    homeTenant,
    username: i === 0 ? username : `${'a-long-name.'.repeat(8)}of.somebody@a-tenant-with-a-long-name.onmicrosoft.com`,
    name,
  }),
);

const test = { press: 'button', name: 'Test connection' } as const;

export const options: Screen = {
  name: 'options',
  title: 'The options',
  file: 'src/options/index.html',
  states: [
    { name: 'first opened', arrange: opened({ connection: null }), hash: '#welcome', says: 'Options' },
    { name: 'no sign-in', arrange: opened({ portals: { off: ['azure'], own: OWN } }), says: 'Add portal' },
    {
      name: 'an access token',
      arrange: opened({ connection: { ...CONNECTION, signIn: 'accessToken' } }),
      says: 'Remember on this device',
    },
    { name: 'OpenID Connect', arrange: opened({ connection: WITH_PROVIDER }), says: 'Issuer URL' },
    { name: 'nothing typed', arrange: opened({ connection: null }), steps: [test], says: 'Options' },
    {
      name: 'Azure chosen',
      arrange: azure({ connection: null }),
      steps: [chooseAzure],
      says: 'Application (client) ID',
    },
    {
      name: 'Azure, nothing typed, another cloud',
      arrange: azure({ connection: null }),
      steps: [chooseAzure, { choose: 'Azure operated by 21Vianet', of: 'Cloud' }, { press: 'button', name: 'Save' }],
      says: 'Enter the application (client) ID.',
    },
    {
      name: 'Azure, the commands',
      arrange: azure({ connection: null }),
      steps: [chooseAzure, { press: 'summary', name: 'No application yet?' }],
      says: 'Whoever may register applications',
    },
    {
      name: 'Azure, nobody signed in',
      arrange: azure({ connection: AT_AZURE }),
      says: 'Nobody is signed in.',
    },
    {
      name: 'Azure, one of two accounts signed out',
      arrange: azure(
        { settings: { version: 3, connections: [AT_AZURE], defaultConnection: AT_AZURE.id, ownPartnerId: '4852013' } },
        ACCOUNTS,
      ),
      steps: [{ press: 'button', name: 'Sign out of ada@tenant1.example' }],
      says: 'The browser’s own session at Microsoft stays',
    },
    { name: 'everything works', arrange: opened(), steps: [test], says: LONG_NAME },
    {
      name: 'the test fails',
      arrange: opened({}, () =>
        works({
          'connection.test': async () => [
            { step: 'reachable', ok: true },
            { step: 'contract', ok: true, version: 1 },
            { step: 'signedIn', ok: false, failure: { reason: 'signInNeeded', status: 401 } },
          ],
        }),
      ),
      steps: [test],
      says: 'Options',
    },
    {
      name: 'several connections',
      arrange: opened(TWO_CONNECTIONS),
      says: 'Add connection',
    },
    {
      name: 'giving up what was typed asks first',
      arrange: opened(TWO_CONNECTIONS),
      steps: [
        { type: 'Half typed', into: 'Name' },
        { press: 'button', name: 'Add connection' },
      ],
      says: 'Give up what you typed?',
      asks: true,
    },
    {
      name: 'settings that could not be read',
      arrange: opened({ settings: { version: 2, connections: [CONNECTION, 'broken'], portals: 'broken' } }),
      says: 'Discard them',
    },
    {
      name: 'settings of a later version',
      arrange: opened({ settings: { version: 4 } }),
      says: 'Install that version again',
    },
    {
      name: 'fixed by policy',
      arrange: opened({}, async () => {
        const { id: _, ...connection } = CONNECTION;
        await browser.storage.managed.set({ connection, notify: true, confirm: 'always', retention: { maxRows: 100 } });
      }),
      says: 'Options',
    },
    {
      name: 'clearing the history asks first',
      arrange: opened(),
      steps: [{ press: 'button', name: 'Clear history' }],
      says: 'Clear the history?',
      asks: true,
    },
    {
      name: 'the extension itself fails',
      arrange: opened({}, () => {
        world.worker['connection.test'] = async () => {
          throw new Error('The transaction was aborted');
        };
      }),
      steps: [test],
      says: 'Options',
    },
  ],
};
