import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReverseProxy } from '../../scripts/counterparts/counterpart';
import { freePort } from '../../scripts/counterparts/free-port';
import { HAPROXY_COMPRESSES, startHaproxy } from '../../scripts/counterparts/haproxy';
import { NGINX_COMPRESSES, startNginx } from '../../scripts/counterparts/nginx';
import { type ExtensionBrowser, launchBrowser } from './harness/browser';
import { fillConnection, saveConnection, testConnection } from './harness/options';
import { panelOn } from './harness/panel';
import { type Portals, startPortals } from './harness/portals';
import { newDataFolder, type Service, startService } from './harness/service';
import { check, FABRIKAM } from './harness/spec';
import { azurePage, OPTIONS_PAGE, SUBSCRIPTIONS_PAGE } from './harness/world';

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
  },
  {
    name: 'HAProxy, which weakens the ETag',
    start: startHaproxy,
    additions: HAPROXY_COMPRESSES,
    etag: expect.stringMatching(/^W\/"/),
    subscriptionId: idOf(1),
  },
];

let dataFolder: string;
let portals: Portals;
let browser: ExtensionBrowser;

beforeAll(async () => {
  [dataFolder, portals] = await Promise.all([newDataFolder(), startPortals()]);
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
  await portals.close();
  await rm(dataFolder, { recursive: true, force: true });
});

describe.each(PROXIES)('under a path of $name', ({ start, additions, etag, subscriptionId }) => {
  let proxy: ReverseProxy;
  let service: Service;

  beforeAll(async () => {
    const port = await freePort();
    proxy = await start({ port, prefix: '/por' }, { additions, isPlain: true });
    service = await startService({ dataFolder, settings: { PORT: String(port), PUBLIC_URL: proxy.publicUrl } });
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
    await list.getByText(`${(await service.subscriptions()).length} subscriptions.`).waitFor();
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
});
