import type { Capabilities } from '../../src/domain/capabilities';
import type { Connection } from '../../src/domain/connection';
import type { ConnectionList } from '../../src/domain/settings';

export const CONNECTION_ID = '6f1de3c8-5f0a-4a1a-9d9e-0d8b7c1b2a30';

/** A connection with the service but for how one signs in there. */
const SERVICE = {
  id: CONNECTION_ID,
  name: 'Contoso partners',
  kind: 'service',
  address: 'https://por.example.com/v1',
  portals: [],
  tenants: [],
} as const;

type Told = Partial<Omit<Connection, 'signIn'>>;

/** A connection with the service whose people paste an access token. */
export function aConnection(more: Told = {}) {
  return { ...SERVICE, signIn: 'accessToken', ...more } as const;
}

/** One where nobody signs in. */
export function anOpenConnection(more: Told = {}) {
  return { ...SERVICE, signIn: 'none', ...more } as const;
}

/** One whose people sign in at an identity provider. */
export function anOpenIdConnection(more: Told & { readonly issuer?: string } = {}) {
  return {
    ...SERVICE,
    signIn: 'openIdConnect',
    issuer: 'https://login.example.com',
    clientId: 'helper',
    staySignedIn: false,
    scopes: null,
    sendResource: false,
    ...more,
  } as const;
}

/** One to Azure, whose people sign in at Entra. */
export function anEntraConnection(more: Told & { readonly staySignedIn?: boolean; readonly clientId?: string } = {}) {
  return {
    ...SERVICE,
    name: 'Azure',
    kind: 'azurePal',
    address: 'https://management.azure.com',
    signIn: 'entra',
    clientId: '11111111-1111-4111-8111-111111111111',
    staySignedIn: false,
    ...more,
  } as const;
}

/** The service on this machine, as one tries it out. */
export const CONNECTION = anOpenConnection({ name: 'localhost:8787', address: 'http://localhost:8787/v1' });

/** What the service can do. */
export const SERVICE_CAN: Capabilities = {
  check: true,
  list: true,
  changeLog: true,
  mails: true,
  shares: true,
  replay: 'key',
};

/** The settings' connections where there is that one at most. */
export function onlyConnection(connection: Connection | null): ConnectionList {
  return { connections: connection === null ? [] : [connection], defaultConnection: connection?.id ?? null };
}
