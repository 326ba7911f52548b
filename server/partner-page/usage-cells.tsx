import type { ComponentChildren } from 'preact';
import { visibleText } from '../../src/domain/visible-text';
import { type Reader, Sentence, useReader } from './reader';
import type { Series } from './usage';

type Unit = Pick<Series, 'service' | 'currency'>;

/** What is used and in which unit, such as “Azure, EUR”. */
export function unitText({ service, currency }: Unit, { words }: Reader): string {
  const unit = currency === null ? words.t('partnerPage.usage.seats') : visibleText(currency);
  return words.t('partnerPage.usage.ofService', { service: words.t(`services.${service}`), unit });
}

/** A number with its unit. */
export function valueText({ currency }: Unit, value: number, { words, amount }: Reader): string {
  if (currency === null) return words.t('partnerPage.usage.seatCount', { count: value });
  return words.t('partnerPage.usage.amount', { amount: amount(value), currency: visibleText(currency) }).trim();
}

/** A month; one that has not ended says so. `open`: the month that has not. */
export function monthText(month: string, open: string, reader: Reader): string {
  const text = reader.month(month);
  return month < open ? text : reader.words.t('partnerPage.usage.soFar', { month: text });
}

interface UsageProps {
  readonly series: Series;
  /** The month that has not ended yet. */
  readonly open: string;
}

/** One series: its chart, the last month that has ended and the one that has not. */
export function Usage({ series, open }: UsageProps) {
  const reader = useReader();
  const { points } = series;
  const ended = points.findLast(({ month }) => month < open);
  const current = points.findLast(({ month }) => month >= open);
  return (
    <div class="usage">
      <p class="muted">
        <bdi>{unitText(series, reader)}</bdi>
      </p>
      <div class="usage-now">
        <Chart series={series} open={open} />
        <div>
          {ended !== undefined && <MonthsValue series={series} point={ended} open={open} strong />}
          {current !== undefined && <MonthsValue series={series} point={current} open={open} strong={false} />}
        </div>
      </div>
    </div>
  );
}

interface MonthsValueProps extends UsageProps {
  readonly point: Series['points'][number];
  /** Whether it is what people look for first. */
  readonly strong: boolean;
}

function MonthsValue({ series, point, open, strong }: MonthsValueProps) {
  const reader = useReader();
  const value: ComponentChildren = <bdi>{valueText(series, point.value, reader)}</bdi>;
  return (
    <p class={strong ? '' : 'muted'}>
      <Sentence
        of="partnerPage.usage.point"
        with={{
          month: <bdi>{monthText(point.month, open, reader)}</bdi>,
          value: strong ? <b>{value}</b> : value,
        }}
      />
    </p>
  );
}

const BAR = 8;
const GAP = 2;
const HEIGHT = 36;

/** A bar for each month, an outline for one that has not ended; all numbers are in the table of all months. */
function Chart({ series, open }: UsageProps) {
  const reader = useReader();
  const { points } = series;
  const { words } = reader;
  const top = Math.max(0, ...points.map(({ value }) => value));
  const width = points.length * (BAR + GAP) - GAP;
  const [first = '', last = first] = [points[0], points.length > 1 ? points.at(-1) : undefined].flatMap((point) =>
    point === undefined
      ? []
      : words.t('partnerPage.usage.point', {
          month: monthText(point.month, open, reader),
          value: valueText(series, point.value, reader),
        }),
  );
  const range = first === last ? first : words.t('partnerPage.usage.range', { first, last });
  return (
    <svg
      role="img"
      aria-label={words.t('partnerPage.usage.chart', { what: unitText(series, reader), points: range })}
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
    >
      {points.map(({ month, value }, index) => {
        // A month with little is still to be seen, one with nothing (or a credit) is a line.
        const height = top > 0 && value > 0 ? Math.max(2, (value / top) * HEIGHT) : 1;
        const x = index * (BAR + GAP);
        return month < open ? (
          <rect key={month} x={x} y={HEIGHT - height} width={BAR} height={height} rx="1" />
        ) : (
          <rect
            key={month}
            class="open"
            x={x + 0.5}
            y={HEIGHT - height + 0.5}
            width={BAR - 1}
            height={Math.max(0.5, height - 1)}
            rx="1"
          />
        );
      })}
    </svg>
  );
}

/** Every month of a subscription, the newest first, a column for each series. */
export function AllMonths({
  series,
  open,
  label,
}: {
  readonly series: readonly Series[];
  readonly open: string;
  readonly label: string;
}) {
  const reader = useReader();
  const months = [...new Set(series.flatMap(({ points }) => points.map(({ month }) => month)))].sort().reverse();
  return (
    // Focusable, so that the keyboard can scroll it where it is wider than the page.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reached by keyboard
    <section class="months" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">{reader.words.t('partnerPage.usage.month')}</th>
            {series.map((one) => (
              <th key={unitText(one, reader)} scope="col" class="number">
                <bdi>{unitText(one, reader)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {months.map((month) => (
            <tr key={month}>
              <th scope="row" class="months-cell row-name">
                <bdi>{monthText(month, open, reader)}</bdi>
              </th>
              {series.map((one) => {
                const point = one.points.find((each) => each.month === month);
                return (
                  <td key={unitText(one, reader)} class="months-cell number">
                    {point !== undefined && <bdi>{valueText(one, point.value, reader)}</bdi>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
