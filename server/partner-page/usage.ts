import type { SpreadsheetColumn } from '../../src/domain/spreadsheet';
import type { CloudService } from '../../src/domain/cloud-service';
import type { Words } from '../words/words';
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

/** A subscription in one of its months; `used` null: it has no usage at all. */
interface MonthOfUsage {
  readonly one: Shared;
  readonly used: Usage | null;
}

/** The columns of the file, in the order in which they are written. */
export function csvColumns({ t }: Words): readonly SpreadsheetColumn<MonthOfUsage>[] {
  return [
    { title: t('partnerPage.columns.customerId'), value: ({ one }) => one.customer.id },
    { title: t('partnerPage.columns.customer'), value: ({ one }) => one.customer.name },
    { title: t('partnerPage.columns.subscriptionId'), value: ({ one }) => one.subscriptionId },
    { title: t('partnerPage.columns.subscription'), value: ({ one }) => one.displayName },
    { title: t('partnerPage.columns.service'), value: ({ one }) => one.service },
    { title: t('partnerPage.columns.startDate'), value: ({ one }) => one.startDate },
    { title: t('partnerPage.columns.endDate'), value: ({ one }) => one.endDate },
    { title: t('partnerPage.columns.associated'), value: ({ one }) => one.associatedAt },
    { title: t('partnerPage.columns.month'), value: ({ used }) => (used === null ? '' : { date: used.month }) },
    { title: t('partnerPage.columns.usedService'), value: ({ used }) => used?.service ?? '' },
    { title: t('partnerPage.columns.amount'), value: ({ used }) => used?.amount ?? '' },
    { title: t('partnerPage.columns.currency'), value: ({ used }) => used?.currency ?? '' },
    { title: t('partnerPage.columns.seats'), value: ({ used }) => used?.seats ?? '' },
  ];
}

/** One row for each month of usage; a subscription without any has one row. */
export function csvRows(subscriptions: readonly Shared[]): MonthOfUsage[] {
  return subscriptions.flatMap<MonthOfUsage>((one) =>
    one.usage.length === 0 ? [{ one, used: null }] : one.usage.map((used) => ({ one, used })),
  );
}
