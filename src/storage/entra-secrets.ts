import * as v from 'valibot';
import type { AzureAccount } from '../domain/azure-account';
import type { EntraConnection } from '../domain/connection';
import type { Failure } from '../domain/failure';
import type { TenantSignIn } from '../domain/person';
import { failureSchema } from '../domain/schemas';
import { browser } from '../platform/browser';
import { type AccessToken, accessTokenEntries } from './access-token';
import { write } from './database';
import type { Database } from './schema';

/** An account that is signed in at Entra, with the one refresh token that it has for all tenants. */
export interface SignedInAccount extends AzureAccount {
  /** Null: Entra takes none of its own any more, so that only its page gives tokens. */
  readonly refreshToken: string | null;
  /** Why Entra's page gives none either, in any tenant, until the person signs in; null: for all that is known it does. */
  readonly trouble: Failure | null;
}

/** What is kept of an account in one tenant. */
export interface TenantTokens {
  readonly access: TenantAccess | null;
  /** The claims that an access token lacked, as JSON; there until one came that was asked for with them. */
  readonly claims: string | null;
  /** Why the person has to sign in there before another token comes; null: for all that is known nobody has to. */
  readonly trouble: Failure | null;
}

/** An access token for one tenant. */
export interface TenantAccess extends AccessToken {
  /** The account's ID in that tenant. */
  readonly objectId: string;
  /** The claims that it was asked for with, as JSON: one that is refused for those again needs the person. */
  readonly askedWith: string | null;
}

/** What is kept at once of an account and of one tenant of it. */
export interface AtTenant {
  readonly tenant: string;
  readonly tokens: TenantTokens;
}

/**
 * What Entra gave, in `storage.session`. An account and its refresh token are kept on this device too where the connection says to stay
 * signed in; an access token never is.
 */
export interface EntraSecrets {
  /** The accounts that are signed in there, the one that signed in first at the head. */
  readAccounts(connection: EntraConnection): Promise<readonly SignedInAccount[]>;
  /** Somebody signed in: what was kept of the account is no more. */
  saveAccount(connection: EntraConnection, account: SignedInAccount, at: AtTenant): Promise<void>;
  /** Alters what is kept of an account, and of one tenant of it, while it is signed in; answers whether it is. */
  updateAccount(
    connection: EntraConnection,
    user: string,
    update: (account: SignedInAccount) => SignedInAccount,
    at?: AtTenant,
  ): Promise<boolean>;
  readTenantTokens(connection: EntraConnection, of: TenantSignIn): Promise<TenantTokens>;
  /** Keeps the accounts as the connection says by now: on this device, or until the browser closes. */
  keepAccounts(connection: EntraConnection): Promise<void>;
  forgetAccount(connection: EntraConnection, user: string): Promise<void>;
  forgetAccounts(connectionId: string): Promise<void>;
}

const ACCOUNTS = 'entraAccounts ';
const TENANT = 'entraTenant ';
/** How the keys begin under which these lie in `storage.session`. */
export const ENTRA_KEYS: readonly string[] = [ACCOUNTS, TENANT];

const accountsKey = (connectionId: string): string => ACCOUNTS + connectionId;
const tenantKey = (connectionId: string, { user, tenant }: TenantSignIn): string =>
  `${TENANT}${connectionId} ${user} ${tenant}`;

const NOTHING: TenantTokens = { access: null, claims: null, trouble: null };

const accountSchema = v.object({
  user: v.string(),
  homeTenant: v.string(),
  username: v.nullable(v.string()),
  name: v.nullable(v.string()),
  refreshToken: v.nullable(v.string()),
  trouble: v.nullable(failureSchema),
});
// Tokens go with the application that they were given to, and are never shown as another one's.
const accountsSchema = v.object({ clientId: v.string(), accounts: v.array(accountSchema) });
const rememberedSchema = v.pipe(v.string(), v.parseJson(), accountsSchema);
const tenantSchema = v.object({
  clientId: v.string(),
  access: v.nullable(v.object({ ...accessTokenEntries, objectId: v.string(), askedWith: v.nullable(v.string()) })),
  claims: v.nullable(v.string()),
  trouble: v.nullable(failureSchema),
});

export function createEntraSecrets(open: () => Promise<Database>): EntraSecrets {
  /** The list is one entry, so whoever reads it to write it does so alone. */
  function inTurn<T>(connectionId: string, work: () => Promise<T>): Promise<T> {
    return navigator.locks.request(`accounts ${connectionId}`, work);
  }

  async function readAccounts({ id, clientId }: EntraConnection): Promise<readonly SignedInAccount[]> {
    const key = accountsKey(id);
    const inSession = v.safeParse(accountsSchema, (await browser.storage.session.get(key))[key]);
    const kept = inSession.success ? inSession : v.safeParse(rememberedSchema, await (await open()).get('tokens', key));
    return kept.success && kept.output.clientId === clientId ? kept.output.accounts : [];
  }

  async function writeAccounts(
    { id, clientId, staySignedIn }: EntraConnection,
    accounts: readonly SignedInAccount[],
  ): Promise<void> {
    const key = accountsKey(id);
    // The browser may know somebody by then whom it did not know before.
    const lasting = accounts.map((account) => ({ ...account, trouble: null }));
    await write(open, ['tokens'], 'relaxed', async ({ store }) => {
      if (staySignedIn && accounts.length > 0) await store.put(JSON.stringify({ clientId, accounts: lasting }), key);
      else await store.delete(key);
    });
    await browser.storage.session.set({ [key]: { clientId, accounts } });
  }

  async function writeTenant({ id, clientId }: EntraConnection, user: string, at: AtTenant): Promise<void> {
    const key = tenantKey(id, { user, tenant: at.tenant });
    await browser.storage.session.set({ [key]: { clientId, ...at.tokens } });
  }

  /** Forgets all tenants whose keys begin so. */
  async function forgetTenants(beginning: string): Promise<void> {
    const keys = Object.keys(await browser.storage.session.get(null));
    await browser.storage.session.remove(keys.filter((key) => key.startsWith(beginning)));
  }

  return {
    readAccounts,

    saveAccount: (connection, account, at) =>
      inTurn(connection.id, async () => {
        const before = await readAccounts(connection);
        const isKnown = before.some(({ user }) => user === account.user);
        const others = before.map((one) => (one.user === account.user ? account : one));
        await writeAccounts(connection, isKnown ? others : [...before, account]);
        await writeTenant(connection, account.user, at);
      }),

    updateAccount: (connection, user, update, at) =>
      inTurn(connection.id, async () => {
        const before = await readAccounts(connection);
        const present = before.find((one) => one.user === user);
        if (present === undefined) return false;
        const updated = update(present);
        if (updated !== present) {
          await writeAccounts(
            connection,
            before.map((one) => (one === present ? updated : one)),
          );
        }
        if (at !== undefined) await writeTenant(connection, user, at);
        return true;
      }),

    async readTenantTokens({ id, clientId }, of) {
      const key = tenantKey(id, of);
      const kept = v.safeParse(tenantSchema, (await browser.storage.session.get(key))[key]);
      if (!kept.success || kept.output.clientId !== clientId) return NOTHING;
      const { access, claims, trouble } = kept.output;
      return { access, claims, trouble };
    },

    keepAccounts: (connection) =>
      inTurn(connection.id, async () => writeAccounts(connection, await readAccounts(connection))),

    forgetAccount: (connection, user) =>
      inTurn(connection.id, async () => {
        const accounts = await readAccounts(connection);
        await writeAccounts(
          connection,
          accounts.filter((one) => one.user !== user),
        );
        await forgetTenants(`${TENANT}${connection.id} ${user} `);
      }),

    forgetAccounts: (connectionId) =>
      inTurn(connectionId, async () => {
        await write(open, ['tokens'], 'relaxed', ({ store }) => store.delete(accountsKey(connectionId)));
        await browser.storage.session.remove(accountsKey(connectionId));
        await forgetTenants(`${TENANT}${connectionId} `);
      }),
  };
}
