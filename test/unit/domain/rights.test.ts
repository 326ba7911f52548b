import { expect, test } from 'vitest';
import { CALLER_ROLES, type CallerRole, mayChangePartner, notPermitted } from '../../../src/domain/rights';
import { CLOUD_SERVICES, type CloudService } from '../../../src/domain/cloud-service';

/** The rule, written out: who may attach a partner to which kind of subscription. */
const TABLE: Record<CallerRole, Record<CloudService, boolean>> = {
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

const cases = CALLER_ROLES.flatMap((role) =>
  CLOUD_SERVICES.map((service) => [role, service, TABLE[role][service]] as const),
);

test.each(cases)('%s on %s: %s', (role, service, may) => {
  expect(mayChangePartner(role, service)).toBe(may);
});

test('only the role is the reason where it may not, and only the backend’s sentence where it may', () => {
  const refused = (role: CallerRole, reason: string | null = null) =>
    notPermitted({ rights: { role, mayChange: false, reason }, subscription: { service: 'azure' } });
  const reader = { own: 'Reader', service: 'azure' };
  expect(refused('Reader')).toEqual({ role: reader, reason: null });
  expect(refused('Reader', 'Ask Ada.')).toEqual({ role: reader, reason: 'Ask Ada.' });
  expect(refused('Contributor', 'Suspended.')).toEqual({ role: null, reason: 'Suspended.' });
});

test('nobody who may is told why not, and of what nobody knows the kind no role is the reason', () => {
  const reader = { role: 'Reader', reason: null } as const;
  expect(notPermitted({ rights: { ...reader, mayChange: true }, subscription: null })).toBeNull();
  expect(notPermitted({ rights: { ...reader, mayChange: false }, subscription: null })).toEqual({
    role: null,
    reason: null,
  });
});
