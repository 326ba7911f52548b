import type { Shared } from './api';
import { useReader } from './reader';
import { monthBefore, totalsOf } from './usage';
import { monthText, unitText, valueText } from './usage-cells';

interface TotalsProps {
  readonly subscriptions: readonly Shared[];
  /** The month that has not ended yet. */
  readonly open: string;
}

/** What the subscriptions shown come to together. */
export function Totals({ subscriptions, open }: TotalsProps) {
  const reader = useReader();
  const { words } = reader;
  const totals = totalsOf(subscriptions, open);
  const customers = new Set(subscriptions.map(({ customer }) => customer.id)).size;
  const columns = [
    monthText(monthBefore(open), open, reader),
    monthText(open, open, reader),
    words.t('partnerPage.totals.all'),
  ];
  return (
    <section class="totals" aria-labelledby="totals">
      <div class="totals-head">
        <h3 id="totals">{words.t('partnerPage.totals.title')}</h3>
        <p class="muted">{words.t('partnerPage.totals.customers', { count: customers })}</p>
      </div>
      {totals.length === 0 ? (
        <p class="muted">{words.t('partnerPage.totals.none')}</p>
      ) : (
        <table class="cards" aria-labelledby="totals">
          <thead>
            <tr>
              <th scope="col">{words.t('partnerPage.totals.what')}</th>
              {columns.map((column) => (
                <th key={column} scope="col" class="number">
                  <bdi>{column}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {totals.map((total) => (
              <tr key={unitText(total, reader)} class="card-row">
                <th scope="row" class="cell">
                  <bdi>{unitText(total, reader)}</bdi>
                </th>
                {[total.lastMonth, total.thisMonth, total.all].map((value, index) => (
                  <td key={columns[index]} class="number cell" data-label={columns[index]}>
                    <bdi>{valueText(total, value, reader)}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
