import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { browser } from '../../../src/platform/browser';
import { createDatabase } from '../../../src/storage/database';
import type { Database } from '../../../src/storage/schema';
import { createSecrets, handOver, type Secrets } from '../../../src/storage/secrets';
import { anOpenIdConnection, CONNECTION_ID } from '../../support/connections';
import { uuid } from '../../support/targets';
import { createStorageAreas } from '../../support/storage-areas';

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

describe('whose a pasted token is', () => {
  const at = { id: CONNECTION_ID, address: 'https://por.example.com/v1' };
  const ada = { kind: 'principal', issuer: at.address, principalId: 'ada', name: 'Ada' } as const;
  // sha256('secret')
  const fingerprint = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
  const unnamed = { kind: 'token', issuer: at.address, fingerprint };
  const person = async () => (await secrets.readCredential(at))?.person;

  it('is nobody’s without a token', async () => {
    expect(await secrets.readCredential(at)).toBeNull();
    await secrets.rememberOwner(CONNECTION_ID, fingerprint, ada);
    expect(await secrets.readCredential(at)).toBeNull();
  });

  it('is told by the token’s fingerprint until the service has told its owner', async () => {
    await secrets.saveToken(CONNECTION_ID, 'secret', false);
    expect(await secrets.readCredential(at)).toEqual({ token: 'secret', person: unnamed });
    await secrets.rememberOwner(CONNECTION_ID, fingerprint, ada);
    expect(await secrets.readCredential(at)).toEqual({ token: 'secret', person: ada });
    expect(await secrets.readToken(CONNECTION_ID)).toBe('secret');
    startBrowser();
    expect(await secrets.readCredential(at)).toBeNull();
  });

  it('outlives the browser where the token does, and goes with it', async () => {
    await secrets.saveToken(CONNECTION_ID, 'secret', true);
    await secrets.rememberOwner(CONNECTION_ID, fingerprint, ada);
    startBrowser();
    expect(await person()).toEqual(ada);
    await secrets.forgetToken(CONNECTION_ID);
    await secrets.saveToken(CONNECTION_ID, 'secret', true);
    expect(await person()).toEqual(unnamed);
  });

  it('stays when the same token is saved again, however it is kept then', async () => {
    await secrets.saveToken(CONNECTION_ID, 'secret', false);
    await secrets.rememberOwner(CONNECTION_ID, fingerprint, ada);
    await secrets.saveToken(CONNECTION_ID, 'secret', true);
    expect(await person()).toEqual(ada);
    startBrowser();
    expect(await person()).toEqual(ada);
    await secrets.saveToken(CONNECTION_ID, 'secret', false);
    expect(await person()).toEqual(ada);
    startBrowser();
    expect(await (await open()).getAllKeys('tokens')).toEqual([]);
  });

  it('is forgotten with another token, and does not come back with the first', async () => {
    await secrets.saveToken(CONNECTION_ID, 'secret', true);
    await secrets.rememberOwner(CONNECTION_ID, fingerprint, ada);
    await secrets.saveToken(CONNECTION_ID, 'another', true);
    expect(await person()).toMatchObject({ kind: 'token' });
    await secrets.saveToken(CONNECTION_ID, 'secret', true);
    expect(await person()).toEqual(unnamed);
  });

  it('is not learnt of a token that has been replaced meanwhile', async () => {
    await secrets.saveToken(CONNECTION_ID, 'another', true);
    await secrets.rememberOwner(CONNECTION_ID, fingerprint, ada);
    expect(await person()).toMatchObject({ kind: 'token' });
    startBrowser();
    expect(await person()).toMatchObject({ kind: 'token' });
  });

  it('is never in the area that content scripts may read', async () => {
    await secrets.saveToken(CONNECTION_ID, 'secret', true);
    await secrets.rememberOwner(CONNECTION_ID, fingerprint, ada);
    expect(areas.local.everything()).toEqual({});
  });
});

describe('what an identity provider gave', () => {
  const connection = anOpenIdConnection();
  const person = { kind: 'openIdConnect', issuer: connection.issuer, sub: 'ada', name: 'Ada' } as const;
  const tokens = {
    access: { token: 'access', since: 1, lastsMs: 2 },
    refreshToken: 'refresh',
    person,
    idToken: 'id',
    loginHint: 'ada@example.com',
  };

  it('is there until the browser closes', async () => {
    await secrets.saveTokens(connection, tokens);
    expect(await secrets.readTokens(connection)).toEqual(tokens);
    startBrowser();
    expect(await secrets.readTokens(connection)).toBeNull();
  });

  it('goes on after that, without the access token, when the person stays signed in', async () => {
    await secrets.saveTokens({ ...connection, staySignedIn: true }, tokens);
    startBrowser();
    expect(await secrets.readTokens(connection)).toEqual({ ...tokens, access: null, idToken: null });
    await secrets.saveTokens(connection, tokens);
    startBrowser();
    expect(await secrets.readTokens(connection)).toBeNull();
  });

  it('was kept without whose it is by earlier versions, and reads as nobody’s', async () => {
    const before = { issuer: connection.issuer, clientId: connection.clientId, refreshToken: 'refresh' };
    await areas.session.set({ [`signedIn ${CONNECTION_ID}`]: { ...before, access: tokens.access } });
    expect(await secrets.readTokens(connection)).toEqual({ ...tokens, person: null, idToken: null, loginHint: null });
    startBrowser();
    await (await open()).put('tokens', JSON.stringify(before), `refresh ${CONNECTION_ID}`);
    expect(await secrets.readTokens(connection)).toMatchObject({ refreshToken: 'refresh', person: null });
  });

  it('was kept with moments of the clock by earlier versions, and reads as good until it is refused', async () => {
    const { issuer, clientId } = connection;
    const { sub, name } = person;
    const access = { token: 'access', freshUntil: 1_800_000_000_000, expiresAt: 1_800_000_060_000 };
    const before = {
      issuer,
      clientId,
      sub,
      name,
      loginHint: 'ada@example.com',
      refreshToken: 'refresh',
      idToken: 'id',
    };
    await areas.session.set({ [`signedIn ${CONNECTION_ID}`]: { ...before, access } });
    expect(await secrets.readTokens(connection)).toEqual({
      ...tokens,
      access: { token: 'access', since: 0, lastsMs: null },
    });
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
