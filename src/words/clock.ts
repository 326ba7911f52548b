import { inLargestUnit } from './amount-of-time';
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

/** How much time that is, forwards or back: "2 hours". */
function amountText(ms: number): string {
  const [count, unit] = inLargestUnit(Math.abs(ms));
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
