import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReverseProxy } from '../../scripts/counterparts/counterpart';
import { freePort } from '../../scripts/counterparts/free-port';
import { HAPROXY_COMPRESSES, startHaproxy } from '../../scripts/counterparts/haproxy';
import { NGINX_COMPRESSES, startNginx } from '../../scripts/counterparts/nginx';
import { AUDIENCE, startIdentityProvider, type TestProvider } from '../server/support/identity-provider';
import { type ExtensionBrowser, launchBrowser } from './harness/browser';
import { fillConnection, saveConnection, testConnection } from './harness/options';
import { panelOn } from './harness/panel';
import { type Portals, startPortals } from './harness/portals';
import { consentAtProvider, signInAtProvider } from './harness/provider-pages';
import { newDataFolder, type Service, startService } from './harness/service';
import { check, FABRIKAM } from './harness/spec';
import { azurePage, OPTIONS_PAGE, SUBSCRIPTIONS_PAGE } from './harness/world';

/** The manifest's key gives the extension this ID. */
const EXTENSION_REDIRECT = 'https://fobnlladjoobbjgfpefhmhhpdkgjfdae.chromiumapp.org/';
const SCOPE = 'partner-of-record';

const COMMAND = join(import.meta.dirname, '../../dist/service/main.js');
const MAIN = 'avery.howard@contoso.example';
/** More than the extension reads at once. */
const MORE = 200;

const idOf = (number: number) => `5b000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

const PROXIES = [
  {
    name: 'nginx, which leaves the ETag out',
    start: startNginx,
    additions: [...NGINX_COMPRESSES, 'proxy_hide_header ETag;'],
    etag: null,
    subscriptionId: idOf(0),
    signsIn: true,
  },
  {
    name: 'HAProxy, which weakens the ETag',
    start: startHaproxy,
    additions: HAPROXY_COMPRESSES,
    etag: expect.stringMatching(/^W\/"/),
    subscriptionId: idOf(1),
    // Whom the provider knows from before it does not ask again.
    signsIn: false,
  },
];

let dataFolder: string;
let portals: Portals;
let browser: ExtensionBrowser;
let provider: TestProvider;

beforeAll(async () => {
  const client = { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] } as const;
  [dataFolder, portals, provider] = await Promise.all([
    newDataFolder(),
    startPortals(),
    startIdentityProvider({
      scopes: [SCOPE],
      clients: [
        { ...client, client_id: 'extension', redirect_uris: [EXTENSION_REDIRECT] },
        {
          ...client,
          client_id: 'page',
          application_type: 'native',
          grant_types: ['authorization_code'],
          // Of a native client the port does not count.
          redirect_uris: ['http://localhost/por/partner'],
        },
      ],
    }),
  ]);
  browser = await launchBrowser({ hostResolverRules: portals.hostResolverRules });
  const subscriptions = Array.from({ length: MORE }, (_, number) => ({
    subscriptionId: idOf(number),
    displayName: `Behind a proxy ${number}`,
    service: 'azure',
    state: 'Active',
    startDate: '2025-01-01T00:00:00Z',
    endDate: '2027-01-01T00:00:00Z',
    customerId: 'proxied',
    roles: { [MAIN]: 'AccountAdministrator' },
  }));
  const customers = [{ id: 'proxied', name: 'Proxied' }];
  const file = join(dataFolder, 'more.json');
  await writeFile(file, JSON.stringify({ partners: [], customers, callers: [], subscriptions }));
  const env = { ...process.env, DATA_DIR: join(dataFolder, 'database') };
  await promisify(execFile)(process.execPath, [COMMAND, 'import', file], { env });
});
afterAll(async () => {
  await browser.close();
  await Promise.all([portals.close(), provider.stop()]);
  await rm(dataFolder, { recursive: true, force: true });
});

describe.each(PROXIES)('under a path of $name', ({ start, additions, etag, subscriptionId, signsIn }) => {
  let proxy: ReverseProxy;
  let service: Service;

  beforeAll(async () => {
    const port = await freePort();
    proxy = await start({ port, prefix: '/por' }, { additions, isPlain: true });
    const settings = {
      PORT: String(port),
      PUBLIC_URL: proxy.publicUrl,
      ALLOWED_HOSTS: '127.0.0.1',
      OIDC_ISSUER: provider.issuer,
      OIDC_AUDIENCE: AUDIENCE,
      OIDC_CLIENT_ID: 'page',
      OIDC_SCOPES: SCOPE,
    };
    service = await startService({ dataFolder, settings });
  });
  afterAll(async () => {
    await service.stop();
    await proxy.stop();
  });

  it('the extension finds the service, reads all pages of its list, and saves a partner', async () => {
    const options = await browser.open(browser.extensionUrl(OPTIONS_PAGE));
    await fillConnection(options, `${proxy.publicUrl}/v1`, service.token);
    await testConnection(options);
    await saveConnection(options);

    // What the extension's own requests are answered with.
    const answer = await options.evaluate(
      async ([url, token]) => {
        const { headers } = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
        return [headers.get('content-encoding'), headers.get('etag')];
      },
      [`${proxy.publicUrl}/v1/subscriptions/${subscriptionId}`, service.token] as const,
    );
    expect(answer).toEqual(['gzip', etag]);
    await options.close();

    const list = await browser.open(browser.extensionUrl(SUBSCRIPTIONS_PAGE));
    await list.getByText(`${(await service.subscriptions()).length} subscriptions.`, { exact: true }).waitFor();
    await list.close();

    const portal = await browser.open(azurePage(subscriptionId));
    const panel = panelOn(portal);
    await panel.waitForText('No partner of record');
    await check(panel, FABRIKAM);
    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
    expect((await service.read(subscriptionId)).partnerOfRecord).toMatchObject(FABRIKAM);
    await portal.close();
  });

  if (!signsIn) return;

  it('people sign in with OpenID Connect, in the extension and on the partner’s page', async () => {
    const options = await browser.open(browser.extensionUrl(OPTIONS_PAGE));
    await options.getByRole('combobox', { name: 'Sign-in' }).selectOption({ label: 'OpenID Connect' });
    await options.getByRole('textbox', { name: 'Issuer URL' }).fill(provider.issuer);
    await options.getByRole('textbox', { name: 'Client ID' }).fill('extension');
    await options.getByRole('button', { name: 'Save', exact: true }).click();
    // Named by the metadata at their well-known address, as those of this very service.
    const question = options.getByRole('alertdialog', { name: 'What your provider will be asked for' });
    await question.getByText(SCOPE).waitFor();
    await question.getByRole('button', { name: 'Ask for these' }).click();
    const [window] = await Promise.all([
      browser.context.waitForEvent('page'),
      options.getByRole('button', { name: 'Sign in' }).click(),
    ]);
    await signInAtProvider(window, MAIN);
    await options.getByText('You are signed in as').waitFor();
    await testConnection(options);
    await options.close();

    const page = await browser.open(`${proxy.publicUrl}/partner/`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await consentAtProvider(page);
    await page.getByText('Signed in as').waitFor();
    expect(page.url()).toBe(`${proxy.publicUrl}/partner`);
    expect(await page.getByText('PUBLIC_URL').isVisible()).toBe(false);
    await page.close();
  });

  it('the partner’s page says what to set where it is opened at another address than PUBLIC_URL', async () => {
    const page = await browser.open(`${proxy.publicUrl.replace('localhost', '127.0.0.1')}/partner`);
    await page.getByText('sets PUBLIC_URL to what stands before /partner in the address above').waitFor();
    await page.close();
  });
});
