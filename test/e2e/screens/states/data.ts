import { toContoso } from '../../../support/changes';
import { check } from '../../../support/checks';
import { CONNECTION_ID, SERVICE_CAN } from '../../../support/connections';
import { subscriptionId } from '../../../support/targets';
import { stateOf } from '../../../../src/domain/partner-state';
import type { Change, ChangeLife } from '../../../../src/domain/change';
import type { Check, CheckOutcome } from '../../../../src/domain/history';
import type { PartnerOfRecord } from '../../../../src/domain/partner';
import type { SubscriptionView } from '../../../../src/messaging/protocol';
import { standingOf } from '../../../../src/domain/standing';
import type { SubscriptionRecord } from '../../../../src/domain/subscription';
import { ADELE, ALEX, contoso, fabrikam, NOW, recordWith, SUBSCRIPTION } from '../../../unit/content/panel-states';

/** Who and what the screens are about, at one moment that does not pass. */

export { ADELE, ALEX, contoso, fabrikam, NOW, recordWith, SUBSCRIPTION };
export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
export const PAGE = `https://portal.azure.com/#@contoso.com/resource/subscriptions/${SUBSCRIPTION}/overview`;

export const nobody = { ...recordWith(null) };
export const held = { ...recordWith(contoso) };

/** A name of 80 characters with nowhere to break. */
export const LONG_NAME = 'Northwind-Traders-International-Production-Environment-West-Europe-Region-0000001';
export const RIGHT_TO_LEFT_NAME = 'שירותי ענן נורת׳ווינד (ייצור)';

/** What the worker knows of the subscription before the person. */
export function viewOf(record: SubscriptionRecord | null, newest: Change | null = null): SubscriptionView {
  const viewer = { connectionId: CONNECTION_ID, person: ADELE, mayChange: record?.caller.canChangePartner ?? null };
  return {
    subscriptionId: SUBSCRIPTION,
    source: 'partners.northwind.example',
    state: record && stateOf(record),
    readAt: record === null ? null : NOW - 2 * MINUTE_MS,
    order: 1,
    failure: null,
    can: SERVICE_CAN,
    standing: newest && standingOf(newest, viewer, NOW),
    changeOrder: newest?.askedAt ?? 0,
    support: 'cloud.team@northwind.example',
  };
}

/** A change that Adele asked for some minutes ago. */
export function changed(life: ChangeLife | null, minutesAgo: number, more: Partial<Change> = {}): Change {
  return toContoso(life, {
    targetName: held.displayName,
    page: PAGE,
    kind: 'change',
    before: contoso,
    after: fabrikam,
    askedAt: NOW - minutesAgo * MINUTE_MS,
    person: ADELE,
    ...more,
  });
}

export const ended = (outcome: PartnerOfRecord | null): ChangeLife => ({
  state: 'done',
  attempts: 1,
  endedAt: NOW,
  outcome: { partnerOfRecord: outcome, version: '"2"' },
});
export const refused: ChangeLife = {
  state: 'refused',
  attempts: 1,
  endedAt: NOW,
  seen: false,
  failure: { reason: 'refused', status: 403, code: 'NotPermitted', said: 'Ask the account administrator.' },
};
export const conflict: ChangeLife = {
  state: 'conflict',
  attempts: 1,
  endedAt: NOW,
  found: { partnerOfRecord: contoso, version: '"2"' },
  answer: null,
};
export const unknown: ChangeLife = {
  state: 'unknown',
  attempts: 3,
  endedAt: NOW,
  failure: { reason: 'connectionChanged' },
  found: null,
  seen: false,
};
/** The same a day after its answer was lost, when somebody looked. */
export const unknownByNow: ChangeLife = {
  ...unknown,
  failure: { reason: 'keyExpired' },
  found: { partnerOfRecord: contoso, version: '"9"' },
};
export const sending: ChangeLife = {
  state: 'sending',
  attempts: 1,
  triedMs: 0,
  firstSentAt: NOW,
  lastSentAt: NOW,
  effectPossible: false,
  lastFailure: null,
  settle: null,
};
export const signInWanted: ChangeLife = {
  state: 'waiting',
  for: 'signIn',
  wait: { from: NOW, ms: 0 },
  attempts: 1,
  triedMs: 0,
  firstSentAt: NOW,
  lastSentAt: NOW,
  effectPossible: false,
  lastFailure: { reason: 'signInNeeded', status: 401 },
  settle: null,
  failedReads: 0,
};
export const otherPerson: ChangeLife = { ...signInWanted, for: 'person', lastFailure: { reason: 'otherPerson' } };

export function checkedId(digits: string, outcome: CheckOutcome, minutesAgo: number): Check {
  return check(digits, outcome, NOW - minutesAgo * MINUTE_MS);
}

const NAMES = [
  'Northwind production',
  'Northwind test',
  LONG_NAME,
  RIGHT_TO_LEFT_NAME,
  'Woodgrove Bank, payments',
  'Fourth Coffee',
  'Adventure Works, web shop',
] as const;
const SERVICES = ['azure', 'office365', 'dynamics365', 'ems', 'azure', 'intune', 'crmOnline'] as const;

/** One of each kind, with short and long names, with and without a partner. */
export const MANY: readonly SubscriptionRecord[] = NAMES.map((displayName, index) => ({
  ...recordWith(index % 3 === 2 ? null : index % 2 === 0 ? contoso : { ...fabrikam, name: LONG_NAME }),
  subscriptionId: subscriptionId(`6f3e1c52-0b1d-4c8a-9a44-0f5d7c1b2a${40 + index}`),
  displayName,
  service: SERVICES[index] ?? 'azure',
  caller:
    index === 4
      ? { role: 'Reader', canChangePartner: false, reason: 'Readers may look only.' }
      : { role: 'AccountAdministrator', canChangePartner: true },
}));
