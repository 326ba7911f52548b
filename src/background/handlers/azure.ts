import { adminConsentAddress } from '../../domain/azure-application';
import { AZURE_ENDPOINTS, azureCloudAt } from '../../domain/azure-cloud';
import type { EntraConnection } from '../../domain/connection';
import type { Handlers, VerifiedSender } from '../../messaging/serve';
import { redirectUri } from '../../platform/redirect-uri';
import type { EntraSignIn } from '../entra-sign-in';
import type { MessageScope } from '../message-scope';
import { signInAtAzure, type SignInAtAzureParts } from '../sign-in-at-azure';

export interface AzureParts extends Omit<SignInAtAzureParts, 'entra'> {
  readonly scope: Pick<MessageScope, 'connectionMeant'>;
  readonly entra: Pick<EntraSignIn, 'accounts' | 'start' | 'mayStart' | 'end'>;
}

/** The accounts that are signed in at a connection to Azure, and consent for a tenant. */
export function createAzureHandlers(parts: AzureParts): Pick<Handlers, Extract<keyof Handlers, `azure.${string}`>> {
  const { entra } = parts;

  return {
    async 'azure.accounts'({ connectionId }, sender) {
      const connection = await azureMeant(connectionId, sender);
      return connection === null ? [] : entra.accounts(connection);
    },

    async 'azure.signIn'({ connectionId, user, tenant }, sender) {
      const connection = await azureMeant(connectionId, sender);
      if (connection === null) return { kind: 'failed', failure: { reason: 'notConfigured' } };
      if (!(await entra.mayStart(connection))) return { kind: 'notAllowed' };
      return signInAtAzure(parts, connection, { user, tenant });
    },

    async 'azure.signOut'({ connectionId, user }, sender) {
      const connection = await azureMeant(connectionId, sender);
      if (connection !== null) await entra.end(connection, user);
      parts.reader.forget();
      await parts.onSignIn();
      return null;
    },

    async 'azure.consentLink'({ connectionId, tenant }, sender) {
      const connection = await azureMeant(connectionId, sender);
      const cloud = connection === null ? null : azureCloudAt(connection.address);
      if (connection === null || cloud === null) return null;
      const { clientId } = connection;
      return adminConsentAddress(AZURE_ENDPOINTS[cloud], { clientId, tenant, redirectUri: redirectUri() });
    },
  };

  /** Null where it is gone, or none to Azure. */
  async function azureMeant(id: string, sender: VerifiedSender): Promise<EntraConnection | null> {
    const connection = await parts.scope.connectionMeant(id, sender);
    return connection?.signIn === 'entra' ? connection : null;
  }
}
