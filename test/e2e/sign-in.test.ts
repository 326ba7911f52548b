import { readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCE, startIdentityProvider, type TestProvider } from '../server/support/identity-provider';
import { type Running, start } from '../server/support/process';
import { LIMIT_MS } from '../within';
import { type BrowserOptions, BUILT_EXTENSION, type ExtensionBrowser, launchBrowser } from './harness/browser';
import { saveConnection } from './harness/options';
import { type Panel, panelOn } from './harness/panel';
import { type Portals, startPortals } from './harness/portals';
import { consentAtProvider, signInAtProvider } from './harness/provider-pages';
import { check, FABRIKAM, NORTHWIND } from './harness/spec';
import { newDataFolder } from './harness/service';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';
import { azurePage, OPTIONS_PAGE } from './harness/world';

const DIST = join(BUILT_EXTENSION, '..');
const ADMIN = 'avery.howard@contoso.example';
const SOMEBODY_ELSE = 'eve@contoso.example';
const CLIENT_ID = 'helper';
/** The manifest's key gives the extension this ID. */
const REDIRECT_URI = 'https://fobnlladjoobbjgfpefhmhhpdkgjfdae.chromiumapp.org/';

declare const chrome: {
  readonly runtime: { sendMessage(message: object): Promise<unknown> };
  readonly storage: Record<
    'session' | 'local',
    { get(): Promise<Record<string, unknown>>; set(items: object): Promise<void>; clear(): Promise<void> }
  >;
};

interface StoredTokens {
  readonly access: { readonly token: string; readonly since: number; readonly lastsMs: number | null } | null;
  readonly refreshToken: string | null;
}

describe('signing in with OpenID Connect', () => {
  let folder: string;
  let provider: TestProvider;
  let service: Running;
  let baseUrl: string;
  let portals: Portals;
  let browser: ExtensionBrowser;
  let backstage: Backstage;
  let subscriptions: { subscriptionId: string }[];

  beforeAll(async () => {
    folder = await newDataFolder();
    provider = await startIdentityProvider({
      clients: [
        {
          client_id: CLIENT_ID,
          token_endpoint_auth_method: 'none',
          redirect_uris: [REDIRECT_URI],
          grant_types: ['authorization_code', 'refresh_token'],
        },
      ],
    });
    const file = join(folder, 'tokens.json');
    service = start(join(DIST, 'service/main.js'), ['demo', '--tokens-file', file], {
      DATA_DIR: join(folder, 'database'),
      OIDC_ISSUER: provider.issuer,
      OIDC_AUDIENCE: AUDIENCE,
    });
    await service.event('listening');
    const tokens = JSON.parse(await readFile(file, 'utf8'));
    baseUrl = tokens.baseUrl;
    const list = await fetch(`${baseUrl}/subscriptions?pageSize=200`, {
      headers: { authorization: `Bearer ${tokens.callers[0].token}` },
    });
    const records: { subscriptionId: string; caller: { canChangePartner: boolean }; partnerOfRecord: unknown }[] = (
      await list.json()
    ).value;
    subscriptions = records.filter(
      ({ caller, partnerOfRecord }) => caller.canChangePartner && partnerOfRecord === null,
    );
    portals = await startPortals();
    await launch();
  });
  async function launch(more: Pick<BrowserOptions, 'clockAhead'> = {}): Promise<void> {
    const { hostResolverRules } = portals;
    browser = await launchBrowser({ extension: join(DIST, 'chromium'), hostResolverRules, ...more });
    backstage = await openBackstage(browser);
  }
  beforeEach(() => {
    provider.setAccessTokenSeconds(300);
    provider.standBetween(null);
  });
  afterEach(asInstalled);
  afterAll(async () => {
    await browser.close();
    service.child.kill('SIGTERM');
    await service.ended;
    await Promise.all([provider.stop(), portals.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  /** Leaves the browser as a new profile is: nothing is stored, nobody is signed in, no page is open and no worker knows anything. */
  async function asInstalled(): Promise<void> {
    const pages = browser.context.pages().filter((page) => page !== backstage.page);
    await Promise.all(pages.map((page) => page.close()));
    await browser.context.clearCookies();
    await backstage.page.evaluate(forgetAll);
    await backstage.killWorker();
    // What the worker wrote when it heard of that.
    await backstage.page.evaluate(forgetAll);
    await backstage.killWorker();
  }

  function subscription(): string {
    const next = subscriptions.pop();
    if (next === undefined) throw new Error('The demo has no more subscriptions');
    return next.subscriptionId;
  }

  async function fillIn(serviceUrl: string, remember = false): Promise<Page> {
    const options = await browser.open(browser.extensionUrl(OPTIONS_PAGE));
    await options.getByRole('textbox', { name: 'Service URL' }).fill(serviceUrl);
    await options.getByRole('combobox', { name: 'Sign-in' }).selectOption({ label: 'OpenID Connect' });
    await options.getByRole('textbox', { name: 'Issuer URL' }).fill(provider.issuer);
    await options.getByRole('textbox', { name: 'Client ID' }).fill(CLIENT_ID);
    if (remember) await options.getByRole('checkbox', { name: 'Remember on this device' }).check();
    return options;
  }

  async function configure({ remember = false } = {}): Promise<Page> {
    const options = await fillIn(baseUrl, remember);
    await saveConnection(options);
    return options;
  }

  async function openPanel(subscriptionId: string): Promise<Panel> {
    return panelOn(await browser.open(azurePage(subscriptionId)));
  }

  /** Presses what opens the provider's window, and does there what is to be done. */
  async function inWindow(press: () => Promise<void>, act: (page: Page) => Promise<void>): Promise<void> {
    const [window] = await Promise.all([browser.context.waitForEvent('page'), press()]);
    // From now on, so that it takes in what is done there.
    const closed = window.waitForEvent('close', { timeout: LIMIT_MS });
    await act(window);
    await closed;
  }

  /** Configures, and signs in from the panel of a subscription. Whoever wants to be remembered is asked to consent, in a second window. */
  async function signedInPanel(subscriptionId = subscription(), { remember = false } = {}): Promise<Panel> {
    const options = await configure({ remember });
    await options.close();
    const panel = await openPanel(subscriptionId);
    await panel.waitFor('button', 'Sign in');
    let consent: Promise<Page> | null = null;
    await inWindow(
      () => panel.click('button', 'Sign in'),
      (window) => {
        if (remember) consent = browser.context.waitForEvent('page');
        return signInAtProvider(window, ADMIN);
      },
    );
    if (consent !== null) await consentAtProvider(await consent);
    await panel.waitForText('No partner of record');
    return panel;
  }

  async function tokens(): Promise<StoredTokens | undefined> {
    const stored = await backstage.page.evaluate(() => chrome.storage.session.get());
    const [found] = Object.entries(stored).flatMap(([key, value]) => (key.startsWith('signedIn ') ? [value] : []));
    return found as StoredTokens | undefined;
  }

  /** Alters what is stored of the tokens, as time or a mistake would. */
  async function alterTokens(alter: Partial<NonNullable<StoredTokens['access']>>): Promise<void> {
    await backstage.page.evaluate(async (changed) => {
      for (const [key, value] of Object.entries(await chrome.storage.session.get())) {
        if (!key.startsWith('signedIn ')) continue;
        const { access, ...rest } = value as { access: object };
        await chrome.storage.session.set({ [key]: { ...rest, access: { ...access, ...changed } } });
      }
    }, alter);
  }

  /** Everything that outlives the browser, as text: `storage.local` and every row of every database. */
  async function kept(): Promise<string> {
    return backstage.page.evaluate(async () => {
      const rows: unknown[] = [await chrome.storage.local.get()];
      for (const { name = '' } of await indexedDB.databases()) {
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          const opening = indexedDB.open(name);
          opening.onsuccess = () => resolve(opening.result);
          opening.onerror = () => reject(opening.error);
        });
        for (const store of database.objectStoreNames) {
          rows.push(
            await new Promise((resolve, reject) => {
              const reading = database.transaction(store).objectStore(store).getAll();
              reading.onsuccess = () => resolve(reading.result);
              reading.onerror = () => reject(reading.error);
            }),
          );
        }
        database.close();
      }
      return JSON.stringify(rows);
    });
  }

  const tokenRequests = () => provider.requests.filter((request) => request === 'POST /token').length;
  /** Has a subscription read at the service, and answers what came of it. */
  const read = (subscriptionId = subscriptions[0]?.subscriptionId ?? '') =>
    backstage.page.evaluate(
      (id) =>
        chrome.runtime.sendMessage({
          name: 'subscription.read',
          input: { subscriptionId: id, anew: true },
        }) as Promise<{
          answer: { failure: { reason: string; code?: string } | null; state: object | null };
        }>,
      subscriptionId,
    );

  it('signs in from the panel, assigns a partner, and keeps the tokens where the browser forgets them', async () => {
    const id = subscription();
    const panel = await signedInPanel(id);
    await check(panel, FABRIKAM);
    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
    await backstage.waitForChange(id, 'done');

    const { access, refreshToken } = (await tokens()) ?? {};
    expect(access?.token.split('.')).toHaveLength(3);
    expect(refreshToken).toBeNull();
    const everything = await kept();
    expect(everything).not.toContain(access?.token);
    expect(everything).toContain(provider.issuer);
  });

  it('renews the token without the person before it ends, once for all who want it', async () => {
    await signedInPanel();
    const before = await tokens();
    await alterTokens({ lastsMs: 0 });
    const requests = tokenRequests();
    const windows = browser.context.pages().length;
    const five = subscriptions.slice(0, 5).map(({ subscriptionId }) => subscriptionId);
    const answers = await Promise.all(five.map((id) => read(id)));
    expect(answers.map(({ answer }) => answer.failure)).toEqual([null, null, null, null, null]);
    expect(tokenRequests()).toBe(requests + 1);
    expect((await tokens())?.access?.token).not.toBe(before?.access?.token);

    // One that the service refuses is renewed too, once; and a worker that comes after a dead one knows what that one knew.
    await alterTokens({ token: 'not.a.token' });
    expect((await read()).answer.failure).toBeNull();
    expect(tokenRequests()).toBe(requests + 2);
    await backstage.killWorker();
    expect((await read()).answer.failure).toBeNull();
    expect(tokenRequests()).toBe(requests + 2);
    expect(browser.context.pages()).toHaveLength(windows);
  });

  it('has a change wait once nobody lets the person in, and goes on after signing in', async () => {
    const id = subscription();
    const panel = await signedInPanel(id);
    await check(panel, NORTHWIND);
    await browser.context.clearCookies();
    await alterTokens({ lastsMs: 0 });
    await panel.click('button', 'Save partner');
    await until('a change that waits for the person to sign in', async () => {
      const life = (await backstage.changesOf(id))[0]?.life;
      return life?.state === 'waiting' && life.for === 'signIn';
    });
    expect(await tokens()).toBeUndefined();

    await panel.waitFor('button', 'Sign in');
    await inWindow(
      () => panel.click('button', 'Sign in'),
      (window) => signInAtProvider(window, ADMIN),
    );
    await backstage.waitForChange(id, 'done');
    await panel.waitForText(NORTHWIND.name);
  });

  it('stays signed in when the person wants it, until signing out, of which the provider is told', async () => {
    const panel = await signedInPanel(subscription(), { remember: true });
    await until('a refresh token', async () => (await tokens())?.refreshToken);
    const { access, refreshToken } = (await tokens()) ?? {};
    const everything = await kept();
    expect(everything).toContain(refreshToken);
    expect(everything).not.toContain(access?.token);
    // As after the browser was closed: what it forgets is gone.
    await backstage.page.evaluate(() => chrome.storage.session.clear());
    expect((await read()).answer.failure).toBeNull();

    const options = await browser.open(browser.extensionUrl(OPTIONS_PAGE));
    const revocations = () => provider.requests.filter((request) => request === 'POST /token/revocation').length;
    const before = revocations();
    await options.getByRole('button', { name: 'Sign out' }).click();
    await options.getByText('Signed out.').waitFor();
    expect(revocations()).toBe(before + 1);
    expect(await tokens()).toBeUndefined();
    expect(await kept()).not.toContain(refreshToken);
    await panel.waitFor('button', 'Sign in');

    const answer = await fetch(`${provider.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: CLIENT_ID,
        refresh_token: refreshToken ?? '',
      }),
    });
    expect((await answer.json()).error).toBe('invalid_grant');
  });

  it('asks the provider’s own session once the refresh token is refused, through a page that redirects by script', async () => {
    await signedInPanel(subscription(), { remember: true });
    await until('a refresh token', async () => (await tokens())?.refreshToken);
    const before = await tokens();
    await provider.revokeRefreshTokens();
    let pages = 0;
    provider.standBetween((url, _request, response) => {
      if (url.pathname !== '/auth' || url.searchParams.get('prompt') !== 'none' || url.searchParams.has('by'))
        return false;
      pages += 1;
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<script>setTimeout(() => location.replace(location.href + '&by=script'), 300)</script>`);
      return true;
    });
    await alterTokens({ lastsMs: 0 });
    const windows = browser.context.pages().length;
    expect((await read()).answer.failure).toBeNull();
    expect(pages).toBe(1);
    expect((await tokens())?.access?.token).not.toBe(before?.access?.token);
    expect(browser.context.pages()).toHaveLength(windows);
  });

  it('sends nothing as somebody else whom the provider’s session has become, heeding no hint', async () => {
    const id = subscription();
    const panel = await signedInPanel(id);
    await check(panel, NORTHWIND);
    await browser.context.clearCookies();
    const tab = await browser.context.newPage();
    const query = new URLSearchParams({
      client_id: CLIENT_ID,
      response_type: 'code',
      scope: 'openid profile',
      redirect_uri: REDIRECT_URI,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    await tab.goto(`${provider.issuer}/auth?${query}`);
    await signInAtProvider(tab, SOMEBODY_ELSE);
    await tab.close();
    const hints: string[] = [];
    provider.standBetween((url, _request, response) => {
      const hint = url.searchParams.get('id_token_hint');
      if (hint === null) return false;
      hints.push(hint);
      url.searchParams.delete('id_token_hint');
      response.writeHead(302, { location: `${url.pathname}${url.search}` }).end();
      return true;
    });
    const before = tokenRequests();
    await alterTokens({ lastsMs: 0 });
    await panel.click('button', 'Save partner');
    await until('a change that waits for the person to sign in', async () => {
      const life = (await backstage.changesOf(id))[0]?.life;
      return life?.state === 'waiting' && life.for === 'signIn';
    });
    expect(hints).toHaveLength(1);
    // The provider let somebody through, and nobody came in.
    expect(tokenRequests()).toBe(before + 1);
    expect(await tokens()).toBeUndefined();
    await panel.waitFor('button', 'Sign in');
  });

  const faults: { what: string; goAway(): Promise<void> | void; comeBack(): Promise<void> | void }[] = [
    {
      what: 'its page is out of reach',
      goAway: () =>
        provider.standBetween(({ pathname }, request) => {
          if (pathname === '/auth') request.socket.destroy();
          return pathname === '/auth';
        }),
      comeBack: () => provider.standBetween(null),
    },
    {
      what: 'its page is a proxy’s',
      goAway: () =>
        provider.standBetween(({ pathname }, _request, response) => {
          if (pathname === '/auth') response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>Later</h1>');
          return pathname === '/auth';
        }),
      comeBack: () => provider.standBetween(null),
    },
    { what: 'nothing of it answers', goAway: () => provider.stop(), comeBack: () => provider.start() },
  ];

  it.each(faults)('stays signed in while the provider is away in the middle: $what', async ({ goAway, comeBack }) => {
    await signedInPanel();
    await alterTokens({ token: 'not.a.token', lastsMs: 0 });
    await backstage.killWorker();
    await goAway();
    try {
      const { failure } = (await read()).answer;
      expect(failure).toMatchObject({ reason: 'noAnswer', code: 'IdentityProviderAway' });
      expect(await tokens()).toBeDefined();
    } finally {
      await comeBack();
    }
    await until('an answer', async () => (await read()).answer.failure === null, {
      state: async () => JSON.stringify((await read()).answer.failure),
    });
  });

  it('asks for what was agreed to, though the service names another API since', async () => {
    let names = ['api://service/access'];
    const taken = createServer((request, response) => {
      const own = `http://${request.headers.host}/v1`;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ resource: own, scopes_supported: names, status: 'ok', contract: 1 }));
    });
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    if (address === null || typeof address === 'string') throw new Error('It listens on no port');
    const asked: (string | null)[] = [];
    provider.standBetween((url) => {
      if (url.pathname === '/auth') asked.push(url.searchParams.get('scope'));
      return false;
    });
    try {
      const options = await fillIn(`http://127.0.0.1:${address.port}/v1`);
      await options.getByRole('button', { name: 'Save', exact: true }).click();
      const question = options.getByRole('alertdialog', { name: 'What your provider will be asked for' });
      await question.getByText('api://service/access').waitFor();
      await question.getByRole('button', { name: 'Ask for these' }).click();
      await options.getByText('Saved, but you are not signed in yet.').waitFor();
      await inWindow(
        () => options.getByRole('button', { name: 'Sign in' }).click(),
        (window) => signInAtProvider(window, ADMIN),
      );
      await options.getByText(`You are signed in as ${ADMIN}’s name.`).waitFor();

      names = ['api://another/everything'];
      await options.reload();
      await options.getByText('The service now wants you to ask your provider for something else').waitFor();
      await inWindow(
        () => options.getByRole('button', { name: 'Use another account' }).click(),
        (window) => window.close(),
      );
      await options.getByText('Signing in was cancelled.').waitFor();
      expect(new Set(asked)).toEqual(new Set(['openid profile api://service/access']));

      await options.getByRole('button', { name: 'Agree to these' }).click();
      await options.getByText('Agreed.').waitFor();
      await inWindow(
        () => options.getByRole('button', { name: 'Use another account' }).click(),
        (window) => window.close(),
      );
      expect(asked.at(-1)).toBe('openid profile api://another/everything');
    } finally {
      taken.close();
      taken.closeAllConnections();
    }
  });

  it('tells a person whose clock is two hours ahead so, in the panel and in the options', async () => {
    const right = { browser, backstage };
    try {
      await launch({ clockAhead: 2 * 60 * 60 });
      const said = 'This computer’s clock is 2 hours ahead. Set it right, then sign in again.';
      const options = await configure();
      const panel = await openPanel(subscription());
      await panel.waitFor('button', 'Sign in');
      await inWindow(
        () => panel.click('button', 'Sign in'),
        (window) => signInAtProvider(window, ADMIN),
      );
      await panel.waitForText(said);
      expect(await tokens()).toBeUndefined();
      // The provider knows them by now, so its window closes by itself.
      await options.getByRole('button', { name: 'Sign in' }).click();
      await options.getByText(said).waitFor();
    } finally {
      if (browser !== right.browser) await browser.close();
      ({ browser, backstage } = right);
    }
  });

  it('says when the person left the window, and why the provider did not let anyone in', async () => {
    const options = await configure();
    await inWindow(
      () => options.getByRole('button', { name: 'Sign in' }).click(),
      (window) => window.close(),
    );
    await options.getByText('Signing in was cancelled.').waitFor();

    await provider.stop();
    try {
      await backstage.killWorker();
      await options.getByRole('button', { name: 'Sign in' }).click();
      await options.getByText('Signing in did not work.').waitFor();
    } finally {
      await provider.start();
    }
    await until('what the service can not be asked without', async () => {
      const { answer } = await read();
      return answer.failure?.reason === 'signInNeeded';
    });
  });
});

/** Runs in a page of the extension. */
async function forgetAll(): Promise<void> {
  await Promise.all([chrome.storage.local.clear(), chrome.storage.session.clear()]);
  for (const { name = '' } of await indexedDB.databases()) {
    await new Promise<void>((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase(name);
      deleting.onsuccess = () => resolve();
      deleting.onerror = () => reject(deleting.error);
    });
  }
}
