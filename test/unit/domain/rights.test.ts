import { describe, expect, test } from 'vitest';
import {
  CALLER_ROLES,
  type CallerRole,
  mayChangePartner,
  roleName,
  rolesThatMayChange,
  whyNotPermitted,
  whyRefused,
} from '../../../src/domain/rights';
import { SERVICES, type Service } from '../../../src/domain/subscription';

/** The rule, written out: who may attach a partner to which kind of subscription. */
const TABLE: Record<CallerRole, Record<Service, boolean>> = {
  AccountAdministrator: { azure: true, office365: true, crmOnline: true, dynamics365: true, intune: true, ems: true },
  SubscriptionAdministrator: {
    azure: true,
    office365: false,
    crmOnline: false,
    dynamics365: false,
    intune: false,
    ems: false,
  },
  Contributor: { azure: true, office365: false, crmOnline: false, dynamics365: false, intune: false, ems: false },
  ServiceAdministrator: {
    azure: false,
    office365: false,
    crmOnline: false,
    dynamics365: false,
    intune: false,
    ems: false,
  },
  CoAdministrator: { azure: false, office365: false, crmOnline: false, dynamics365: false, intune: false, ems: false },
  DelegatedAdministrator: {
    azure: false,
    office365: false,
    crmOnline: false,
    dynamics365: false,
    intune: false,
    ems: false,
  },
  Reader: { azure: false, office365: false, crmOnline: false, dynamics365: false, intune: false, ems: false },
};

const cases = CALLER_ROLES.flatMap((role) => SERVICES.map((service) => [role, service, TABLE[role][service]] as const));

test.each(cases)('%s on %s: %s', (role, service, may) => {
  expect(mayChangePartner(role, service)).toBe(may);
});

describe('the sentence for those who may not', () => {
  test.each(cases.filter(([, , may]) => !may))('names %s and everyone who may on %s', (role, service) => {
    const sentence = whyNotPermitted(role, service);
    for (const name of [role, ...rolesThatMayChange(service)].map(roleName)) expect(sentence).toContain(name);
  });

  test('reads as a sentence', () => {
    expect(whyNotPermitted('Reader', 'azure')).toBe(
      'You are a reader here. Only the account administrator, subscription administrator, or contributor can change the partner of record.',
    );
    expect(whyNotPermitted('Contributor', 'ems')).toBe(
      'You are a contributor here. Only the account administrator can change the partner of record.',
    );
  });

  test('is said once where the backend says the same, and beside the backend’s where that says more', () => {
    const own = whyNotPermitted('Reader', 'azure');
    const refused = (reason?: string, role: CallerRole = 'Reader') =>
      whyRefused({
        service: 'azure',
        caller: { role, canChangePartner: false, ...(reason !== undefined && { reason }) },
      });
    expect(refused(own)).toEqual({ why: own, reason: null });
    expect(refused()).toEqual({ why: own, reason: null });
    expect(refused('Ask Ada.')).toEqual({ why: own, reason: 'Ask Ada.' });
    expect(refused('Suspended.', 'Contributor')).toEqual({ why: null, reason: 'Suspended.' });
  });
});
