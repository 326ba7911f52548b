import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { type KnownPlaces, placeOf } from '../domain/place';
import type { PortalSettings } from '../domain/settings';
import type { SubscriptionRecord } from '../domain/subscription';
import { pageOf } from '../portals/index';
import { formatDate } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { t } from '../words/words';

interface SubscriptionsTableProps {
  readonly records: readonly SubscriptionRecord[];
  readonly portals: PortalSettings;
  readonly places: KnownPlaces;
}

/** A row for each subscription; where the window is narrow, a card. */
export function SubscriptionsTable({ records, portals, places }: SubscriptionsTableProps) {
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
      <table aria-label={t('subscriptions.title')}>
        <thead>
          <tr>
            <th scope="col">{t('subscriptions.columns.name')}</th>
            <th scope="col">{t('subscriptions.columns.service')}</th>
            <th scope="col">{t('subscriptions.columns.customer')}</th>
            <th scope="col">{t('subscriptions.columns.partner')}</th>
            <th scope="col">{t('subscriptions.columns.since')}</th>
            <th scope="col">{t('subscriptions.columns.role')}</th>
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
      <td data-label={t('subscriptions.columns.service')}>{t(`services.${service}`)}</td>
      <td data-label={t('subscriptions.columns.customer')}>
        <Name text={customer.name} />
      </td>
      <td data-label={t('subscriptions.columns.partner')}>
        {partnerOfRecord === null ? (
          <span class="muted">{t('pages.noPartner')}</span>
        ) : (
          <span>
            <PartnerName partner={partnerOfRecord} />
          </span>
        )}
      </td>
      <td data-label={t('subscriptions.columns.since')}>
        {partnerOfRecord !== null && formatDate(partnerOfRecord.assignedAt)}
      </td>
      <td data-label={t('subscriptions.columns.role')}>
        <span class="role">{t(`rights.roles.${caller.role}`)}</span>
      </td>
    </tr>
  );
}
