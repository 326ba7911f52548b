import { fold } from '../domain/fold';
import type { Row } from './row';
import type { Show, View } from './view';

/** The rows that a view shows, in the order in which they come. */
export function filterRows(rows: readonly Row[], view: View, starred: ReadonlySet<string>): readonly Row[] {
  const isLookedAt = lookAt(view);
  const { show, partnerId } = view;
  if (show === 'all' && partnerId === null) return rows.filter(isLookedAt);
  return rows.filter(
    (row) =>
      isLookedAt(row) &&
      isShown(row, show, starred) &&
      (partnerId === null || row.state.partnerOfRecord?.partnerId === partnerId),
  );
}

/** The rows that a view's summary is of: whatever their partner is. */
export function rowsSummarised(rows: readonly Row[], view: View): readonly Row[] {
  return rows.filter(lookAt(view));
}

function lookAt({ text, service, customerId, connectionId }: View): (row: Row) => boolean {
  const wanted = fold(text).trim();
  return (row) =>
    row.text.includes(wanted) &&
    (connectionId === null || row.connectionId === connectionId) &&
    (service === null || row.state.subscription?.service === service) &&
    (customerId === null || row.state.subscription?.customer.id === customerId);
}

function isShown(row: Row, show: Show, starred: ReadonlySet<string>): boolean {
  switch (show) {
    case 'all':
      return true;
    case 'with':
      return row.state.partnerOfRecord !== null;
    case 'without':
      // Nobody knows while its change has no outcome.
      return row.state.partnerOfRecord === null && row.change !== 'outcomeUnknown';
    case 'notPermitted':
      return !row.state.rights.mayChange;
    case 'starred':
      return starred.has(row.key);
  }
}
