import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Failure } from '../../../src/domain/failure';
import { browser } from '../../../src/platform/browser';
import { createDatabase } from '../../../src/storage/database';
import type { SignedInAccount, TenantTokens } from '../../../src/storage/entra-secrets';
import { keepSecrets } from '../../../src/storage/kept-secrets';
import type { Database } from '../../../src/storage/schema';
import { createSecrets, isSecretKey, type Secrets } from '../../../src/storage/secrets';
import { testGuid } from '../../azure/directory';
import { anEntraConnection, CONNECTION_ID } from '../../support/connections';
import { createLocks } from '../../support/locks';
import { createStorageAreas } from '../../support/storage-areas';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

let areas: ReturnType<typeof createStorageAreas>;
let open: () => Promise<Database>;
let secrets: Secrets;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('navigator', { locks: createLocks() });
  startBrowser();
});

/** Everything that ends with the browser is gone. */
function startBrowser(): void {
  areas = createStorageAreas();
  Object.assign(browser, { storage: areas });
  open = createDatabase(() => undefined);
  secrets = keepSecrets(createSecrets(open));
}

const connection = anEntraConnection();
const staying = anEntraConnection({ staySignedIn: true });
const TENANT = testGuid('a', 1);
const OTHER = testGuid('a', 2);
const TROUBLE: Failure = { reason: 'signInNeeded', code: 'SignInFailed', detail: { code: 'entra', number: 50076 } };

function account(name: string, more: Partial<SignedInAccount> = {}): SignedInAccount {
  const at = { user: `${name}.${TENANT}`, homeTenant: TENANT, username: `${name}@tenant.example`, name };
  return { ...at, refreshToken: `refresh of ${name}`, trouble: null, ...more };
}

function tokens(name: string, more: Partial<TenantTokens> = {}): TenantTokens {
  return {
    access: { token: name, since: 1, lastsMs: 2, objectId: 'o', askedWith: null },
    claims: null,
    trouble: null,
    ...more,
  };
}

const ada = account('ada');
const ben = account('ben');
const of = (tenant: string, { user } = ada) => ({ user, tenant });
const save = (one: SignedInAccount, tenant = TENANT, at = connection) =>
  secrets.saveAccount(at, one, { tenant, tokens: tokens(`${one.name} in ${tenant}`) });
const onDevice = async () => (await (await open()).getAll('tokens')).join('\n');

describe('accounts', () => {
  it('are there in the order in which they signed in first', async () => {
    await save(ada);
    await save(ben);
    const again = account('ada', { name: 'Ada' });
    await save(again);
    expect(await secrets.readAccounts(connection)).toEqual([again, ben]);
  });

  it('are written one after the other, so that none is lost', async () => {
    const many = Array.from({ length: 20 }, (_, i) => account(`a${i}`));
    await Promise.all(many.map((one) => save(one)));
    expect(await secrets.readAccounts(connection)).toEqual(many);
  });

  it('are gone with the browser unless the connection says to stay signed in', async () => {
    await save(ada);
    expect(await onDevice()).toBe('');
    startBrowser();
    expect(await secrets.readAccounts(connection)).toEqual([]);
    await save(account('ada', { trouble: TROUBLE }), TENANT, staying);
    startBrowser();
    // What was the matter then may be mended by now.
    expect(await secrets.readAccounts(staying)).toEqual([ada]);
  });

  it('that stay leave no access token on the device', async () => {
    await save(ada, TENANT, staying);
    expect(await onDevice()).toContain('refresh of ada');
    expect(await onDevice()).not.toContain(`ada in ${TENANT}`);
  });

  it('stay or go by what the connection says by now', async () => {
    await save(ada);
    await secrets.keepAccounts(staying);
    startBrowser();
    expect(await secrets.readAccounts(staying)).toEqual([ada]);
    await secrets.keepAccounts(connection);
    expect(await onDevice()).toBe('');
    expect(await secrets.readAccounts(connection)).toEqual([ada]);
  });

  it('are those of one application and of one connection', async () => {
    await save(ada, TENANT, staying);
    const another = { ...staying, clientId: testGuid('f', 1) };
    expect(await secrets.readAccounts(another)).toEqual([]);
    expect((await secrets.readTenantTokens(another, of(TENANT))).access).toBeNull();
    startBrowser();
    expect(await secrets.readAccounts(another)).toEqual([]);
    expect(await secrets.readAccounts({ ...staying, id: testGuid('e', 1) })).toEqual([]);
  });

  it('are altered only while they are signed in', async () => {
    await save(ada);
    const renew = (one: SignedInAccount) => ({ ...one, refreshToken: 'newer' });
    expect(await secrets.updateAccount(connection, ada.user, renew)).toBe(true);
    expect(await secrets.readAccounts(connection)).toEqual([{ ...ada, refreshToken: 'newer' }]);
    const at = { tenant: TENANT, tokens: tokens('late') };
    expect(await secrets.updateAccount(connection, ben.user, renew, at)).toBe(false);
    expect(JSON.stringify(areas.session.everything())).not.toContain('late');
  });

  it('are not believed where nobody can read them', async () => {
    await save(ada, TENANT, staying);
    startBrowser();
    await (await open()).put('tokens', '{"clientId":', `entraAccounts ${CONNECTION_ID}`);
    expect(await secrets.readAccounts(staying)).toEqual([]);
  });
});

describe('tokens of a tenant', () => {
  it('are that account’s in that tenant', async () => {
    await save(ada);
    await save(ada, OTHER);
    await save(ben);
    expect((await secrets.readTenantTokens(connection, of(OTHER))).access?.token).toBe(`ada in ${OTHER}`);
    expect((await secrets.readTenantTokens(connection, of(TENANT, ben))).access?.token).toBe(`ben in ${TENANT}`);
    expect(await secrets.readTenantTokens(connection, of(OTHER, ben))).toEqual({
      access: null,
      claims: null,
      trouble: null,
    });
  });

  it('keep what they lacked and why the person is needed', async () => {
    await save(ada);
    const kept = tokens('present', { claims: '{}', trouble: TROUBLE });
    await secrets.updateAccount(connection, ada.user, (one) => one, { tenant: OTHER, tokens: kept });
    expect(await secrets.readTenantTokens(connection, of(OTHER))).toEqual(kept);
  });

  it('go with their account, and no other’s do', async () => {
    await save(ada);
    await save(ada, OTHER);
    await save(ben);
    await secrets.forgetAccount(connection, ada.user);
    expect(await secrets.readAccounts(connection)).toEqual([ben]);
    expect(JSON.stringify(areas.session.everything())).not.toContain('ada');
    expect((await secrets.readTenantTokens(connection, of(TENANT, ben))).access).not.toBeNull();
  });

  it('go with their connection, on the device too', async () => {
    const elsewhere = { ...staying, id: testGuid('e', 1) };
    await save(ada, TENANT, staying);
    await save(ben, TENANT, elsewhere);
    await secrets.forgetAccounts(staying.id);
    expect(await secrets.readAccounts(staying)).toEqual([]);
    expect(await onDevice()).not.toContain('ada');
    expect(JSON.stringify(areas.session.everything())).not.toContain('ada');
    expect(await secrets.readAccounts(elsewhere)).toEqual([ben]);
  });
});

it('lies under keys that are known as secret, and nowhere but there', async () => {
  await save(ada, TENANT, staying);
  for (const key of Object.keys(areas.session.everything())) expect(isSecretKey(key)).toBe(true);
  expect(areas.local.everything()).toEqual({});
});

it('is read again after another worker’s page has changed it', async () => {
  await save(ada);
  expect(await secrets.readAccounts(connection)).toHaveLength(1);
  await createSecrets(open).forgetAccounts(connection.id);
  expect(await secrets.readAccounts(connection)).toEqual([]);
});
