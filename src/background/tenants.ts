import { failureOf } from '../backends/backend';
import { accountName, type AzureAccount } from '../domain/azure-account';
import { isOfLinks } from '../domain/connection';
import type { Failure } from '../domain/failure';
import { type LinkTarget, targetKey } from '../domain/target';
import { readIgnored } from '../storage/ignored-links';
import type { LinkAccount, TenantRow, TenantsAnswer } from '../messaging/protocol';
import type { AzureReader } from './azure-reader';
import type { Connections, CurrentConnection } from './connections';
import type { EntraSignIn } from './entra-sign-in';
import type { Subscriptions } from './subscriptions';

export interface TenantsParts {
  readonly connections: Pick<Connections, 'byId'>;
  readonly subscriptions: Pick<Subscriptions, 'viewOf' | 'readAnewOf'>;
  readonly entra: Pick<EntraSignIn, 'accounts' | 'needsPerson'>;
  readonly reader: Pick<AzureReader, 'tenants'>;
}

/** The tenants that the accounts of a connection reach, and the link in each. */
export interface Tenants {
  list(connectionId: string): Promise<TenantsAnswer>;
  /** The rows of some links alone: to make all of hundreds takes a second, and they change one after the other. */
  rows(targets: readonly LinkTarget[]): Promise<readonly TenantRow[]>;
  /** Reads those links, a few at once. Whoever shows them hears of each as it comes. */
  read(targets: readonly LinkTarget[]): Promise<void>;
}

/** As many as are read at once: as many as changes are sent at once. */
const AT_ONCE = 4;
const NOBODY: TenantsAnswer = { accounts: [], rows: [], failures: [] };

export function createTenants({ connections, subscriptions, entra, reader }: TenantsParts): Tenants {
  /** The rows of an account, of those links that are wanted. */
  async function rowsOf(
    current: CurrentConnection,
    account: AzureAccount,
    isIgnored: (target: LinkTarget) => boolean,
    isWanted: (target: LinkTarget) => boolean,
  ): Promise<readonly TenantRow[] | Failure> {
    const { connection } = current;
    if (!isOfLinks(connection)) return [];
    const { user, homeTenant } = account;
    try {
      const tenants = await reader.tenants(connection, { user, tenant: homeTenant });
      const wanted = tenants.flatMap(({ id: tenant, name, domain }) => {
        const target: LinkTarget = { kind: 'signIn', connectionId: connection.id, tenant, user };
        return isWanted(target) ? [{ target, name, domain }] : [];
      });
      return await Promise.all(
        wanted.map(async ({ target, name, domain }) => {
          const [view, needsSignIn] = await Promise.all([
            subscriptions.viewOf(current, target),
            entra.needsPerson(connection, target),
          ]);
          return { target, account: named(account), name, domain, view, needsSignIn, ignored: isIgnored(target) };
        }),
      );
    } catch (cause) {
      return failureOf(cause);
    }
  }

  async function listOf(connectionId: string, isWanted: (target: LinkTarget) => boolean): Promise<TenantsAnswer> {
    const current = await connections.byId(connectionId);
    if (current === null || !isOfLinks(current.connection)) return NOBODY;
    const [accounts, isIgnored] = await Promise.all([entra.accounts(current.connection), readIgnored(connectionId)]);
    const all = await Promise.all(
      accounts.map(async (account) => ({
        account: named(account),
        told: await rowsOf(current, account, isIgnored, isWanted),
      })),
    );
    return {
      accounts: accounts.map(named),
      rows: all.flatMap(({ told }) => ('reason' in told ? [] : told)),
      failures: all.flatMap(({ account, told }) => ('reason' in told ? [{ account, failure: told }] : [])),
    };
  }

  return {
    list: (connectionId) => listOf(connectionId, () => true),

    async rows(targets) {
      const wanted = new Set(targets.map(targetKey));
      const ids = [...new Set(targets.map(({ connectionId }) => connectionId))];
      const lists = await Promise.all(ids.map((id) => listOf(id, (target) => wanted.has(targetKey(target)))));
      return lists.flatMap(({ rows }) => rows);
    },

    async read(targets) {
      const left = [...targets];
      const readNext = async (): Promise<void> => {
        for (let target = left.shift(); target !== undefined; target = left.shift()) {
          const current = await connections.byId(target.connectionId);
          if (current !== null) await subscriptions.readAnewOf(current, target);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, readNext));
    },
  };
}

function named(account: AzureAccount): LinkAccount {
  return { user: account.user, name: accountName(account) };
}
