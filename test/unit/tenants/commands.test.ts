import { expect, test } from 'vitest';
import type { Failure } from '../../../src/domain/failure';
import type { Phase } from '../../../src/domain/phase';
import { ANYBODY, standingOf } from '../../../src/domain/standing';
import type { TenantRow } from '../../../src/messaging/protocol';
import { commandsFor } from '../../../src/tenants/tenants-table';
import { AZURE_CAN, LINK_TARGET, linkStateOf, linkToContoso } from '../../support/links';
import { CONTOSO, FABRIKAM } from '../../support/partners';

const NOT_ALLOWED: Failure = { reason: 'signInNeeded', detail: { code: 'entra', number: 65001 } };
const HOLDING = { partnerOfRecord: null, version: null };

/** A row whose tenant does not let the application in, with a removal there that stands so. */
function rowWith(at: Phase, state: TenantRow['view']['state'] = linkStateOf(FABRIKAM)): TenantRow {
  const removal = linkToContoso(null, { kind: 'remove', before: CONTOSO, after: null });
  return {
    target: LINK_TARGET,
    account: { user: LINK_TARGET.user, name: 'ada@contoso.example' },
    name: null,
    domain: null,
    view: {
      source: 'Azure',
      state,
      readAt: null,
      order: 0,
      failure: NOT_ALLOWED,
      can: AZURE_CAN,
      standing: { ...standingOf(removal, ANYBODY, 0), at },
      changeOrder: 1,
      support: null,
    },
    needsSignIn: true,
    ignored: false,
  };
}
const lastOf = (row: TenantRow) => commandsFor(row, 'public', null)?.trim().split('\n').at(-1);

test.each<Phase>([
  { phase: 'signIn', cause: NOT_ALLOWED },
  { phase: 'refused', cause: NOT_ALLOWED, seen: false },
  { phase: 'unknown', cause: NOT_ALLOWED, found: null, seen: false },
])('Commands do what a change could not ($phase)', (at) => {
  expect(lastOf(rowWith(at))).toBe(`az managementpartner delete --partner-id ${FABRIKAM.partnerId}`);
});

test.each<Phase>([
  { phase: 'cancelled' },
  { phase: 'settling', cause: NOT_ALLOWED, stopping: true },
  { phase: 'conflict', found: HOLDING, answer: 'kept' },
  { phase: 'done', outcome: HOLDING },
])('Commands do nothing that a person has stopped, or that is done ($phase)', (at) => {
  expect(lastOf(rowWith(at))).toBe('az managementpartner show');
});

test('Commands end no link that is known not to be there', () => {
  const none = linkStateOf(null);
  expect(lastOf(rowWith({ phase: 'refused', cause: NOT_ALLOWED, seen: false }, none))).toBe(
    'az managementpartner show',
  );
});
