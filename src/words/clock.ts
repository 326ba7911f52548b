import { locale, t } from './words';

/** That this computer's clock is so far ahead, in milliseconds (negative: behind), and what to do about it. */
export function clockOffText(aheadMs: number): string {
  return t(aheadMs < 0 ? 'failure.clockBehind' : 'failure.clockAhead', { amount: amountText(aheadMs) });
}

/** The same beside a service that answers all the same. */
export function reachableClockOffText(aheadMs: number): string {
  return t(aheadMs < 0 ? 'options.reachableClockBehind' : 'options.reachableClockAhead', {
    amount: amountText(aheadMs),
  });
}

/** How much time that is, in the largest unit of which there are two: "2 hours". */
function amountText(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 120) return written(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours < 48 ? written(hours, 'hour') : written(Math.round(hours / 24), 'day');
}

function written(count: number, unit: 'minute' | 'hour' | 'day'): string {
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
