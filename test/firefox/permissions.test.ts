import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPTIONS_PAGE, POPUP_PAGE } from '../e2e/harness/addresses';
import { type Portals, startPortals } from '../e2e/harness/portals';
import { firefox } from './firefox';

/** In Firefox a person can take the extension's portals away from it, one by one, and gives it others when it asks. */

const SUBSCRIPTION = '19efc095-a8ec-4df2-8dc0-eed4d4d3207e';
const ACCOUNT_CENTRE = ['https://account.azure.com/*', 'https://account.windowsazure.com/*'];
/** What a panel says before a service is set up. */
const HERE = 'Open options';

let portals: Portals;
let profile: string;
let browser: Awaited<ReturnType<typeof firefox.launch>>;

beforeAll(async () => {
  profile = await mkdtemp(join(tmpdir(), 'partner-of-record-permissions-'));
  portals = await startPortals();
  browser = await firefox.launch(portals, profile);
});
afterAll(async () => {
  await browser?.close();
  await portals?.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

describe('What the person lets the extension reach in Firefox', () => {
  it('is from the start every portal of its manifest', async () => {
    const { panel } = await browser.open(
      `https://admin.microsoft.com/Adminportal/Home#/subscriptions/webdirect/${SUBSCRIPTION}`,
    );
    await panel.waitFor('button', HERE);
  });

  it('without a portal: the popup says so and has it allowed, and the page that is open has its panel', async () => {
    const popup = await browser.openOurs(POPUP_PAGE);
    await popup.run(`browser.permissions.remove({ origins: ${JSON.stringify(ACCOUNT_CENTRE)} })`);
    const { panel } = await browser.open(
      `https://account.azure.com/Subscriptions/Statement?subscriptionId=${SUBSCRIPTION}`,
    );
    await popup.show();
    await popup.waitForText('The browser keeps the extension away from Azure account centre');
    expect(await panel.text()).toBe('');
    await popup.press('button', 'Allow');
    await browser.allow();
    await panel.waitFor('button', HERE);
    await expect.poll(() => popup.text()).not.toContain('keeps the extension away');
  });

  it('is a portal of their own once they add it and allow it', async () => {
    const pattern = 'https://billing.example.com/subscriptions/:subscriptionId';
    const { panel } = await browser.open(pattern.replace(':subscriptionId', SUBSCRIPTION));
    const options = await browser.openOurs(OPTIONS_PAGE);
    await options.type('Portal address or pattern', pattern);
    await options.press('button', 'Add portal');
    await browser.allow();
    await options.waitFor('button', `Remove ${pattern}`);
    await panel.waitFor('button', HERE);
  });
});
