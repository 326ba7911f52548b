import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { generate } from 'selfsigned';
import { AZURE_ENDPOINTS } from '../../../src/domain/azure-cloud';
import { idFor } from '../../../src/storage/portable-connection';
import { testDirectory, type TestAccount, type TestDirectory } from '../../azure/directory';
import { type EntraServer, startEntra } from '../../azure/entra-server';
import { type ManagementServer, startManagementServer } from '../../azure/management-server';
import { copyFolder } from '../../support/copy-folder';
import { OPTIONS_PAGE } from './addresses';
import { type BrowserOptions, BUILT_EXTENSION, type ExtensionBrowser, launchBrowser } from './browser';
import { listen } from './listen';
import { type Panel, panelOn } from './panel';
import { type Portals, startPortals } from './portals';

const MANAGEMENT = 'management.azure.com';
const SIGN_IN = 'login.microsoftonline.com';
/** Of the application that is registered at the tests' Entra. */
export const CLIENT_ID = 'a1f0c1de-0000-4000-8000-000000000001';
/** The manifest's key gives the extension this ID. */
const REDIRECT_URI = 'https://fobnlladjoobbjgfpefhmhhpdkgjfdae.chromiumapp.org/';

/** A browser at the tests' Azure, by the names of Microsoft's hosts, with an Azure connection set up, unless told not to, and nobody signed in. */
export interface AzureWorld {
  readonly directory: TestDirectory;
  readonly ada: TestAccount;
  readonly ben: TestAccount;
  readonly entra: EntraServer;
  readonly management: ManagementServer;
  readonly portals: Portals;
  readonly browser: ExtensionBrowser;
  /** A page of the extension's own. */
  readonly own: Page;
  readonly connectionId: string;
  /** Saves the connection as it is, but whether accounts stay signed in. */
  staySignedIn(staySignedIn: boolean): Promise<void>;
  /** The link's region of the panel on a page. */
  linkOn(page: Page): Panel;
  /** Whatever the servers saw that must never be. */
  violations(): readonly string[];
  /** Fails where they have seen any. */
  close(): Promise<void>;
}

/** What is at the names of Microsoft's hosts, on loopback. */
export interface AzureServers
  extends Pick<AzureWorld, 'directory' | 'ada' | 'ben' | 'entra' | 'management' | 'violations'> {
  /** Where each host is answered for. */
  readonly portOf: Readonly<Record<typeof MANAGEMENT | typeof SIGN_IN, number>>;
  /** Where every other host is. */
  readonly restPort: number;
  readonly cert: string;
  /** Fails where any has seen what must never be sent. */
  close(): Promise<void>;
}

interface AzureWanted {
  /** How many there are. */
  readonly tenants?: number;
  /** Of the browser that is meant. */
  readonly redirectUri?: string;
}

export async function startAzureServers({
  tenants = 2,
  redirectUri = REDIRECT_URI,
}: AzureWanted = {}): Promise<AzureServers> {
  const directory = testDirectory(tenants);
  const [ada, ben] = directory.accounts;
  if (ada === undefined || ben === undefined) throw new Error('The directory has two accounts');
  const made = await generate([{ name: 'commonName', value: 'Azure under test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [MANAGEMENT, SIGN_IN].map((value) => ({ type: 2, value })) }],
  });
  const tls = { key: made.private, cert: made.cert };
  const entra = await startEntra({ directory, clientId: CLIENT_ID, redirectUris: [redirectUri], tls });
  const management = await startManagementServer({ directory, judge: entra.judge, tls });
  const elsewhere = await startElsewhere(tls);
  const violations = () => [
    ...management.violations(),
    ...management.wrong.map((wrong) => JSON.stringify(wrong)),
    ...entra.wrong,
    ...elsewhere.sent,
  ];
  return {
    directory,
    ada,
    ben,
    entra,
    management,
    violations,
    portOf: { [MANAGEMENT]: management.port, [SIGN_IN]: entra.port },
    restPort: elsewhere.port,
    cert: made.cert,
    async close() {
      await Promise.all([entra.stop(), management.close(), elsewhere.close()]);
      const seen = violations();
      if (seen.length > 0) throw new Error(`What must never be sent was sent:\n${seen.join('\n')}`);
    },
  };
}

interface AzureWorldOptions {
  /** How many there are; 2, unless given. */
  readonly tenants?: number;
  /** False: no connection is set up, as on the first day. */
  readonly isConnected?: boolean;
  readonly browser?: BrowserOptions;
}

export async function startAzureWorld({
  tenants = 2,
  isConnected = true,
  browser: browserOptions = {},
}: AzureWorldOptions = {}): Promise<AzureWorld> {
  const servers = await startAzureServers({ tenants });
  const portals = await startPortals(`127.0.0.1:${servers.restPort}`);
  const extension = await grantedCopy();
  const browser = await launchBrowser({
    ...browserOptions,
    extension,
    hostResolverRules: [
      ...Object.entries(servers.portOf).map(([host, port]) => `MAP ${host}:443 127.0.0.1:${port}`),
      portals.hostResolverRules,
    ].join(', '),
    // The worker's requests do not follow what Playwright says of certificates.
    switches: [`--ignore-certificate-errors-spki-list=${keyHashOf(servers.cert)}`],
  });
  const own = await browser.open(browser.extensionUrl(OPTIONS_PAGE));
  if (isConnected) await saveConnection(own, false);
  return {
    ...servers,
    portals,
    browser,
    own,
    connectionId: await idFor({ kind: 'azurePal', address: AZURE_ENDPOINTS.public.management }, []),
    staySignedIn: (staySignedIn) => saveConnection(own, staySignedIn),
    linkOn: (page) => panelOn(page, undefined, 'Partner link'),
    async close() {
      await browser.close();
      await Promise.all([servers.close(), portals.close()]).finally(() => rm(extension, { recursive: true }));
    },
  };
}

/** The built extension as it is once the browser has granted what the options ask for: a prompt can't be answered without a screen. */
async function grantedCopy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'por-azure-'));
  await copyFolder(BUILT_EXTENSION, folder);
  const file = join(folder, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(
    file,
    JSON.stringify({
      ...manifest,
      permissions: [...manifest.permissions, 'identity'],
      optional_permissions: manifest.optional_permissions.filter((name: string) => name !== 'identity'),
      host_permissions: [...manifest.host_permissions, `https://${MANAGEMENT}/*`],
    }),
  );
  return folder;
}

/** Every other host of the internet: nothing of the extension's, and no token, ever leaves for one. */
async function startElsewhere(tls: { readonly key: string; readonly cert: string }) {
  const sent: string[] = [];
  const server = createServer(tls, (request, response) => {
    const { method, url, headers } = request;
    const isOurs = headers.origin?.startsWith('chrome-extension:') === true || headers.authorization !== undefined;
    if (isOurs) sent.push(`to another host: ${method} https://${headers.host}${url}`);
    response.writeHead(404).end();
  });
  return { sent, ...(await listen(server)) };
}

function keyHashOf(cert: string): string {
  const key = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}

declare const chrome: { readonly runtime: { sendMessage(message: object): Promise<unknown> } };

async function saveConnection(page: Page, staySignedIn: boolean): Promise<void> {
  const input = {
    name: 'Azure',
    kind: 'azurePal',
    address: `https://${MANAGEMENT}`,
    portals: [],
    tenants: [],
    signIn: 'entra',
    clientId: CLIENT_ID,
    staySignedIn,
    token: 'kept',
    remember: false,
    edited: null,
    abandonOpenChanges: false,
  };
  const answer = await page.evaluate(
    (form) => chrome.runtime.sendMessage({ name: 'connection.save', input: form }),
    input,
  );
  if (JSON.stringify(answer) !== '{"ok":true,"answer":{"ok":true}}') throw new Error(JSON.stringify(answer));
}
