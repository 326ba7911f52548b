import { adminConsentAddress } from '../../domain/azure-application';
import { AZURE_ENDPOINTS, azureCloudAt } from '../../domain/azure-cloud';
import type { Connection, EntraConnection } from '../../domain/connection';
import type { Handlers, VerifiedSender } from '../../messaging/serve';
import { redirectUri } from '../../platform/redirect-uri';
import type { EntraSignIn } from '../entra-sign-in';
import type { MessageScope } from '../message-scope';

export interface AzureParts {
  readonly scope: MessageScope;
  readonly entra: Pick<EntraSignIn, 'accounts' | 'start' | 'mayStart' | 'end'>;
  /** Lets the changes of a connection know that somebody signed in there. */
  readonly noteSignedIn: (connection: Connection) => Promise<void>;
  /** Somebody signed in or out, or tried to. */
  readonly onSignIn: () => Promise<void>;
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
      const outcome = await entra.start(connection, { user, tenant });
      // What another account asked for waits on: each change is sent as the account that it names.
      if (outcome.kind === 'signedIn' || outcome.kind === 'otherAccount') await parts.noteSignedIn(connection);
      await parts.onSignIn();
      return outcome;
    },

    async 'azure.signOut'({ connectionId, user }, sender) {
      const connection = await azureMeant(connectionId, sender);
      if (connection !== null) await entra.end(connection, user);
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
