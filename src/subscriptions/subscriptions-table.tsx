import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { type KnownPlaces, placeOf } from '../domain/place';
import { roleName } from '../domain/rights';
import type { PortalSettings } from '../domain/settings';
import { SERVICE_NAMES, type SubscriptionRecord } from '../domain/subscription';
import { pageOf } from '../portals/index';
import { formatDate } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { PAGES, SUBSCRIPTIONS } from '../ui/strings';

interface SubscriptionsTableProps {
  readonly records: readonly SubscriptionRecord[];
  readonly portals: PortalSettings;
  readonly places: KnownPlaces;
}

/** A row for each subscription; where the window is narrow, a card. */
export function SubscriptionsTable({ records, portals, places }: SubscriptionsTableProps) {
  const { columns } = SUBSCRIPTIONS;
  // Of thousands of rows only those of new records are drawn: a row that is the one of before is left alone.
  const rows = useMemo(() => new WeakMap<SubscriptionRecord, VNode>(), [portals, places]);
  const rowOf = (record: SubscriptionRecord): VNode => {
    const { subscriptionId } = record;
    const row = rows.get(record) ?? (
      <Row key={subscriptionId} record={record} page={pageOf(record, placeOf(subscriptionId, places), portals)} />
    );
    rows.set(record, row);
    return row;
  };
  return (
    <div class="card subscriptions-table">
      <table aria-label={SUBSCRIPTIONS.title}>
        <thead>
          <tr>
            <th scope="col">{columns.name}</th>
            <th scope="col">{columns.service}</th>
            <th scope="col">{columns.customer}</th>
            <th scope="col">{columns.partner}</th>
            <th scope="col">{columns.since}</th>
            <th scope="col">{columns.role}</th>
          </tr>
        </thead>
        <tbody>{records.map(rowOf)}</tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly record: SubscriptionRecord;
  /** The address of the subscription's page in its portal; null where no portal is known to have one. */
  readonly page: string | null;
}

/** `data-label` names a cell in a card, which has no column above it. */
function Row({ record, page }: RowProps) {
  const { subscriptionId, displayName, service, customer, partnerOfRecord, caller } = record;
  const { columns } = SUBSCRIPTIONS;
  const name = <Name text={displayName.trim() === '' ? subscriptionId : displayName} />;
  return (
    <tr>
      <th scope="row">
        {page === null ? (
          name
        ) : (
          <a href={page} target="_blank" rel="noreferrer">
            {name}
          </a>
        )}
        <span class="small muted row-id">
          <Name text={subscriptionId} />
        </span>
      </th>
      <td data-label={columns.service}>{SERVICE_NAMES[service]}</td>
      <td data-label={columns.customer}>
        <Name text={customer.name} />
      </td>
      <td data-label={columns.partner}>
        {partnerOfRecord === null ? (
          <span class="muted">{PAGES.noPartner}</span>
        ) : (
          <PartnerName partner={partnerOfRecord} />
        )}
      </td>
      <td data-label={columns.since}>{partnerOfRecord !== null && formatDate(partnerOfRecord.assignedAt)}</td>
      <td class="role" data-label={columns.role}>
        {roleName(caller.role)}
      </td>
    </tr>
  );
}
