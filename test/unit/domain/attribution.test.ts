import { describe, expect, it } from 'vitest';
import {
  type AttributionFacts,
  attributionOf,
  linkPlace,
  type Permission,
  type Told,
  UNKNOWN_ATTRIBUTIONS,
} from '../../../src/domain/attribution';
import { testGuid } from '../../azure/directory';

const known = <T>(value: T): Told<T> => ({ known: true, value });
const hidden = { known: false, why: 'notAllowed' } as const;
const missing = { known: false, why: 'notFound' } as const;

function role(actions: readonly string[], more: Partial<Permission> = {}): Permission {
  return { actions, notActions: [], dataActions: [], isConditional: false, ...more };
}

// Word for word as “Azure built-in roles for Privileged” and “… for General” have them.
const OWNER = role(['*']);
const CONTRIBUTOR = role(['*'], {
  notActions: [
    'Microsoft.Authorization/*/Delete',
    'Microsoft.Authorization/*/Write',
    'Microsoft.Authorization/elevateAccess/Action',
    'Microsoft.Blueprint/blueprintAssignments/write',
    'Microsoft.Blueprint/blueprintAssignments/delete',
    'Microsoft.Compute/galleries/share/action',
    'Microsoft.Purview/consents/write',
    'Microsoft.Purview/consents/delete',
    'Microsoft.Resources/deploymentStacks/manageDenySetting/action',
  ],
});
const EARLY_CONTRIBUTOR = role(['*'], {
  notActions: [
    'Microsoft.Authorization/*/Delete',
    'Microsoft.Authorization/*/Write',
    'Microsoft.Authorization/elevateAccess/Action',
  ],
});
const READER = role(['*/read']);

/** An owner under a customer agreement. */
const CLEAR: AttributionFacts = {
  cloud: 'public',
  quotaId: 'EnterpriseAgreement_2014-09-01',
  agreement: known('MicrosoftCustomerAgreement'),
  permissions: known([OWNER]),
};

describe('Work is likely attributed', () => {
  it.each([
    ['under a customer agreement', {}],
    ['through a Cloud Solution Provider', { agreement: known('MicrosoftPartnerAgreement') }],
    ['under an offer that is not told', { quotaId: null }],
    ['to a Contributor', { permissions: known([CONTRIBUTOR]) }],
    ['to a Contributor of before', { permissions: known([EARLY_CONTRIBUTOR]) }],
    ['to a Reader who is Owner too', { permissions: known([READER, OWNER]) }],
    ['to an Owner who has a role of their own besides', { permissions: known([role(['Contoso/x']), OWNER]) }],
    ['in development and test', { quotaId: 'MSDNDevTest_2014-09-01' }],
  ] as const)('%s', (_how, facts: Partial<AttributionFacts>) => {
    expect(attributionOf({ ...CLEAR, ...facts })).toEqual({ verdict: 'yesLikely', reason: 'eligibleRole' });
  });
});

describe('Work is not attributed', () => {
  it.each([
    ['to a Reader', [READER]],
    ['to a Reader twice', [READER, role(['*/Read'])]],
  ])('%s', (_how, permissions) => {
    expect(attributionOf({ ...CLEAR, permissions: known(permissions) })).toEqual({
      verdict: 'no',
      reason: 'onlyReads',
    });
  });
});

describe('Whether work is attributed is unknown', () => {
  const cases: readonly [
    how: string,
    facts: Partial<AttributionFacts>,
    reason: (typeof UNKNOWN_ATTRIBUTIONS)[number],
  ][] = [
    ['in the cloud of the US government', { cloud: 'usGovernment' }, 'sovereignCloud'],
    ['in the cloud of China', { cloud: 'china' }, 'sovereignCloud'],
    ['where the agreement may not be read', { agreement: hidden }, 'agreementNotAllowed'],
    ['where there is no agreement', { agreement: missing }, 'agreementNotFound'],
    ['under an Enterprise Agreement', { agreement: known('EnterpriseAgreement') }, 'enterpriseAgreement'],
    ['with pay-as-you-go of before', { agreement: known('MicrosoftOnlineServicesProgram') }, 'onlineServicesAgreement'],
    ['under another agreement', { agreement: known('Other') }, 'agreementUnclassified'],
    ['under one that nobody knows', { agreement: known('MicrosoftGalacticAgreement') }, 'agreementUnclassified'],
    ['under one that is not named', { agreement: known('') }, 'agreementUnclassified'],
    ['under one of another spelling', { agreement: known('microsoftcustomeragreement') }, 'agreementUnclassified'],
    ['in a trial', { quotaId: 'FreeTrial_2014-09-01' }, 'offerMayNotCount'],
    ['with a subscriber’s benefit', { quotaId: 'MSDN_2014-09-01' }, 'offerMayNotCount'],
    ['with a partner’s benefit', { quotaId: 'MPN_2014-09-01' }, 'offerMayNotCount'],
    ['with Microsoft’s own', { quotaId: 'internal_2014-09-01' }, 'offerMayNotCount'],
    ['where the roles may not be read', { permissions: hidden }, 'permissionsNotAllowed'],
    ['where the roles are not found', { permissions: missing }, 'permissionsNotFound'],
    ['with no role on the whole of it', { permissions: known([]) }, 'noRoleHere'],
  ];

  it.each(cases)('%s', (_how, facts, reason) => {
    expect(attributionOf({ ...CLEAR, ...facts })).toEqual({ verdict: 'unknown', reason });
  });

  it.each([
    ['is custom and reads one thing', role(['Microsoft.Compute/*/read'])],
    ['is custom and does nearly all', role(['*'], { notActions: ['Microsoft.Authorization/*/Write'] })],
    [
      'is custom and does less than a Contributor',
      { ...CONTRIBUTOR, notActions: [...CONTRIBUTOR.notActions, 'Microsoft.Sql/*'] },
    ],
    ['is custom and reads all but one thing', role(['*/read'], { notActions: ['Microsoft.KeyVault/vaults/read'] })],
    ['is custom and names all twice', role(['*', '*/read'])],
    ['lets nothing do', role([])],
    ['reaches data too', role(['*'], { dataActions: ['*'] })],
    ['is limited by a condition', { ...OWNER, isConditional: true }],
    ['is a built-in one that is not told apart', role(['Microsoft.Authorization/*/read', 'Microsoft.Support/*'])],
  ])('to somebody whose role %s', (_how, permission) => {
    expect(attributionOf({ ...CLEAR, permissions: known([permission, READER]) })).toEqual({
      verdict: 'unknown',
      reason: 'roleUnclassified',
    });
  });

  it('for each of the reasons that there are', () => {
    const reasons = new Set([...cases.map(([, , reason]) => reason), 'roleUnclassified']);
    expect([...reasons].toSorted()).toEqual([...UNKNOWN_ATTRIBUTIONS].toSorted());
  });
});

describe('An account’s link counts', () => {
  const [customer, provider, other, third] = [testGuid('a', 1), testGuid('a', 2), testGuid('a', 3), testGuid('a', 4)];

  it.each([
    [
      'in the subscription’s tenant',
      customer,
      [],
      provider,
      [provider, customer],
      { tenant: customer, isDelegated: false },
    ],
    [
      'in the provider’s own, where it is delegated to that',
      customer,
      [provider],
      provider,
      [provider],
      { tenant: provider, isDelegated: true },
    ],
    [
      'in a provider’s that the account is a guest of',
      customer,
      [other],
      provider,
      [provider, other],
      { tenant: other, isDelegated: true },
    ],
    [
      'first of all in the account’s own',
      customer,
      [other, provider],
      provider,
      [provider, other],
      { tenant: provider, isDelegated: true },
    ],
    [
      'in the subscription’s tenant, where it is delegated to others',
      customer,
      [other],
      provider,
      [provider],
      { tenant: customer, isDelegated: false },
    ],
    [
      'at home for the customer’s own people, who are guests of the provider',
      customer,
      [provider],
      customer,
      [customer, provider],
      { tenant: customer, isDelegated: false },
    ],
    [
      'where the page is, of several providers that the account is a guest of',
      customer,
      [other, third],
      provider,
      [provider, other, third],
      { tenant: third, isDelegated: true },
      third,
    ],
    [
      'where the page is, also of several providers of which one is the account’s own',
      customer,
      [provider, other],
      provider,
      [provider, other],
      { tenant: other, isDelegated: true },
      other,
    ],
    [
      'in a provider’s that the account reaches, wherever the page is',
      customer,
      [third, provider],
      provider,
      [provider],
      { tenant: provider, isDelegated: true },
      third,
    ],
  ])('%s', (_where, tenant, managedBy, homeTenant, reached, place, page: string | null = null) => {
    expect(linkPlace({ tenant, managedBy }, { homeTenant }, reached, page)).toEqual(place);
  });
});
