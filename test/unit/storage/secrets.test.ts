import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { browser } from '../../../src/platform/browser';
import { createDatabase, type Database } from '../../../src/storage/database';
import { createSecrets, handOver, type Secrets } from '../../../src/storage/secrets';
import { CONNECTION_ID, uuid } from './samples';
import { createStorageAreas } from './storage-areas';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

let areas: ReturnType<typeof createStorageAreas>;
let open: () => Promise<Database>;
let secrets: Secrets;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  startBrowser();
});

/** Everything that ends with the browser is gone. */
function startBrowser(): void {
  areas = createStorageAreas();
  Object.assign(browser, { storage: areas });
  open = createDatabase(() => undefined);
  secrets = createSecrets(open);
}

it('takes over a typed token once, without the spaces of a paste', async () => {
  await handOver(' secret\n');
  expect(await secrets.takeHandedOver()).toBe('secret');
  expect(await secrets.takeHandedOver()).toBeNull();
});

it('takes over nothing when nothing was typed', async () => {
  await handOver('  ');
  expect(await secrets.takeHandedOver()).toBeNull();
});

describe('a token', () => {
  it('is there until the browser closes', async () => {
    await secrets.saveToken(CONNECTION_ID, 'secret', false);
    expect(await secrets.readToken(CONNECTION_ID)).toBe('secret');
    expect(await secrets.tokenKept(CONNECTION_ID)).toBe('session');
    startBrowser();
    expect(await secrets.readToken(CONNECTION_ID)).toBeNull();
    expect(await secrets.tokenKept(CONNECTION_ID)).toBe('not');
  });

  it('is there after the browser has closed when it is to be remembered', async () => {
    await secrets.saveToken(CONNECTION_ID, 'secret', true);
    startBrowser();
    expect(await secrets.tokenKept(CONNECTION_ID)).toBe('device');
    expect(await secrets.readToken(CONNECTION_ID)).toBe('secret');
    await (await open()).clear('tokens');
    expect(await secrets.readToken(CONNECTION_ID)).toBe('secret');
  });

  it('is remembered no longer when it is saved so', async () => {
    await secrets.saveToken(CONNECTION_ID, 'secret', true);
    await secrets.saveToken(CONNECTION_ID, 'secret', false);
    startBrowser();
    expect(await secrets.readToken(CONNECTION_ID)).toBeNull();
  });

  it('is forgotten everywhere', async () => {
    await secrets.saveToken(CONNECTION_ID, 'secret', true);
    await secrets.forgetToken(CONNECTION_ID);
    expect(await secrets.readToken(CONNECTION_ID)).toBeNull();
    startBrowser();
    expect(await secrets.readToken(CONNECTION_ID)).toBeNull();
  });

  it('is its connection’s alone', async () => {
    await secrets.saveToken(CONNECTION_ID, 'secret', true);
    expect(await secrets.readToken(uuid(1))).toBeNull();
  });

  it('is never in the area that content scripts may read', async () => {
    await handOver('marked-token');
    await secrets.takeHandedOver();
    await secrets.saveToken(CONNECTION_ID, 'marked-token', true);
    await secrets.readToken(CONNECTION_ID);
    expect(JSON.stringify(areas.local.everything())).not.toContain('marked-token');
    expect(JSON.stringify(areas.session.everything())).toContain('marked-token');
  });
});

describe('what an identity provider gave', () => {
  const connection = {
    id: CONNECTION_ID,
    kind: 'service',
    serviceUrl: 'https://por.example.com/v1',
    signIn: 'openIdConnect',
    issuer: 'https://login.example.com',
    clientId: 'helper',
    staySignedIn: false,
  } as const;
  const tokens = { access: { token: 'access', freshUntil: 1, expiresAt: 2 }, refreshToken: 'refresh' };

  it('is there until the browser closes', async () => {
    await secrets.saveTokens(connection, tokens);
    expect(await secrets.readTokens(connection)).toEqual(tokens);
    startBrowser();
    expect(await secrets.readTokens(connection)).toBeNull();
  });

  it('goes on after that, without the access token, when the person stays signed in', async () => {
    await secrets.saveTokens({ ...connection, staySignedIn: true }, tokens);
    startBrowser();
    expect(await secrets.readTokens(connection)).toEqual({ access: null, refreshToken: 'refresh' });
    await secrets.saveTokens(connection, tokens);
    startBrowser();
    expect(await secrets.readTokens(connection)).toBeNull();
  });

  it('is shown to no other provider and no other client', async () => {
    await secrets.saveTokens({ ...connection, staySignedIn: true }, tokens);
    for (const another of [{ issuer: 'https://login.example.org' }, { clientId: 'another' }, { id: uuid(9) }]) {
      expect(await secrets.readTokens({ ...connection, ...another })).toBeNull();
    }
    startBrowser();
    expect(await secrets.readTokens({ ...connection, issuer: 'https://login.example.org' })).toBeNull();
    // Nor is it taken for an access token that was typed.
    expect(await secrets.readToken(CONNECTION_ID)).toBeNull();
  });

  it('is forgotten everywhere', async () => {
    await secrets.saveTokens({ ...connection, staySignedIn: true }, tokens);
    await secrets.forgetTokens(CONNECTION_ID);
    expect(await secrets.readTokens(connection)).toBeNull();
    startBrowser();
    expect(await secrets.readTokens(connection)).toBeNull();
  });
});
