import { ANYBODY, standingOf } from '../../../src/domain/standing';
import type { ChangeLife } from '../../../src/domain/change';
import type { Failure } from '../../../src/domain/failure';
import type { PartnerRef } from '../../../src/domain/partner';
import type { TenantRow } from '../../../src/messaging/protocol';
import { testGuid } from '../../azure/directory';
import { toContoso } from '../../support/changes';
import { anEntraConnection } from '../../support/connections';
import { CONTOSO } from '../../support/partners';
import { uuid } from '../../support/targets';

export const AZURE = anEntraConnection({});
export const TENANT = (number: number) => testGuid('a', number);
export const BATCH = uuid(1);

interface Told {
  readonly name?: string | null;
  readonly account?: string;
  readonly partner?: PartnerRef | null;
  readonly isUnread?: true;
  readonly failure?: Failure;
  readonly needsSignIn?: true;
  readonly ignored?: true;
  /** How the newest change, to Contoso, stands; null: it is on its way. */
  readonly life?: ChangeLife | null;
}

/** What is known of an account's link in a tenant: it has none, unless more is told. */
export function aTenantRow(number: number, told: Told = {}): TenantRow {
  const { name = `Tenant ${number}`, account = 'ada', partner = null, failure = null, life } = told;
  const user = `${testGuid('b', account.length)}.${TENANT(1)}`;
  const target = { kind: 'signIn', connectionId: AZURE.id, tenant: TENANT(number), user } as const;
  const change =
    life === undefined
      ? null
      : toContoso(life, {
          id: uuid(1000 + number),
          target,
          targetName: name ?? '',
          before: partner,
          after: CONTOSO,
          batch: BATCH,
        });
  return {
    target,
    account: { user, name: account },
    name,
    domain: `tenant${number}.example`,
    needsSignIn: told.needsSignIn ?? false,
    ignored: told.ignored ?? false,
    view: {
      source: AZURE.name,
      state: told.isUnread
        ? null
        : {
            partnerOfRecord: partner && { ...partner, assignedAt: null, assignedBy: null },
            version: partner === null ? null : '1',
            rights: { mayChange: true, role: null, reason: null },
            subscription: null,
          },
      readAt: 0,
      order: 1,
      failure,
      standing: change && standingOf(change, ANYBODY, 0),
      changeOrder: 1,
      support: null,
      can: null,
    },
  };
}
