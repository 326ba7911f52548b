import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { type ListedSubscription, subscriptionName } from '../domain/partner-state';
import { type KnownPlaces, placeOf } from '../domain/place';
import type { PortalSettings } from '../domain/settings';
import { nameOrId } from '../domain/subscription';
import { pageOf } from '../portals/index';
import { formatDate } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { t } from '../words/words';

interface SubscriptionsTableProps {
  readonly subscriptions: readonly ListedSubscription[];
  readonly portals: PortalSettings;
  readonly places: KnownPlaces;
}

/** A row for each subscription; where the window is narrow, a card. */
export function SubscriptionsTable({ subscriptions, portals, places }: SubscriptionsTableProps) {
  // Of thousands of rows only those of new records are drawn: a row that is the one of before is left alone.
  const rows = useMemo(() => new WeakMap<ListedSubscription, VNode>(), [portals, places]);
  const rowOf = (listed: ListedSubscription): VNode => {
    const row = rows.get(listed) ?? (
      <Row key={listed.subscriptionId} listed={listed} page={pageFor(listed, portals, places)} />
    );
    rows.set(listed, row);
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
        <tbody>{subscriptions.map(rowOf)}</tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly listed: ListedSubscription;
  /** The address of the subscription's page in its portal; null where no portal is known to have one. */
  readonly page: string | null;
}

/** Where its page is; null where no portal is known to have one. */
function pageFor(
  { subscriptionId, state: { subscription } }: ListedSubscription,
  portals: PortalSettings,
  places: KnownPlaces,
): string | null {
  if (subscription === null) return null;
  const { service } = subscription;
  return pageOf({ subscriptionId, service }, placeOf(subscriptionId, places), portals);
}

/** `data-label` names a cell in a card, which has no column above it. */
function Row({ listed: { subscriptionId, state }, page }: RowProps) {
  const { subscription, partnerOfRecord, rights } = state;
  const name = <Name text={subscriptionName(subscriptionId, state)} />;
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
      <td data-label={t('subscriptions.columns.service')}>{subscription && t(`services.${subscription.service}`)}</td>
      <td data-label={t('subscriptions.columns.customer')}>
        {subscription && <Name text={nameOrId(subscription.customer.name, subscription.customer.id)} />}
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
        {partnerOfRecord?.assignedAt != null && formatDate(partnerOfRecord.assignedAt)}
      </td>
      <td data-label={t('subscriptions.columns.role')}>
        {rights.role !== null && <span class="role">{t(`rights.roles.${rights.role}`)}</span>}
      </td>
    </tr>
  );
}
