import { unparse } from 'papaparse';
import { useId, useState } from 'preact/hooks';
import { csvFile, isQuoted, spreadsheetTable } from '../../src/domain/spreadsheet';
import { nameOrId } from '../../src/domain/subscription';
import { visibleText } from '../../src/domain/visible-text';
import type { Words } from '../words/words';
import type { Partner, Shared } from './api';
import { listed, type Order, orderAfterPress, SORTED_BY, type SortedBy } from './listing';
import { Name, Sentence, useReader } from './reader';
import { Totals } from './totals';
import { csvColumns, csvRows, seriesOf } from './usage';
import { AllMonths, Usage, unitText } from './usage-cells';

const COLUMNS = [...SORTED_BY, 'usage'] as const;

/** The subscriptions: searched, sorted, added up, each with its usage, and all that is shown as a file. */
export function SharedSubscriptions({ partner: { subscriptions, month: open } }: { readonly partner: Partner }) {
  const reader = useReader();
  const { words } = reader;
  const id = useId();
  const [searched, setSearched] = useState('');
  const [order, setOrder] = useState<Order>({ by: 'subscription', descending: false });
  const shown = listed(subscriptions, searched, order, reader.compare);
  const isSearched = shown.length < subscriptions.length;
  return (
    <>
      <div class="bar">
        <div class="field">
          <label for={`${id}search`}>{words.t('partnerPage.shared.search')}</label>
          <input
            id={`${id}search`}
            type="search"
            placeholder={words.t('partnerPage.shared.searchHint')}
            autocomplete="off"
            spellcheck={false}
            value={searched}
            onInput={(event) => setSearched(event.currentTarget.value)}
          />
        </div>
        <div class="field narrow-only">
          <label for={`${id}sort`}>{words.t('partnerPage.shared.sortBy')}</label>
          <select
            id={`${id}sort`}
            value={order.by}
            onChange={(event) => {
              const by = SORTED_BY.find((one) => one === event.currentTarget.value);
              if (by !== undefined) setOrder({ by, descending: false });
            }}
          >
            {SORTED_BY.map((by) => (
              <option key={by} value={by}>
                {words.t(`partnerPage.shared.${by}`)}
              </option>
            ))}
          </select>
        </div>
        <button type="button" onClick={() => download(shown, words)}>
          {words.t('partnerPage.shared.csv')}
        </button>
      </div>
      <p role="status" class="muted">
        {isSearched
          ? words.t('partnerPage.shared.countFound', { count: shown.length, all: String(subscriptions.length) })
          : words.t('partnerPage.shared.count', { count: shown.length })}
      </p>
      {shown.length === 0 ? (
        <div class="notice acts">
          <p>{words.t('partnerPage.shared.nothingFound')}</p>
          <button type="button" onClick={() => setSearched('')}>
            {words.t('partnerPage.shared.showAll')}
          </button>
        </div>
      ) : (
        <>
          <Totals subscriptions={shown} open={open} />
          <table class="subscriptions cards" aria-label={words.t('partnerPage.shared.table')}>
            <thead>
              <tr>
                {COLUMNS.map((column) => (
                  <Head key={column} column={column} order={order} onOrder={setOrder} />
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <Rows key={one.subscriptionId} one={one} open={open} />
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  );
}

interface HeadProps {
  readonly column: SortedBy | 'usage';
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
}

/** A column's head; all but the usage, which is in units of its own, can be sorted by. */
function Head({ column, order, onOrder }: HeadProps) {
  const { words } = useReader();
  const name = words.t(`partnerPage.shared.${column}`);
  if (column === 'usage') {
    return (
      <th scope="col" class="subscription-head usage-head">
        {name}
      </th>
    );
  }
  const isSorted = order.by === column;
  const direction = order.descending ? 'descending' : 'ascending';
  return (
    <th scope="col" class="subscription-head" aria-sort={isSorted ? direction : 'none'}>
      <button type="button" class="sort" onClick={() => onOrder(orderAfterPress(order, column))}>
        {name}
        <span aria-hidden="true">{isSorted ? { ascending: '▲', descending: '▼' }[direction] : ''}</span>
      </button>
    </th>
  );
}

/** A subscription and, once they are asked for, all its months below it, as wide as the table. */
function Rows({ one, open }: { readonly one: Shared; readonly open: string }) {
  const reader = useReader();
  const { words, date } = reader;
  const id = useId();
  const [unfolded, setUnfolded] = useState(false);
  const series = seriesOf(one.usage);
  const name = nameOrId(one.displayName, one.subscriptionId);
  const column = (name: (typeof COLUMNS)[number]) => ({ 'data-label': words.t(`partnerPage.shared.${name}`) });
  const day = (at: string) => (
    <time dateTime={at}>
      <bdi>{date(at)}</bdi>
    </time>
  );
  return (
    <>
      <tr class="card-row">
        <th scope="row" class="cell stacked">
          <Name text={name} />
          <span class="muted">{words.t(`services.${one.service}`)}</span>
          <span class="muted id">
            <Name text={one.subscriptionId} />
          </span>
        </th>
        <td class="cell stacked" {...column('customer')}>
          <Name text={one.customer.name} />
          <span class="muted id">
            <Name text={one.customer.id} />
          </span>
        </td>
        <td class="cell" {...column('period')}>
          <Sentence of="partnerPage.shared.fromTo" with={{ from: day(one.startDate), to: day(one.endDate) }} />
        </td>
        <td class="cell" {...column('associated')}>
          {day(one.associatedAt)}
        </td>
        <td class="cell" {...column('usage')}>
          {series.length === 0 && <span class="muted">{words.t('partnerPage.usage.none')}</span>}
          {series.map((each) => (
            <Usage key={unitText(each, reader)} series={each} open={open} />
          ))}
          {series.length > 0 && (
            <button
              type="button"
              class="unfold"
              aria-expanded={unfolded}
              aria-controls={`${id}months`}
              onClick={() => setUnfolded(!unfolded)}
            >
              {words.t('partnerPage.usage.all')}
            </button>
          )}
        </td>
      </tr>
      {series.length > 0 && (
        <tr id={`${id}months`} hidden={!unfolded} class="all-months">
          <td colSpan={COLUMNS.length}>
            {unfolded && (
              <AllMonths
                series={series}
                open={open}
                label={words.t('partnerPage.usage.allOf', { name: visibleText(name) })}
              />
            )}
          </td>
        </tr>
      )}
    </>
  );
}

function download(subscriptions: readonly Shared[], words: Words): void {
  const table = unparse(spreadsheetTable(csvColumns(words), csvRows(subscriptions)), { quotes: isQuoted });
  const address = URL.createObjectURL(new Blob([csvFile(table)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = words.t('partnerPage.shared.csvName');
  link.click();
  URL.revokeObjectURL(address);
}
