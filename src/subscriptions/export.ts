import { type PartnerState, subscriptionName } from '../domain/partner-state';
import type { SpreadsheetColumn } from '../domain/spreadsheet';
import { nameOrId, type SubscriptionId } from '../domain/subscription';
import { dateCell, day, type ExportAnswer, type ExportFormat, exportTable } from '../ui/table-file';
import { t } from '../words/words';

/** A row of the subscriptions page. */
export interface ExportedSubscription {
  readonly subscriptionId: SubscriptionId;
  /** The connection's name, where there are others; null where there is no other. */
  readonly connection: string | null;
  /** As it was read last; null where nobody knows. */
  readonly state: PartnerState | null;
}

/**
 * Hands the person those rows as a file. Its "Partner ID" is who is there now; edited and imported again, it is who is wanted: rows
 * that were not touched are so already.
 * @param now milliseconds since the epoch
 */
export function exportSubscriptions(
  rows: readonly ExportedSubscription[],
  format: ExportFormat,
  now: number,
  signal: AbortSignal,
): Promise<ExportAnswer> {
  return exportTable(`subscriptions-${day(now)}`, subscriptionColumns(rows), rows, format, signal);
}

/** The columns, in the order in which they are written. */
export function subscriptionColumns(
  rows: readonly ExportedSubscription[],
): readonly SpreadsheetColumn<ExportedSubscription>[] {
  return [
    { title: t('history.columns.subscriptionId'), value: ({ subscriptionId }) => subscriptionId },
    {
      title: t('history.columns.subscription'),
      value: ({ subscriptionId, state }) => subscriptionName(subscriptionId, state),
    },
    // Unknown is not none: an empty cell would be imported as a removal.
    {
      title: t('history.columns.partnerId'),
      value: ({ state }) => (state === null ? t('exports.unknown') : (state.partnerOfRecord?.partnerId ?? '')),
    },
    { title: t('subscriptions.columns.partner'), value: ({ state }) => state?.partnerOfRecord?.name ?? '' },
    { title: t('subscriptions.columns.since'), value: ({ state }) => dateCell(state?.partnerOfRecord?.assignedAt) },
    { title: t('exports.columns.assignedBy'), value: ({ state }) => state?.partnerOfRecord?.assignedBy ?? '' },
    {
      title: t('subscriptions.columns.service'),
      value: ({ state }) => (state?.subscription ? t(`services.${state.subscription.service}`) : ''),
    },
    {
      title: t('subscriptions.columns.customer'),
      value: ({ state }) =>
        state?.subscription ? nameOrId(state.subscription.customer.name, state.subscription.customer.id) : '',
    },
    { title: t('exports.columns.customerId'), value: ({ state }) => state?.subscription?.customer.id ?? '' },
    { title: t('exports.columns.state'), value: ({ state }) => state?.subscription?.state ?? '' },
    { title: t('exports.columns.endDate'), value: ({ state }) => dateCell(state?.subscription?.endDate) },
    {
      title: t('subscriptions.columns.role'),
      value: ({ state }) => (state?.rights.role ? t(`rights.roles.${state.rights.role}`) : ''),
    },
    ...(rows.some(({ connection }) => connection !== null)
      ? [{ title: t('history.columns.connection'), value: ({ connection }: ExportedSubscription) => connection ?? '' }]
      : []),
  ];
}
