import type { AzureCloud } from './azure-cloud';
import type { Failure } from './failure';
import { parseGuid } from './guid';
import type { PartnerId } from './partner';

/**
 * What Entra's numbers say where a tenant does not let this application in: nobody has consented, an administrator has to, or consent was
 * declined (Microsoft, “Authentication and authorization error codes”).
 */
const WITHOUT_CONSENT: readonly number[] = [65001, 65004, 90094, 90095];

/** Whether a tenant does not let our application in. Azure's command line comes in all the same: it is an application of Microsoft's. */
export function isWithoutConsent(failure: Failure | null): boolean {
  return failure?.detail?.code === 'entra' && WITHOUT_CONSENT.includes(failure.detail.number);
}

/** How the command line names the clouds (Microsoft, “az cloud set”); it is at the first unless it was told otherwise. */
const NAMES = { public: null, usGovernment: 'AzureUSGovernment', china: 'AzureChinaCloud' } as const satisfies Readonly<
  Record<AzureCloud, string | null>
>;

export interface LinkWish {
  readonly cloud: AzureCloud;
  readonly tenant: string;
  /** Who the link names now; null: nobody, or nobody knows. */
  readonly before: PartnerId | null;
  /** Who it is to name; null: nobody any more; absent: it is only looked at. */
  readonly after?: PartnerId | null;
}

/**
 * The commands that make a link without this extension (Microsoft, “az login”, “az managementpartner”). They are GUIDs, digits and words of
 * ours alone, so that no shell finds anything in them to quote; null where the tenant's ID is no GUID.
 */
export function linkCommands({ cloud, tenant, before, after }: LinkWish): string | null {
  const id = parseGuid(tenant);
  if (id === null) return null;
  const name = NAMES[cloud];
  const lines = [
    ...(name === null ? [] : [`az cloud set --name ${name}`]),
    // An account may reach a tenant without reaching a subscription in it.
    `az login --tenant ${id} --allow-no-subscriptions`,
    command(before, after),
  ];
  return `${lines.join('\n')}\n`;
}

function command(before: PartnerId | null, after: PartnerId | null | undefined): string {
  const act = 'az managementpartner';
  if (after === undefined || (after === null && before === null)) return `${act} show`;
  if (after === null) return `${act} delete --partner-id ${before}`;
  return `${act} ${before === null ? 'create' : 'update'} --partner-id ${after}`;
}
