import * as v from 'valibot';
import type { Permission, Told } from '../domain/attribution';
import type { SubscriptionId } from '../domain/subscription';
import { DIRECTORY_VERSION, shownOrNull, subscriptionUrl, tenantIdSchema } from './azure-directory';
import { readPages } from './azure-pages';
import { BackendError } from './backend';
import { failed, readBody, unreadable } from './http';
import type { Requests } from './requests';

/** A subscription as Azure shows it to one account. */
export interface SubscriptionSeen {
  /** The tenant that it is in: the customer's, though it may be shown through another. */
  readonly tenant: string;
  readonly name: string | null;
  /** The tenants that it is delegated to by Azure Lighthouse. */
  readonly managedBy: readonly string[];
  /** Its offer, such as `PayAsYouGo_2014-09-01`; null where it is not told. */
  readonly quotaId: string | null;
}

const subscriptionSchema = v.object({
  subscriptionId: v.pipe(v.string(), v.toLowerCase()),
  tenantId: tenantIdSchema,
  displayName: shownOrNull,
  managedByTenants: v.nullish(v.array(v.object({ tenantId: tenantIdSchema })), []),
  subscriptionPolicies: v.nullish(v.fallback(v.nullable(v.object({ quotaId: shownOrNull })), null), null),
});

type Send = Pick<Requests, 'send'>;

/** @param base the address of the management interface */
export async function readSubscription(
  base: string,
  id: SubscriptionId,
  { send }: Send,
  signal: AbortSignal,
): Promise<SubscriptionSeen> {
  const answer = await send({ method: 'GET', url: `${subscriptionUrl(base, id)}?${DIRECTORY_VERSION}` }, signal);
  if (!answer.ok) throw failed(answer);
  const { subscriptionId, tenantId, displayName, managedByTenants, subscriptionPolicies } = readBody(
    answer,
    subscriptionSchema,
  );
  if (subscriptionId !== id) throw unreadable(answer, { code: 'fieldUnexpected', field: 'subscriptionId' });
  return {
    tenant: tenantId,
    name: displayName,
    managedBy: managedByTenants?.map((managing) => managing.tenantId) ?? [],
    quotaId: subscriptionPolicies?.quotaId ?? null,
  };
}

const billingSchema = v.object({ properties: v.object({ billingAccountAgreementType: shownOrNull }) });

/** Under which agreement a subscription is billed. */
export function readAgreement(
  base: string,
  id: SubscriptionId,
  { send }: Send,
  signal: AbortSignal,
): Promise<Told<string>> {
  return told(async () => {
    const url = `${subscriptionUrl(base, id)}/providers/Microsoft.Billing/billingProperty/default?api-version=2024-04-01`;
    const answer = await send({ method: 'GET', url }, signal);
    if (!answer.ok) throw failed(answer);
    // Where there is none it is as one that nobody knows.
    return readBody(answer, billingSchema).properties.billingAccountAgreementType ?? '';
  });
}

const actionsSchema = v.nullish(v.array(v.string()), []);
const permissionSchema = v.pipe(
  v.object({
    actions: actionsSchema,
    notActions: actionsSchema,
    dataActions: actionsSchema,
    condition: shownOrNull,
  }),
  v.transform(
    ({ actions, notActions, dataActions, condition }): Permission => ({
      actions: actions ?? [],
      notActions: notActions ?? [],
      dataActions: dataActions ?? [],
      isConditional: condition !== null,
    }),
  ),
);

/** What the roles let do that whoever sends these requests has on the whole subscription. */
export function readPermissions(
  base: string,
  id: SubscriptionId,
  requests: Send,
  signal: AbortSignal,
): Promise<Told<readonly Permission[]>> {
  const url = `${subscriptionUrl(base, id)}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
  return told(() => readPages(url, permissionSchema, requests, signal));
}

/** What may be kept from an account, or not be there at all, is told as that. Every other failure is the caller's. */
async function told<T>(reading: () => Promise<T>): Promise<Told<T>> {
  try {
    return { known: true, value: await reading() };
  } catch (cause) {
    if (!(cause instanceof BackendError)) throw cause;
    const { reason, status } = cause.failure;
    if (reason !== 'refused' || (status !== 403 && status !== 404)) throw cause;
    return { known: false, why: status === 403 ? 'notAllowed' : 'notFound' };
  }
}
