import type { SpreadsheetCell } from '../../src/domain/spreadsheet';
import type { CloudService } from '../../src/domain/cloud-service';
import type { Shared, Usage } from './api';

/** The months of one service in one unit: what can stand in one chart. */
export interface Series {
  readonly service: CloudService;
  /** A currency, or null for seats. */
  readonly currency: string | null;
  /** Oldest first, without gaps. */
  readonly points: readonly { readonly month: string; readonly value: number }[];
}

/** Sorts usage into series, and fills the months that have none with 0. */
export function seriesOf(usage: readonly Usage[]): Series[] {
  const found = new Map<string, { service: CloudService; currency: string | null; values: Map<string, number> }>();
  for (const { month, service, amount, currency, seats } of usage) {
    for (const [value, unit] of [
      [amount, currency ?? ''],
      [seats, null],
    ] as const) {
      if (value === undefined) continue;
      const key = JSON.stringify([service, unit]);
      const series = found.get(key) ?? { service, currency: unit, values: new Map() };
      series.values.set(month, (series.values.get(month) ?? 0) + value);
      found.set(key, series);
    }
  }
  return [...found.values()].map(({ service, currency, values }) => ({
    service,
    currency,
    points: monthsBetween([...values.keys()].sort()).map((month) => ({ month, value: values.get(month) ?? 0 })),
  }));
}

function monthsBetween(sorted: readonly string[]): string[] {
  const last = sorted.at(-1);
  const months: string[] = [];
  for (let month = sorted[0]; month !== undefined && last !== undefined && month <= last; month = monthAfter(month)) {
    months.push(month);
  }
  return months;
}

function monthAfter(month: string): string {
  const year = Number(month.slice(0, 4));
  const number = Number(month.slice(5));
  return number < 12 ? `${month.slice(0, 5)}${String(number + 1).padStart(2, '0')}` : `${year + 1}-01`;
}

/** What was used of one service in one unit, over several subscriptions. */
export interface Total extends Omit<Series, 'points'> {
  /** In the last month that has ended, in the month that has not, and in all months that are known. */
  readonly lastMonth: number;
  readonly thisMonth: number;
  readonly all: number;
}

/**
 * Adds up what was used, by service and unit.
 * @param month the month that has not ended yet, such as `2026-03`
 */
export function totalsOf(subscriptions: readonly Shared[], month: string): Total[] {
  const before = monthBefore(month);
  return seriesOf(subscriptions.flatMap(({ usage }) => usage)).map(({ points, ...of }) => {
    const sumOf = (counts: (month: string) => boolean) =>
      points.reduce((sum, point) => sum + (counts(point.month) ? point.value : 0), 0);
    return {
      ...of,
      lastMonth: sumOf((one) => one === before),
      thisMonth: sumOf((one) => one === month),
      all: sumOf(() => true),
    };
  });
}

export function monthBefore(month: string): string {
  const year = Number(month.slice(0, 4));
  const number = Number(month.slice(5));
  return number > 1 ? `${month.slice(0, 5)}${String(number - 1).padStart(2, '0')}` : `${year - 1}-12`;
}

/** The columns of the file, by their key in the catalogue. */
export const CSV_COLUMNS = [
  'customerId',
  'customer',
  'subscriptionId',
  'subscription',
  'service',
  'startDate',
  'endDate',
  'associated',
  'month',
  'usedService',
  'amount',
  'currency',
  'seats',
] as const;

/** One row for each month of usage; a subscription without any has one row. */
export function csvRows(subscriptions: readonly Shared[]): SpreadsheetCell[][] {
  return subscriptions.flatMap((one) => {
    const start = [one.customer.id, one.customer.name, one.subscriptionId, one.displayName, one.service];
    const dates = [one.startDate, one.endDate, one.associatedAt];
    const usage: SpreadsheetCell[][] = one.usage.map(({ month, service, amount, currency, seats }) => [
      { date: month },
      service,
      amount ?? '',
      currency ?? '',
      seats ?? '',
    ]);
    return (usage.length === 0 ? [['', '', '', '', '']] : usage).map((cells) => [...start, ...dates, ...cells]);
  });
}
