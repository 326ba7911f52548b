import type { Handlers } from '../../messaging/serve';
import type { Tenants } from '../tenants';

export interface TenantParts {
  readonly tenants: Tenants;
}

/** The tenants that accounts reach, with the link in each. */
export function createTenantHandlers({ tenants }: TenantParts): Pick<Handlers, 'tenants.list' | 'tenants.read'> {
  return {
    'tenants.list': ({ connectionId }) => tenants.list(connectionId),

    async 'tenants.read'({ targets }) {
      await tenants.read(targets);
      return null;
    },
  };
}
