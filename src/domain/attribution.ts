import type { AzureCloud } from './azure-cloud';
import type { AzureAccount } from './azure-account';

/** What one of a caller's roles on a subscription lets them do, as Azure Resource Manager shows it: never by the role's name. */
export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  /** Azure limits it by a condition. */
  readonly isConditional: boolean;
}

/** What Azure told. `notAllowed`: this account may not read it (403); `notFound`: it is not there (404). */
export type Told<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly why: 'notAllowed' | 'notFound' };

/** What a subscription says about whether work there is attributed, to one account. */
export interface AttributionFacts {
  readonly cloud: AzureCloud;
  /** The subscription's offer, such as `PayAsYouGo_2014-09-01`; null where it is not told. */
  readonly quotaId: string | null;
  /** `billingAccountAgreementType` of its billing property. */
  readonly agreement: Told<string>;
  /** What the caller's roles on the whole subscription let them do. Roles on parts of it are not among them. */
  readonly permissions: Told<readonly Permission[]>;
}

/**
 * Whether Microsoft attributes work in a subscription to the partner that an account is linked to, as far as its public text lets anybody
 * say, and why.
 *
 * - `yesLikely`, `eligibleRole`: an agreement of the new commerce, and a role that counts for partner earned credit
 * - `no`, `onlyReads`: over the whole subscription the account has nothing but Reader, which does not count
 * - `unknown`, `sovereignCloud`: that this cloud has the link at all is documented nowhere public
 * - `unknown`, `agreementNotAllowed`: this account may not read the subscription's agreement
 * - `unknown`, `agreementNotFound`: Azure shows no agreement for the subscription
 * - `unknown`, `enterpriseAgreement`: Microsoft names another association for it, the digital partner of record
 * - `unknown`, `onlineServicesAgreement`: pay-as-you-go of before the new commerce, for which nothing public says that it counts
 * - `unknown`, `agreementUnclassified`: an agreement that Microsoft's public text does not tell of
 * - `unknown`, `offerMayNotCount`: a trial, a benefit or an internal offer, which partner programmes leave out
 * - `unknown`, `permissionsNotAllowed`, `permissionsNotFound`: the account's own roles can't be read
 * - `unknown`, `noRoleHere`: the account has no role on the whole subscription; it may have some on parts of it
 * - `unknown`, `roleUnclassified`: its roles are none of the built-in ones that are told apart here, as custom ones are
 */
export type Attribution =
  | { readonly verdict: 'yesLikely'; readonly reason: 'eligibleRole' }
  | { readonly verdict: 'no'; readonly reason: 'onlyReads' }
  | { readonly verdict: 'unknown'; readonly reason: UnknownAttribution };

export const UNKNOWN_ATTRIBUTIONS = [
  'sovereignCloud',
  'agreementNotAllowed',
  'agreementNotFound',
  'enterpriseAgreement',
  'onlineServicesAgreement',
  'agreementUnclassified',
  'offerMayNotCount',
  'permissionsNotAllowed',
  'permissionsNotFound',
  'noRoleHere',
  'roleUnclassified',
] as const;
export type UnknownAttribution = (typeof UNKNOWN_ATTRIBUTIONS)[number];

/**
 * What follows from what a subscription says, if the account has a link where {@link linkTenant} tells. The rules, each with where it
 * stands (all read in November 2026):
 *
 * - The link is for subscriptions of the new commerce (Azure plan), and an Enterprise Agreement's have the digital partner of record:
 *   “Link to a partner ID by using a PAL or DPOR”, learn.microsoft.com/partner-center/link-partner-id-for-azure-performance-pal-dpor. The
 *   new commerce's agreements are the Microsoft Customer Agreement and, through a Cloud Solution Provider, the Microsoft Partner
 *   Agreement. “Link a partner ID to your account”, learn.microsoft.com/azure/cost-management-billing/manage/link-partner-id, names no
 *   agreement, so the others are unknown and not a no. Offers of before are not eligible for the credit:
 *   learn.microsoft.com/partner-center/billing/partner-earned-credit-troubleshoot.
 * - “PAL association can happen for all RBAC roles. The roles determine eligibility for partner incentives” (link-partner-id), and which
 *   ones do is one table, “Roles and permissions required to receive partner earned credit”,
 *   learn.microsoft.com/partner-center/billing/azure-roles-perms-pec: Owner and Contributor are, Reader is not. It has no rule for any
 *   other, or custom, role: some that only read are eligible.
 * - Trial, benefit and internal offers, and government subscriptions, are told to be left out by partners who quote their agreement
 *   (microsoftpartnercommunity.com, “ACR Recognition for Benefit Programs”): that is nothing to build a no on, and too much for a yes.
 */
export function attributionOf({ cloud, quotaId, agreement, permissions }: AttributionFacts): Attribution {
  if (cloud !== 'public') return unknown('sovereignCloud');
  if (!agreement.known) return unknown(agreement.why === 'notAllowed' ? 'agreementNotAllowed' : 'agreementNotFound');
  const doubt = doubtOf(agreement.value);
  if (doubt !== null) return unknown(doubt);
  if (quotaId !== null && LEFT_OUT.test(quotaId)) return unknown('offerMayNotCount');
  if (!permissions.known)
    return unknown(permissions.why === 'notAllowed' ? 'permissionsNotAllowed' : 'permissionsNotFound');
  const roles = permissions.value.map(roleOf);
  if (roles.includes('eligible')) return { verdict: 'yesLikely', reason: 'eligibleRole' };
  if (roles.length === 0) return unknown('noRoleHere');
  return roles.every((role) => role === 'reader')
    ? { verdict: 'no', reason: 'onlyReads' }
    : unknown('roleUnclassified');
}

function unknown(reason: UnknownAttribution): Attribution {
  return { verdict: 'unknown', reason };
}

/** Why an agreement does not say that work counts; null where it is one of the new commerce. Names of Microsoft.Billing 2024-04-01. */
function doubtOf(agreement: string): UnknownAttribution | null {
  switch (agreement) {
    case 'MicrosoftCustomerAgreement':
    case 'MicrosoftPartnerAgreement':
      return null;
    case 'EnterpriseAgreement':
      return 'enterpriseAgreement';
    case 'MicrosoftOnlineServicesProgram':
      return 'onlineServicesAgreement';
    default:
      return 'agreementUnclassified';
  }
}

/** Quota IDs of trials, benefits and internal use, as “Understand Cost Management data” on learn.microsoft.com lists offers. */
const LEFT_OUT =
  /^(?:FreeTrial|LightweightTrial|AzurePass|AzureForStudents(?:Starter)?|DreamSpark|BizSpark(?:Plus)?|MPN|MSDN|Sponsored|Internal)_/i;

/** What Contributor may not do, for as long as there is the role. */
const CONTRIBUTOR_NEVER = [
  'microsoft.authorization/*/delete',
  'microsoft.authorization/*/write',
  'microsoft.authorization/elevateaccess/action',
];
/** What was added to that: “Azure built-in roles for Privileged” on learn.microsoft.com. */
const CONTRIBUTOR_NEVER_SINCE = [
  'microsoft.blueprint/blueprintassignments/write',
  'microsoft.blueprint/blueprintassignments/delete',
  'microsoft.compute/galleries/share/action',
  'microsoft.purview/consents/write',
  'microsoft.purview/consents/delete',
  'microsoft.resources/deploymentstacks/managedenysetting/action',
  'microsoft.subscription/cancel/action',
  'microsoft.subscription/enable/action',
];

/**
 * Which built-in role it is, by all that the role lets do. A custom role that says word for word the same cannot be told from it; one
 * that differs by a word is `other`.
 */
function roleOf({ actions, notActions, dataActions, isConditional }: Permission): 'eligible' | 'reader' | 'other' {
  const [only, ...more] = actions.map((action) => action.toLowerCase());
  if (more.length > 0 || dataActions.length > 0 || isConditional) return 'other';
  const never = notActions.map((action) => action.toLowerCase());
  if (only === '*/read' && never.length === 0) return 'reader';
  const isOwner = never.length === 0;
  const isContributor =
    CONTRIBUTOR_NEVER.every((action) => never.includes(action)) &&
    never.every((action) => CONTRIBUTOR_NEVER.includes(action) || CONTRIBUTOR_NEVER_SINCE.includes(action));
  return only === '*' && (isOwner || isContributor) ? 'eligible' : 'other';
}

/** Where an account's link counts for a subscription. */
export interface LinkPlace {
  readonly tenant: string;
  /** The subscription is delegated to that tenant by Azure Lighthouse, and one link there counts for all that is. */
  readonly isDelegated: boolean;
}

/**
 * The tenant in which an account's link counts for a subscription: the provider's own where Azure Lighthouse delegates it to a tenant of
 * the account's (“Link your partner ID to track your impact on delegated resources”,
 * learn.microsoft.com/azure/lighthouse/how-to/partner-earned-credit), else the subscription's. Of several providers it is the one in whose
 * tenant the page is.
 * @param reached the tenants that the account reaches
 * @param page the tenant that the page is in; null where that is not known
 */
export function linkPlace(
  { tenant, managedBy }: { readonly tenant: string; readonly managedBy: readonly string[] },
  { homeTenant }: Pick<AzureAccount, 'homeTenant'>,
  reached: readonly string[],
  page: string | null,
): LinkPlace {
  // The customer's own people work in their own tenant, whoever else may.
  if (homeTenant === tenant) return { tenant, isDelegated: false };
  const mine = managedBy.filter((one) => one === homeTenant || reached.includes(one));
  const managing = [page, homeTenant].find((one) => one !== null && mine.includes(one)) ?? mine[0];
  return managing === undefined ? { tenant, isDelegated: false } : { tenant: managing, isDelegated: true };
}
