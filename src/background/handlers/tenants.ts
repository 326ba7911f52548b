import type { LinkTarget } from '../../domain/target';
import type { Handlers } from '../../messaging/serve';
import { writeIgnored } from '../../storage/ignored-links';
import type { AzureReader } from '../azure-reader';
import type { Tenants } from '../tenants';

export interface TenantParts {
  readonly tenants: Tenants;
  readonly reader: Pick<AzureReader, 'forget'>;
  /** A link is ignored, or is not any more. */
  readonly onIgnored: (target: LinkTarget) => void;
}

/** The tenants that accounts reach, with the link in each. */
export function createTenantHandlers({
  tenants,
  reader,
  onIgnored,
}: TenantParts): Pick<Handlers, Extract<keyof Handlers, `tenants.${string}`>> {
  return {
    async 'tenants.list'({ connectionId, anew }) {
      if (anew) reader.forget();
      return tenants.list(connectionId);
    },
    'tenants.rows': ({ targets }) => tenants.rows(targets),

    async 'tenants.read'({ targets }) {
      await tenants.read(targets);
      return null;
    },

    async 'tenants.ignore'({ target, ignored }) {
      await writeIgnored(target, ignored);
      onIgnored(target);
      return null;
    },
  };
}
