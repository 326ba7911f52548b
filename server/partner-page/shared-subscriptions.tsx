import { unparse } from 'papaparse';
import { SERVICE_NAMES } from '../service-names';
import { visibleText } from '../../src/domain/visible-text';
import type { Shared } from './api';
import { TEXT } from './strings';
import { CSV_COLUMNS, csvRows, type Series, seriesOf } from './usage';

// A spreadsheet runs a cell that begins so, also behind spaces and invisible characters, and full-width signs are signs too.
const FORMULA = /^(?:[\t\r\n]|[\s\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20])/u;
// Without it a spreadsheet reads UTF-8 as something else.
const BYTE_ORDER_MARK = '\ufeff';

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const months = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });
const monthText = (month: string) => months.format(new Date(`${month}-01T00:00:00Z`));

/** The subscriptions as a table, each with its usage, and all of it as a file. */
export function SharedSubscriptions({ subscriptions }: { readonly subscriptions: readonly Shared[] }) {
  return (
    <>
      <div class="bar">
        <p id="subscriptions">{TEXT.table(subscriptions.length)}</p>
        <button type="button" onClick={() => download(subscriptions)}>
          {TEXT.csv}
        </button>
      </div>
      <table aria-labelledby="subscriptions">
        <thead>
          <tr>
            <th scope="col">{TEXT.subscription}</th>
            <th scope="col">{TEXT.customer}</th>
            <th scope="col">{TEXT.period}</th>
            <th scope="col">{TEXT.associated}</th>
            <th scope="col">{TEXT.usage}</th>
          </tr>
        </thead>
        <tbody>
          {subscriptions.map((one) => (
            <Row key={one.subscriptionId} one={one} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function Row({ one }: { readonly one: Shared }) {
  const series = seriesOf(one.usage);
  return (
    <tr>
      <th scope="row">
        <bdi>{visibleText(one.displayName)}</bdi>
        <span class="muted">{SERVICE_NAMES[one.service]}</span>
        <span class="muted id">{visibleText(one.subscriptionId)}</span>
      </th>
      <td data-label={TEXT.customer}>
        <bdi>{visibleText(one.customer.name)}</bdi>
        <span class="muted id">{visibleText(one.customer.id)}</span>
      </td>
      <td data-label={TEXT.period}>
        <Day at={one.startDate} /> – <Day at={one.endDate} />
      </td>
      <td data-label={TEXT.associated}>
        <Day at={one.associatedAt} />
      </td>
      <td data-label={TEXT.usage}>
        {series.length === 0 && <span class="muted">{TEXT.noUsage}</span>}
        {series.map((each) => (
          <Usage key={titleOf(each)} series={each} />
        ))}
      </td>
    </tr>
  );
}

function Day({ at }: { readonly at: string }) {
  return <time dateTime={at}>{dates.format(new Date(at))}</time>;
}

function Usage({ series }: { readonly series: Series }) {
  const last = series.points.at(-1);
  const title = titleOf(series);
  return (
    <div class="usage">
      <span class="muted">{title}</span>
      <div class="latest">
        <Chart series={series} />
        {last !== undefined && (
          <span>
            <b>{valueText(series, last.value)}</b> <span class="muted">{monthText(last.month)}</span>
          </span>
        )}
      </div>
      <details>
        <summary>{TEXT.allMonths}</summary>
        <table class="months">
          <thead>
            <tr>
              <th scope="col">{TEXT.month}</th>
              <th scope="col">{title}</th>
            </tr>
          </thead>
          <tbody>
            {[...series.points].reverse().map(({ month, value }) => (
              <tr key={month}>
                <th scope="row">{monthText(month)}</th>
                <td>{valueText(series, value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

const BAR = 8;
const GAP = 2;
const HEIGHT = 36;

/** A bar for each month; what a screen reader needs of it is in its name, and all numbers are in the table below it. */
function Chart({ series }: { readonly series: Series }) {
  const { points } = series;
  const top = Math.max(0, ...points.map(({ value }) => value));
  const width = points.length * (BAR + GAP) - GAP;
  const ends = [points[0], points.at(-1)].flatMap((point) =>
    point === undefined ? [] : [`${monthText(point.month)} ${valueText(series, point.value)}`],
  );
  return (
    <svg
      role="img"
      aria-label={TEXT.chart(titleOf(series), [...new Set(ends)].join(' – '))}
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
    >
      {points.map(({ month, value }, index) => {
        // A month with little is still to be seen, one with nothing (or a credit) is a line.
        const height = top > 0 && value > 0 ? Math.max(2, (value / top) * HEIGHT) : 1;
        return <rect key={month} x={index * (BAR + GAP)} y={HEIGHT - height} width={BAR} height={height} rx="1" />;
      })}
    </svg>
  );
}

function titleOf({ service, currency }: Series): string {
  return `${SERVICE_NAMES[service]}, ${currency === null ? TEXT.seats : visibleText(currency)}`;
}

function valueText({ currency }: Series, value: number): string {
  const digits = currency === null ? 0 : 2;
  const number = value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return currency === null ? `${number} ${TEXT.seats}` : `${number} ${visibleText(currency)}`.trim();
}

function download(subscriptions: readonly Shared[]): void {
  const table = unparse({ fields: [...CSV_COLUMNS], data: csvRows(subscriptions) }, { escapeFormulae: FORMULA });
  const address = URL.createObjectURL(new Blob([`${BYTE_ORDER_MARK}${table}\r\n`], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = TEXT.csvName;
  link.click();
  URL.revokeObjectURL(address);
}
