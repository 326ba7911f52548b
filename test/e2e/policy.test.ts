import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExtensionBrowser, launchBrowser } from './harness/browser';
import { fillConnection, saveConnection } from './harness/options';
import { panelOn } from './harness/panel';
import { createPolicyFolder, type PolicyFolder } from './harness/policy';
import { type Portals, startPortals } from './harness/portals';
import { type Service, startService } from './harness/service';
import { sendFrom } from './harness/sender';
import { NORTHWIND } from './harness/spec';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';
import { azurePage, OPTIONS_PAGE, POPUP_PAGE } from './harness/world';

/** The extension's ID in Chromium, by the key in its manifest: policy names it before any browser runs. */
const ID = 'fobnlladjoobbjgfpefhmhhpdkgjfdae';
/** Chromium looks at a changed policy a few seconds later. */
const FOLLOWED_MS = 30_000;

let folder: PolicyFolder;
let service: Service;
let portals: Portals;
let browser: ExtensionBrowser;
let backstage: Backstage;

const forUs = (settings: object, more: object = {}) => ({ '3rdparty': { extensions: { [ID]: settings } }, ...more });
const connection = (more: object = {}) => ({ serviceUrl: service.url, signIn: 'accessToken', ...more });

async function shownOn(address: string, words: string | RegExp): Promise<void> {
  const page = await browser.open(address);
  try {
    await panelOn(page).waitForText(words);
  } finally {
    await page.close();
  }
}

beforeAll(async () => {
  [folder, service, portals] = await Promise.all([createPolicyFolder(), startService(), startPortals()]);
  await folder.set(
    forUs({
      connection: connection(),
      retention: { maxAgeDays: 30 },
      portals: { off: ['accountCentre', 'unheard of'] },
    }),
  );
  browser = await launchBrowser({ etc: folder, hostResolverRules: portals.hostResolverRules });
  expect(browser.id).toBe(ID);
  backstage = await openBackstage(browser);
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([portals?.close(), service?.stop()]);
  await folder?.remove();
});

describe('What an organisation sets by policy', () => {
  it('is in force and read-only from the first start, and the person only signs in', async () => {
    const options = await browser.open(browser.extensionUrl(OPTIONS_PAGE));
    await expect.poll(() => options.getByRole('textbox', { name: 'Service URL' }).inputValue()).toBe(service.url);
    await expect.poll(() => options.getByRole('textbox', { name: 'Service URL' }).isEditable()).toBe(false);
    await expect.poll(() => options.getByRole('textbox', { name: 'Keep for (days)' }).inputValue()).toBe('30');
    await expect.poll(() => options.getByRole('switch', { name: 'Azure account centre' }).isChecked()).toBe(false);
    await expect.poll(() => options.getByRole('switch', { name: 'Azure portal' }).isChecked()).toBe(true);
    await options.getByLabel('Access token', { exact: true }).fill(service.token);
    await saveConnection(options);
    await options.close();
    const [record] = await service.subscriptions();
    await shownOn(azurePage(record?.subscriptionId ?? ''), record?.displayName ?? '');
  });

  it('that changes while the browser runs is followed: the connection with the same address stays, with its token', async () => {
    await folder.set(
      forUs({ connection: connection({ kind: 'service' }), confirm: 'always', portals: { off: ['azure'] } }),
    );
    const options = await browser.open(browser.extensionUrl(OPTIONS_PAGE));
    const always = options.getByRole('switch', { name: 'Confirm every change in the extension’s own window' });
    await until('the new policy on the options page', () => always.isChecked(), { patienceMs: FOLLOWED_MS });
    await expect.poll(() => always.isDisabled()).toBe(true);
    await options.close();
    const record = (await service.subscriptions()).find(({ caller }) => caller.canChangePartner);
    const id = record?.subscriptionId ?? '';
    // The portal that was off serves now, and is signed in as before; the other one is off.
    const page = await browser.open(`https://account.azure.com/Subscriptions/Statement?subscriptionId=${id}`);
    const panel = panelOn(page);
    await panel.waitForText(record?.displayName ?? '');
    const azure = await browser.open(azurePage(id));
    expect(await panelOn(azure).count()).toBe(0);
    await azure.close();

    // And every change is made in the extension's own window: the panel has nothing else to press.
    await panel.waitFor('button', 'Confirm in the extension');
    for (const name of ['Check ID', 'Save partner', 'Remove partner'])
      expect(await panel.find('button', name)).toBeNull();
    expect(await panel.find('textbox', 'Partner ID')).toBeNull();
    const before = await service.effects(id);
    const name = 'change.remove';
    const asked = { name, input: { id: crypto.randomUUID(), subscriptionId: id, seen: record?.etag ?? '' } };
    expect((await sendFrom(backstage, page, [asked])).top).toMatchObject([
      { answer: { ok: false, problem: 'confirmInExtension' } },
    ]);
    expect(await backstage.changesOf(id)).toEqual([]);
    const opening = browser.context.waitForEvent('page');
    await panel.click('button', 'Confirm in the extension');
    const window = await opening;
    await window.getByText(record?.displayName ?? '').waitFor();
    await window.getByRole('textbox', { name: 'Partner ID' }).fill(NORTHWIND.partnerId);
    await window.getByRole('button', { name: 'Check ID' }).click();
    await window.getByText(NORTHWIND.name).waitFor();
    await window.locator('[data-armed="yes"]').waitFor();
    await window.getByRole('button', { name: 'Save partner' }).click();
    await window.getByText('Partner information has been changed.').waitFor();
    expect((await service.effects(id)).length).toBe(before.length + 1);
    await panel.waitForText(NORTHWIND.name);
    await window.close();
    await page.close();
  });

  it('of the wrong type is as if it were not there, and the rest of it holds', async () => {
    await folder.set(forUs({ connection: connection(), confirm: 7, retention: { maxAgeDays: 'long' }, notify: true }));
    const options = await browser.open(browser.extensionUrl(OPTIONS_PAGE));
    const notify = options.getByRole('checkbox', { name: 'Notify me when a change ends' });
    await until('the new policy', () => notify.isDisabled(), { patienceMs: FOLLOWED_MS });
    expect(await options.getByRole('switch', { name: 'Confirm every change' }).isDisabled()).toBe(false);
    expect(await options.getByRole('textbox', { name: 'Service URL' }).isEditable()).toBe(false);
    await options.close();
  });
});

describe('Hosts that an organisation blocks for the extension', () => {
  it('are told apart by Test connection and by the popup, though the browser says that the permission is held', async () => {
    const host = new URL(service.url).hostname;
    const blocked = { runtime_blocked_hosts: [`*://${host}`, '*://portal.azure.com'] };
    await folder.set({ ExtensionSettings: { [ID]: blocked } });
    const options = await browser.open(browser.extensionUrl(OPTIONS_PAGE));
    const url = options.getByRole('textbox', { name: 'Service URL' });
    await until('the end of the other policy', () => url.isEditable(), { patienceMs: FOLLOWED_MS });
    await fillConnection(options, service.url, service.token);
    const words = 'Your browser or organisation keeps the extension out of';
    // The blocked hosts may be taken over a moment after the settings.
    await until(
      'the words for it in the test',
      async () => {
        await options.getByRole('button', { name: 'Test connection' }).click();
        await options.getByText(/The connection does not work yet|Everything works/).waitFor();
        return (await options.getByText(`${words} ${new URL(service.url).host}.`).count()) > 0;
      },
      { patienceMs: FOLLOWED_MS },
    );
    await expect.poll(() => options.getByText('Allowed by the browser').count()).toBe(1);

    const [record] = await service.subscriptions();
    const portal = await browser.open(azurePage(record?.subscriptionId ?? ''));
    const popup = await browser.open(browser.extensionUrl(POPUP_PAGE));
    await portal.bringToFront();
    await popup.reload();
    await popup.getByText(`${words} this page.`).waitFor();
    await Promise.all([popup, portal, options].map((page) => page.close()));
  });
});
