import { parseTime } from '../time';

const DAYS = /^([1-9][0-9]{0,3})d$/;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * When an access token made `now` is to end, as an operator says it: after so many days (`90d`), or with a day to come, in UTC
 * (`2027-01-31`). Null when the text is neither.
 */
export function parseTokenEnd(text: string, now: Date): Date | null {
  const days = DAYS.exec(text)?.[1];
  if (days !== undefined) return new Date(now.getTime() + Number(days) * DAY_MS);
  const day = parseTime(`${text}T00:00:00Z`);
  if (!day.ok) return null;
  const end = new Date(day.time.getTime() + DAY_MS);
  return end > now ? end : null;
}
