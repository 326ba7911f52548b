import type { Capabilities } from '../../src/domain/capabilities';
import type { Change, ChangeLife } from '../../src/domain/change';
import type { PartnerRef } from '../../src/domain/partner';
import type { PartnerState } from '../../src/domain/partner-state';
import type { Person } from '../../src/domain/person';
import type { LinkTarget } from '../../src/domain/target';
import { toContoso } from './changes';
import { CONNECTION_ID } from './connections';
import { CONTOSO } from './partners';
import { uuid } from './targets';

/** Ada's account at home in Contoso. */
export const LINK_TARGET = {
  kind: 'signIn',
  connectionId: CONNECTION_ID,
  tenant: uuid(40),
  user: `${uuid(41)}.${uuid(40)}`,
} as const satisfies LinkTarget;
export const ACCOUNT = 'ada@contoso.example';
export const TENANT = 'Contoso Ltd';

/** Ada as her account is known at Azure. */
export const LINK_OWNER = {
  kind: 'openIdConnect',
  issuer: 'https://login.microsoftonline.com',
  sub: LINK_TARGET.user,
  name: ACCOUNT,
} as const satisfies Person;

/** What Azure can do. */
export const AZURE_CAN: Capabilities = {
  check: false,
  list: false,
  changeLog: false,
  mails: false,
  shares: false,
  replay: 'readFirst',
};

/** What Azure shows of a link to that partner, or of none. */
export function linkStateOf(partner: PartnerRef | null, version = '1'): PartnerState {
  return {
    partnerOfRecord: partner && { ...partner, assignedAt: '2026-10-01T08:00:00Z', assignedBy: null, state: 'Active' },
    version,
    rights: { mayChange: true, role: null, reason: null },
    subscription: null,
  };
}

/** Ada asks to link her account to Contoso, with that life; waiting where none is given. */
export function linkToContoso(life: ChangeLife | null, more: Partial<Change> = {}): Change {
  return toContoso(life, {
    target: LINK_TARGET,
    targetName: `${TENANT} (${ACCOUNT})`,
    person: LINK_OWNER,
    replay: 'readFirst',
    mails: false,
    after: { partnerId: CONTOSO.partnerId, name: null },
    ...more,
  });
}
