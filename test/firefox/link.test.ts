import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testGuid } from '../azure/directory';
import { OPTIONS_PAGE } from '../e2e/harness/addresses';
import { type AzureServers, CLIENT_ID, startAzureServers } from '../e2e/harness/azure';
import { type Portals, startPortals } from '../e2e/harness/portals';
import { firefox } from './firefox';

const SUBSCRIPTION = testGuid('d', 1);
const CONTOSO = '4711001';

let azure: AzureServers;
let portals: Portals;
let profile: string;
let browser: Awaited<ReturnType<typeof firefox.launch>>;

beforeAll(async () => {
  profile = await mkdtemp(join(tmpdir(), 'partner-of-record-link-'));
  azure = await startAzureServers({ redirectUri: firefox.redirectUri });
  portals = await startPortals();
  browser = await firefox.launch(portals, profile, undefined, azure.portOf);
  const { management, ada } = azure;
  management.partners.set(CONTOSO, 'Contoso Consulting');
  management.subscriptions.set(SUBSCRIPTION, {
    id: SUBSCRIPTION,
    name: 'Production',
    tenant: ada.homeTenant,
    agreement: 'MicrosoftCustomerAgreement',
    roles: new Map([[ada.user, [{ actions: ['*'] }]]]),
  });
});
afterAll(async () => {
  await browser?.close();
  await portals?.close();
  await azure?.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

describe('In Firefox a partner link', () => {
  it('is set up in the options, which ask for Azure’s host alone, then read and saved on a subscription’s page', async () => {
    const { ada, entra, management } = azure;
    entra.atPage = ada.user;
    const options = await browser.openOurs(OPTIONS_PAGE);
    await options.choose('Where the record is kept', 'Azure');
    await options.type('Application (client) ID', CLIENT_ID);
    await options.press('button', 'Save');
    await browser.allow();
    await options.waitForText('Saved, but you are not signed in yet.');

    const { panel } = await browser.open(
      `https://portal.azure.com/#@tenant1.example/resource/subscriptions/${SUBSCRIPTION}`,
    );
    await panel.press('button', 'Sign in');
    await panel.waitForText('No partner link');
    await panel.type('Partner ID', CONTOSO);
    await panel.press('button', 'Link partner');
    await panel.press('button', 'Yes');
    await panel.waitForText('Partner link has been changed.');
    await panel.waitForText('Contoso Consulting');
    expect(management.link({ user: ada.user, tenant: ada.homeTenant })).toMatchObject({ partnerId: CONTOSO });
  });
});
