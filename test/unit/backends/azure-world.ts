import { expect, onTestFinished } from 'vitest';
import type { BackendPorts, CredentialWanted } from '../../../src/backends/backend';
import { createAzurePal } from '../../../src/backends/azure-pal';
import { createRequests } from '../../../src/backends/requests';
import { type AzureAccount, personOfAccount } from '../../../src/domain/azure-account';
import { AZURE_ENDPOINTS, type AzureCloud } from '../../../src/domain/azure-cloud';
import type { EntraConnection } from '../../../src/domain/connection';
import type { Credential, TenantSignIn } from '../../../src/domain/person';
import { type JudgedToken, type TestAccount, type TestDirectory, testDirectory } from '../../azure/directory';
import { type ManagementServer, startManagementServer, type WrongToken } from '../../azure/management-server';
import { CONNECTION_ID } from '../../support/connections';
import { LIMIT_MS } from '../../within';

/** A token of the tests: what it says, for everybody to read. */
interface Told extends JudgedToken {
  readonly serial: number;
}

export interface AzureParts {
  readonly cloud?: AzureCloud;
  readonly directory?: TestDirectory;
  /** Another port than the one that gives each account a token for each tenant that it reaches. */
  readonly credential?: BackendPorts['credential'];
  /** The wrong tokens that the test sends itself; of any other it fails. */
  readonly provokes?: readonly WrongToken['why'][];
}

/** Azure Resource Manager over real sockets, at the address of one of its clouds, for one test, which fails of what must never be sent. */
export async function startAzure(parts: AzureParts = {}) {
  const { cloud = 'public', directory = testDirectory(3), credential, provokes = [] } = parts;
  const endpoints = AZURE_ENDPOINTS[cloud];
  const server = await startManagementServer({ directory, judge: async (token) => read(token), cloud: endpoints });
  const elsewhere: string[] = [];
  onTestFinished(async () => {
    await server.close();
    const wrong = server.wrong.filter(({ why }) => !provokes.includes(why));
    expect({ violations: server.violations(), wrong, elsewhere }).toEqual({ violations: [], wrong: [], elsewhere: [] });
  });
  const wanted: CredentialWanted[] = [];
  const held = new Map<string, Told>();

  const connection: EntraConnection = {
    id: CONNECTION_ID,
    name: 'Azure',
    kind: 'azurePal',
    address: endpoints.management,
    portals: [],
    tenants: [],
    signIn: 'entra',
    clientId: 'd3590ed6-52b3-4102-aeff-aad2292ab01c',
    staySignedIn: false,
  };

  /** What Entra would tell of a sign-in, and a token of it. */
  function credentialOf(of: TenantSignIn, more: Partial<JudgedToken> = {}): Credential {
    const account = accountNamed(directory, of.user);
    const objectId = account.objectIds.get(of.tenant) ?? '';
    const key = JSON.stringify(of);
    const told: Told = held.get(key) ?? {
      tenant: of.tenant,
      objectId,
      audience: endpoints.audience,
      isExpired: false,
      claims: [],
      serial: 0,
    };
    held.set(key, told);
    return {
      token: written({ ...told, ...more }),
      person: personOfAccount(account, endpoints),
      directoryUser: { tenantId: of.tenant, objectId },
    };
  }

  const ports: BackendPorts = {
    async credential(one = {}) {
      wanted.push(one);
      if (credential !== undefined) return credential(one);
      const of = one.of ?? homeOf(directory);
      const present = credentialOf(of);
      if (one.refused !== present.token) return present;
      // Silently renewed, with what it lacked.
      const claims = one.claims === undefined ? [] : [one.claims];
      const told = read(present.token);
      if (told !== null)
        held.set(JSON.stringify(of), { ...told, serial: told.serial + 1, claims: [...told.claims, ...claims] });
      return credentialOf(of);
    },
    owner: () => Promise.reject(new Error('Asked for an owner')),
    fetch: async (input, init) => {
      const url = new URL(String(input));
      if (url.origin !== endpoints.management) {
        elsewhere.push(url.href);
        throw new TypeError(`Nobody is at ${url.origin}`);
      }
      return fetch(`${server.url}${url.pathname}${url.search}`, init);
    },
    now: Date.now,
    mayReach: async () => true,
    timeoutMs: LIMIT_MS,
  };

  const backend = createAzurePal(connection, ports);
  if (backend === null) throw new Error('The address is one of Azure’s');
  return {
    server,
    directory,
    endpoints,
    connection,
    ports,
    backend,
    /** What left for another address than the connection's. */
    elsewhere,
    /** Which tokens were asked for. */
    wanted,
    credentialOf,
    requestsOf: (of: TenantSignIn) => createRequests(connection, ports, null, of),
  };
}

export type AzureWorld = Awaited<ReturnType<typeof startAzure>>;

/** What left for links, as method and the end of the path. */
export function sentTo({ requests }: ManagementServer): string[] {
  return requests.map(({ method, path }) => `${method} ${path.replace('/providers/Microsoft.ManagementPartner', '')}`);
}

/** An account of the directory, as the extension knows it: Ada is the first. */
export function accountAt(directory: TestDirectory, index: number): AzureAccount {
  const { user, username, name, homeTenant } = accountIn(directory, index);
  return { user, username, name, homeTenant };
}

export function tenantAt(directory: TestDirectory, index: number): string {
  const tenant = directory.tenants[index];
  if (tenant === undefined) throw new Error(`There is no tenant ${index}`);
  return tenant.id;
}

/** The sign-in of one of the accounts in one of the tenants: Ada's in her own, unless given. */
export function signInAt(directory: TestDirectory, { account = 0, tenant = 0 } = {}): TenantSignIn {
  return { user: accountIn(directory, account).user, tenant: tenantAt(directory, tenant) };
}

function homeOf(directory: TestDirectory): TenantSignIn {
  const { user, homeTenant } = accountIn(directory, 0);
  return { user, tenant: homeTenant };
}

function accountIn(directory: TestDirectory, index: number): TestAccount {
  const account = directory.accounts[index];
  if (account === undefined) throw new Error(`There is no account ${index}`);
  return account;
}

function accountNamed(directory: TestDirectory, user: string): TestAccount {
  const account = directory.accounts.find((one) => one.user === user);
  if (account === undefined) throw new Error(`Nobody is ${user}`);
  return account;
}

function written(told: Told): string {
  return Buffer.from(JSON.stringify(told)).toString('base64url');
}

function read(token: string): Told | null {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return null;
  }
}
