import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CloudService } from '../../src/domain/cloud-service';
import type { SubscriptionRecord } from '../../src/domain/subscription';
import { azurePage, OPTIONS_PAGE, POPUP_PAGE } from '../e2e/harness/addresses';
import { isWrite, type SeenRequest } from '../e2e/harness/fault-proxy';
import { type Ground, startGround } from '../e2e/harness/ground';
import { startPortals } from '../e2e/harness/portals';
import { FABRIKAM, NORTHWIND } from '../e2e/harness/partners';
import { until } from '../e2e/harness/until';
import { AUDIENCE, startIdentityProvider, type TestProvider } from '../server/support/identity-provider';
import { LIMIT_MS } from '../within';
import type { DrivenBrowser, Driver, PanelScreen, Tab } from './driver';

/**
 * What people do with the extension, from the press to the service's record, in whichever browser they have. The verdict is what the
 * service says when it is asked directly. One browser, service and identity provider serve all of it, one after the other.
 */

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CLIENT_ID = 'helper';
const SOMEBODY = { login: 'avery.howard@contoso.example', name: 'Avery Howard' };
const NOBODY_KNOWS = '7654321';

const CHANGED = 'Partner information has been changed.';

export function journeysIn(driver: Driver): void {
  let provider: TestProvider;
  let ground: Ground;
  let browser: DrivenBrowser;
  let profile: string;
  const tabs: Tab[] = [];

  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), 'partner-of-record-journeys-'));
    provider = await startIdentityProvider({
      clients: [
        {
          client_id: CLIENT_ID,
          token_endpoint_auth_method: 'none',
          redirect_uris: [driver.redirectUri],
          grant_types: ['authorization_code', 'refresh_token'],
        },
      ],
    });
    const portals = await startPortals();
    [ground, browser] = await Promise.all([
      startGround({ settings: { OIDC_ISSUER: provider.issuer, OIDC_AUDIENCE: AUDIENCE } }, portals),
      driver.launch(portals, profile),
    ]);
    const options = await browser.welcome();
    await connectByToken(options);
    await options.type('Portal address or pattern', ground.ownPortal.pattern);
    await options.press('button', 'Add portal');
    await options.waitFor('button', `Remove ${ground.ownPortal.pattern}`);
    await options.close();
    ground.proxy.reset();
  });
  afterEach(async () => {
    await Promise.all(tabs.splice(0).map((tab) => tab.close()));
    ground.proxy.reset();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([ground?.close(), provider?.stop()]);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Opens a tab that is closed when the journey ends. */
  async function open(opening: Promise<Tab>): Promise<Tab> {
    const tab = await opening;
    tabs.push(tab);
    return tab;
  }

  async function connectByToken(options: Tab): Promise<void> {
    await options.type('Service URL', ground.proxy.url);
    await options.choose('Sign-in', 'Access token');
    await options.type('Access token', ground.service.token);
    await options.press('button', 'Test connection');
    await options.waitForText('Everything works.');
    await options.press('button', 'Save');
    await options.waitForText('Saved.');
  }

  /** The panel on a subscription's page in the Azure portal, once it has read the record. */
  async function panelOf({ subscriptionId, partnerOfRecord }: SubscriptionRecord): Promise<PanelScreen> {
    const { panel } = await open(browser.open(azurePage(subscriptionId)));
    await panel.waitForText(partnerOfRecord?.partnerId ?? 'No partner of record');
    return panel;
  }

  const partnerOf = async (subscriptionId: string) =>
    (await ground.service.read(subscriptionId)).partnerOfRecord?.partnerId ?? null;

  describe('The main job', () => {
    const places: readonly (readonly [portal: string, service: CloudService, pageOf: (id: string) => string])[] = [
      ['the Azure portal', 'azure', azurePage],
      ['the account centre', 'azure', (id) => `https://account.azure.com/Subscriptions/Statement?subscriptionId=${id}`],
      [
        'the Microsoft 365 admin centre',
        'office365',
        (id) => `https://admin.microsoft.com/Adminportal/Home#/subscriptions/webdirect/${id}`,
      ],
      ['a portal the user added', 'azure', (id) => ground.ownPortal.pageOf(id)],
    ];

    it.each(places)('is done in %s: checked, saved, changed, removed, each once', async (_portal, service, pageOf) => {
      const { proxy } = ground;
      const { subscriptionId } = await ground.newSubscription({ service });
      const { panel } = await open(browser.open(pageOf(subscriptionId)));
      await panel.waitForText('No partner of record');
      await panel.waitFor('textbox', 'Partner ID');
      expect(await panel.has('button', 'Remove partner')).toBe(false);
      expect(await panel.has('button', 'Save partner')).toBe(false);

      await check(panel, FABRIKAM);
      expect(proxy.writes()).toEqual([]);
      expect(await partnerOf(subscriptionId)).toBeNull();

      await panel.press('button', 'Save partner');
      await panel.waitForText(CHANGED);
      expect(await partnerOf(subscriptionId)).toBe(FABRIKAM.partnerId);

      await check(panel, NORTHWIND);
      expect(await partnerOf(subscriptionId)).toBe(FABRIKAM.partnerId);
      await panel.press('button', 'Save partner');
      await expect.poll(() => partnerOf(subscriptionId)).toBe(NORTHWIND.partnerId);
      await panel.waitForText(CHANGED);

      await panel.press('button', 'Remove partner');
      await panel.waitFor('alertdialog', 'Remove partner of record?');
      await panel.press('button', 'No');
      await panel.waitGone('alertdialog', 'Remove partner of record?');
      expect(proxy.writes()).toHaveLength(2);
      expect(await partnerOf(subscriptionId)).toBe(NORTHWIND.partnerId);

      await panel.press('button', 'Remove partner');
      await panel.press('button', 'Yes');
      await panel.waitForText('Partner information has been removed.');
      await panel.waitForText('No partner of record');
      expect(await partnerOf(subscriptionId)).toBeNull();

      const effects = await ground.effects(subscriptionId);
      expect(effects.map(({ kind }) => kind)).toEqual(['remove', 'change', 'assign']);
      const writes = proxy.writes();
      expect(writes.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'DELETE']);
      const keys = writes.map(({ idempotencyKey }) => idempotencyKey ?? '');
      expect(new Set(keys).size).toBe(3);
      expect(keys.every((key) => UUID.test(key))).toBe(true);
      expect(effects.map(({ idempotencyKey }) => idempotencyKey).reverse()).toEqual(keys);

      const popup = await historyOf(subscriptionId);
      await expect
        .poll(() => popup.items('History'))
        .toEqual([
          expect.stringMatching(/Remove.*Northwind Consulting/s),
          expect.stringMatching(/Change.*Fabrikam Cloud Services.*Northwind Consulting/s),
          expect.stringMatching(/Assign.*Fabrikam Cloud Services/s),
        ]);
    });
  });

  /** The popup, with what its history has of a subscription. */
  async function historyOf(subscriptionId: string): Promise<Tab> {
    const popup = await open(browser.openOurs(POPUP_PAGE));
    await popup.press('tab', 'History');
    await popup.type('Search history', subscriptionId);
    return popup;
  }

  it('The popup checks IDs, finds a change in its history and takes it back', async () => {
    const record = await ground.newSubscription();
    const panel = await panelOf(record);
    await check(panel, FABRIKAM);
    await panel.press('button', 'Save partner');
    await panel.waitForText(CHANGED);

    const popup = await open(browser.openOurs(POPUP_PAGE));
    await popup.type('Partner IDs', `${NORTHWIND.partnerId} ${NOBODY_KNOWS}`);
    await popup.press('button', 'Check ID');
    await popup.waitForText(NORTHWIND.name);
    await popup.waitForText('No partner has this ID');
    expect(await partnerOf(record.subscriptionId)).toBe(FABRIKAM.partnerId);

    const history = await historyOf(record.subscriptionId);
    await history.waitForText(FABRIKAM.name);
    await history.press('button', 'Undo');
    await expect.poll(() => partnerOf(record.subscriptionId)).toBeNull();
    expect((await ground.effects(record.subscriptionId)).map(({ kind }) => kind)).toEqual(['remove', 'assign']);
  });

  it('The options tell a wrong token at once, and with the right one the panel works', async () => {
    const record = await ground.newSubscription();
    const options = await open(browser.openOurs(OPTIONS_PAGE));
    await options.type('Access token', 'por_wrong');
    await options.press('button', 'Save');
    await options.waitForText('Saved, but the service refused this token.');
    const { panel } = await open(browser.open(azurePage(record.subscriptionId)));
    await panel.waitFor('button', 'Sign in');
    expect(await partnerOf(record.subscriptionId)).toBeNull();

    await connectByToken(options);
    await panel.waitForText('No partner of record');
    await check(panel, FABRIKAM);
    await panel.press('button', 'Save partner');
    await panel.waitForText(CHANGED);
    expect(await partnerOf(record.subscriptionId)).toBe(FABRIKAM.partnerId);
  });

  it('A change whose answer is lost is carried on by itself, and takes effect once', async () => {
    const record = await ground.newSubscription();
    const { subscriptionId } = record;
    const panel = await panelOf(record);
    await check(panel, FABRIKAM);
    // Twice: a browser itself sends a request again whose kept-alive connection was destroyed.
    const lost = ground.proxy.plan(isWriteOf(record), { kind: 'resetAfter' }, 2);
    await panel.press('button', 'Save partner');
    await lost;
    await panel.waitForText(CHANGED);
    expect(await partnerOf(subscriptionId)).toBe(FABRIKAM.partnerId);
    const effects = await ground.effects(subscriptionId);
    expect(effects).toHaveLength(1);
    const writes = ground.proxy.writes();
    expect(writes.length).toBeGreaterThanOrEqual(2);
    expect(new Set(writes.map(({ idempotencyKey }) => idempotencyKey))).toEqual(
      new Set(effects.map(({ idempotencyKey }) => idempotencyKey)),
    );
  });

  it('A page that presses by script, or fades what a person presses, changes nothing', async () => {
    const { proxy } = ground;
    const record = await ground.newSubscription({ partnerId: NORTHWIND.partnerId });
    const { subscriptionId } = record;
    const tab = await open(browser.open(azurePage(subscriptionId)));
    const { panel } = tab;
    await panel.waitForText(NORTHWIND.name);
    await check(panel, FABRIKAM);

    expect(await tab.run(PRESS_BY_SCRIPT)).toBe('closed');
    await tab.run('document.documentElement.style.opacity = "0.01"');
    // Its notice about what is seen can move the button just before the press.
    await until('“Press again” beside what was pressed', async () => {
      await panel.pressOnce('button', 'Save partner');
      return (await panel.text()).includes('Press again');
    });
    await panel.pressOnce('button', 'Remove partner');
    expect(await panel.has('alertdialog', 'Remove partner of record?')).toBe(false);
    await tab.run('document.documentElement.style.opacity = ""');
    expect(proxy.writes()).toEqual([]);
    expect(await ground.effects(subscriptionId)).toEqual([]);

    await panel.press('button', 'Save partner');
    await panel.waitForText(CHANGED);
    expect((await ground.effects(subscriptionId)).map(({ kind, after }) => [kind, after?.partnerId])).toEqual([
      ['change', FABRIKAM.partnerId],
    ]);
  });

  it('Whoever signs in with OpenID Connect from the panel changes the partner under their own name, and stays signed in', async () => {
    const record = await ground.newSubscription();
    const { subscriptionId } = record;
    const options = await open(browser.openOurs(OPTIONS_PAGE));
    await options.choose('Sign-in', 'OpenID Connect');
    await options.type('Issuer URL', provider.issuer);
    await options.type('Client ID', CLIENT_ID);
    await options.press('button', 'Save');
    await options.waitForText('Saved, but you are not signed in yet.');

    const { panel } = await open(browser.open(azurePage(subscriptionId)));
    const window = await browser.opened(() => panel.press('button', 'Sign in'));
    await window.type('Enter any login', SOMEBODY.login);
    await window.type('and password', 'any');
    await window.press('button', 'Sign-in');
    await window.press('button', 'Continue');
    await window.closed();
    await panel.waitForText('No partner of record');
    await check(panel, FABRIKAM);
    await panel.press('button', 'Save partner');
    await panel.waitForText(CHANGED);
    const { partnerOfRecord } = await ground.service.read(subscriptionId);
    expect(partnerOfRecord).toMatchObject({ partnerId: FABRIKAM.partnerId, assignedBy: SOMEBODY.name });
    // The service knows that person by a token of its own too, which is no JWT.
    expect(ground.proxy.writes().map((request) => request.token()?.split('.').length)).toEqual([3]);

    await options.run(END_TOKENS);
    await panel.press('button', 'Remove partner');
    await panel.press('button', 'Yes');
    await panel.waitForText('Partner information has been removed.');
    expect(await partnerOf(subscriptionId)).toBeNull();
    expect(await panel.has('button', 'Sign in')).toBe(false);
  });

  it('What is on its way when the browser is closed is carried on after a restart with the same profile, and takes effect once', async () => {
    const { proxy } = ground;
    const [flies, waits] = [await ground.newSubscription(), await ground.newSubscription()];
    const options = await browser.openOurs(OPTIONS_PAGE);
    await options.press('checkbox', 'Remember on this device');
    await connectByToken(options);
    proxy.reset();
    // The one has taken effect, and its answer never comes; the other has not yet.
    const hold = proxy.hold('after', isWriteOf(flies));
    // For as long as the browser is open, however long that is.
    let isBusy = true;
    const busy = { kind: 'answer', status: 503, headers: { 'retry-after': '6' } } as const;
    proxy.plan((request) => isBusy && isWriteOf(waits)(request), busy, Infinity);
    for (const record of [flies, waits]) {
      const panel = await panelOf(record);
      await check(panel, FABRIKAM);
      await panel.press('button', 'Save partner');
      if (record === flies) await hold.arrived;
      else await panel.waitForText('Still trying');
    }
    await browser.close();
    tabs.length = 0;
    expect(await partnerOf(waits.subscriptionId)).toBeNull();
    isBusy = false;
    hold.release();

    browser = await driver.launch(ground.portals, profile);
    for (const { subscriptionId } of [flies, waits]) {
      const popup = await historyOf(subscriptionId);
      const isDone = async () => {
        const [change, ...others] = await popup.items('History');
        return others.length === 0 && change?.includes(FABRIKAM.name) && change.includes('Done');
      };
      // Its time comes, and a worker that has ended meanwhile is started again.
      await until('the change in the history, done', isDone, { state: popup.text, patienceMs: LIMIT_MS });
      expect(await partnerOf(subscriptionId)).toBe(FABRIKAM.partnerId);
      expect(await ground.effects(subscriptionId)).toHaveLength(1);
    }
    const writes = proxy.writes().filter(isWriteOf(flies));
    expect(writes.length).toBeGreaterThanOrEqual(2);
    expect(new Set(writes.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });
}

const isWriteOf =
  ({ subscriptionId }: SubscriptionRecord) =>
  (request: SeenRequest): boolean =>
    isWrite(request) && request.path.includes(subscriptionId);

/** Types an ID, checks it and waits until it can be saved. */
async function check(panel: PanelScreen, { partnerId, name }: { partnerId: string; name: string }): Promise<void> {
  await panel.type('Partner ID', partnerId);
  await panel.press('button', 'Check ID');
  await panel.waitFor('button', 'Save partner');
  await panel.waitForText(name);
}

/** Puts the end of the access token, which the extension keeps until the browser ends, into the past. Runs in a page of the extension. */
const END_TOKENS = `(async () => {
  for (const [key, kept] of Object.entries(await chrome.storage.session.get())) {
    if (!key.startsWith('signedIn ')) continue;
    const access = { ...kept.access, lastsMs: 0 };
    await chrome.storage.session.set({ [key]: { ...kept, access } });
  }
})()`;

/** What a page can do by itself with a panel that stands on it: whether it sees into it, and every event of a press on all of it. */
const PRESS_BY_SCRIPT = `(() => {
  const host = document.querySelector('[data-partner-of-record]');
  const { left, top, width, height } = host.getBoundingClientRect();
  for (let x = left + 5; x < left + width; x += 20) {
    for (let y = top + 5; y < top + height; y += 10) {
      const there = document.elementFromPoint(x, y);
      const at = { bubbles: true, composed: true, cancelable: true, clientX: x, clientY: y, button: 0 };
      for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']) {
        there?.dispatchEvent(new (type.startsWith('pointer') ? PointerEvent : MouseEvent)(type, at));
      }
    }
  }
  host.click();
  host.focus();
  host.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, composed: true }));
  return host.shadowRoot === null ? 'closed' : 'open';
})()`;
