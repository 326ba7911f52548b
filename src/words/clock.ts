import { amountText } from './amount-of-time';
import { t } from './words';

/** That this computer's clock is so far ahead, in milliseconds (negative: behind), and what to do about it. */
export function clockOffText(aheadMs: number): string {
  return t(aheadMs < 0 ? 'failure.clockBehind' : 'failure.clockAhead', { amount: amountText(aheadMs) });
}
