import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { EntraOutcome, EntraWanted } from '../../../../src/background/entra-sign-in';
import { type AzureParts, createAzureHandlers } from '../../../../src/background/handlers/azure';
import type { AzureAccount } from '../../../../src/domain/azure-account';
import type { Connection } from '../../../../src/domain/connection';
import type { VerifiedSender } from '../../../../src/messaging/serve';
import { testDirectory } from '../../../azure/directory';
import { createClock, START } from '../../../support/clock';
import { aConnection, anEntraConnection } from '../../../support/connections';
import { uuid } from '../../../support/targets';

vi.mock('../../../../src/platform/browser', () => ({
  browser: { identity: { getRedirectURL: () => 'https://extension.chromiumapp.org/' } },
}));

const page: VerifiedSender = { kind: 'page', tabId: 1, page: 'options' };
const azure = anEntraConnection({ address: 'https://management.usgovcloudapi.net' });
const service = aConnection({ id: uuid(5) });
const [ada, ben] = testDirectory(2).accounts.map(
  ({ user, homeTenant, username, name }): AzureAccount => ({ user, homeTenant, username, name }),
);
if (ada === undefined || ben === undefined) throw new Error('The directory has two accounts');

let accounts: AzureAccount[];
let mayStart: boolean;
let outcome: EntraOutcome;
const started: EntraWanted[] = [];
const told: string[] = [];
let handlers: ReturnType<typeof createAzureHandlers>;

beforeEach(() => {
  accounts = [ada, ben];
  mayStart = true;
  outcome = { kind: 'signedIn', account: ada, tenant: ada.homeTenant };
  started.length = 0;
  told.length = 0;
  const entra: AzureParts['entra'] = {
    accounts: async () => accounts,
    mayStart: async () => mayStart,
    async start(_connection, wanted) {
      started.push(wanted);
      return outcome;
    },
    async end(_connection, user) {
      accounts = accounts.filter((account) => account.user !== user);
    },
  };
  const known: readonly Connection[] = [service, azure];
  handlers = createAzureHandlers({
    scope: {
      connectionMeant: async (id) => known.find((connection) => connection.id === id) ?? null,
    },
    entra,
    reader: { forget: () => void told.push('read anew') },
    engine: {
      noteOpen: async (id, event) =>
        void told.push(
          `${event.type} at ${id}: ${event.type === 'signedIn' && event.person?.kind === 'openIdConnect' && event.person.sub}`,
        ),
    },
    clock: createClock(START),
    onSignIn: async () => void told.push('sign-in'),
  });
});

const signIn = (connectionId = azure.id) =>
  handlers['azure.signIn']({ connectionId, user: ada.user, tenant: 'contoso.example' }, page);

describe('signing in at Azure', () => {
  test('has the person sign in as who was wanted and where, and lets that account’s changes and pages know', async () => {
    expect(await signIn()).toEqual(outcome);
    expect(started).toEqual([{ user: ada.user, tenant: 'contoso.example' }]);
    expect(told).toEqual(['read anew', `signedIn at ${azure.id}: ${ada.user}`, 'sign-in']);
  });

  test('as another account lets that one’s changes know, since it is signed in by then', async () => {
    outcome = { kind: 'otherAccount', account: ben, wanted: ada.user };
    expect(await signIn()).toEqual(outcome);
    expect(told).toEqual(['read anew', `signedIn at ${azure.id}: ${ben.user}`, 'sign-in']);
  });

  test.each<[EntraOutcome]>([
    [{ kind: 'cancelled' }],
    [{ kind: 'failed', failure: { reason: 'signInNeeded', code: 'SignInFailed', said: 'AADSTS65001' } }],
  ])('that came to nothing lets no change go on: %j', async (ended) => {
    outcome = ended;
    expect(await signIn()).toEqual(ended);
    expect(told).toEqual(['sign-in']);
  });

  test('opens nothing before the browser allows it', async () => {
    mayStart = false;
    expect(await signIn()).toEqual({ kind: 'notAllowed' });
    expect([started, told]).toEqual([[], []]);
  });

  test.each([
    ['that is gone', uuid(9)],
    ['with a service', service.id],
  ])(
    'opens nothing for a connection %s, which has no accounts, signs out of none and has no link',
    async (_which, id) => {
      expect(await signIn(id)).toEqual({ kind: 'failed', failure: { reason: 'notConfigured' } });
      expect(started).toEqual([]);
      expect(await handlers['azure.accounts']({ connectionId: id }, page)).toEqual([]);
      await handlers['azure.signOut']({ connectionId: id, user: ada.user }, page);
      expect(accounts).toEqual([ada, ben]);
      expect(await handlers['azure.consentLink']({ connectionId: id, tenant: 'contoso.example' }, page)).toBeNull();
    },
  );
});

test('who is signed in is told by account, and one is signed out alone', async () => {
  expect(await handlers['azure.accounts']({ connectionId: azure.id }, page)).toEqual([ada, ben]);
  await handlers['azure.signOut']({ connectionId: azure.id, user: ada.user }, page);
  expect(await handlers['azure.accounts']({ connectionId: azure.id }, page)).toEqual([ben]);
  expect(told).toEqual(['read anew', 'sign-in']);
});

test('the link for an administrator is of the connection’s own cloud and application', async () => {
  const link = await handlers['azure.consentLink']({ connectionId: azure.id, tenant: 'contoso.example' }, page);
  expect(link).toMatch(/^https:\/\/login\.microsoftonline\.us\/contoso\.example\/v2\.0\/adminconsent\?/);
  expect(link).toContain(azure.clientId);
  expect(link).toContain(encodeURIComponent('https://extension.chromiumapp.org/'));
});
