import { locale } from './words';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Milliseconds, forwards or back, in the largest unit that fits, to the nearest one of it. */
export function inLargestUnit(ms: number): readonly [count: number, unit: 'second' | 'minute' | 'hour' | 'day'] {
  const size = Math.abs(ms);
  if (size < MINUTE_MS) return [Math.round(ms / 1000), 'second'];
  if (size < HOUR_MS) return [Math.round(ms / MINUTE_MS), 'minute'];
  if (size < DAY_MS) return [Math.round(ms / HOUR_MS), 'hour'];
  return [Math.round(ms / DAY_MS), 'day'];
}

/** How much time that is, forwards or back, in milliseconds: "2 hours". */
export function amountText(ms: number): string {
  const [count, unit] = inLargestUnit(Math.abs(ms));
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
