import { inLargestUnit } from '../words/amount-of-time';
import { locale } from '../words/words';

/**
 * Times and dates as the words around them are written. Times are milliseconds since the epoch; `now` comes from the caller. Inside
 * a sentence they stand in a `bdi`: a locale's own order of date and punctuation is not to mix with the sentence's.
 */

const FORMS = {
  time: { hour: 'numeric', minute: '2-digit' },
  timeToTheSecond: { timeStyle: 'medium' },
  dateTime: { dateStyle: 'medium', timeStyle: 'short' },
  date: { dateStyle: 'medium' },
  day: { dateStyle: 'full' },
} as const;

/** Making one takes the browser longer than all that is then written with it. */
const made = new Map<string, Intl.DateTimeFormat>();

function written(form: keyof typeof FORMS, at: number): string {
  const key = `${form} ${locale()}`;
  const format = made.get(key) ?? new Intl.DateTimeFormat(locale(), FORMS[form]);
  made.set(key, format);
  return format.format(at);
}

/** The time of day when it is today's, else with its date. */
export function formatMoment(at: number, now: number): string {
  return written(new Date(at).toDateString() === new Date(now).toDateString() ? 'time' : 'dateTime', at);
}

/** The time of day. */
export function formatTime(at: number): string {
  return written('time', at);
}

/** The day with the name that it has in its week. */
export function formatDay(at: number): string {
  return written('day', at);
}

/** The date of an RFC 3339 time; the text itself when it is none. */
export function formatDate(rfc3339: string): string {
  const at = Date.parse(rfc3339);
  return Number.isNaN(at) ? rfc3339 : written('date', at);
}

const counts = new Map<string, Intl.NumberFormat>();

/** A number by itself; one in a sentence is written by the sentence. */
export function formatCount(count: number): string {
  const format = counts.get(locale()) ?? new Intl.NumberFormat(locale());
  counts.set(locale(), format);
  return format.format(count);
}

/** How long ago or how soon, in the largest unit that fits: "3 hours ago", "in 2 minutes". */
export function formatAge(at: number, now: number): string {
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(...inLargestUnit(at - now));
}

/** A moment near `now`, to the second; one more than an hour off, as {@link formatMoment} says it. */
export function formatSoon(at: number, now: number): string {
  return Math.abs(at - now) < 60 * 60_000 ? written('timeToTheSecond', at) : formatMoment(at, now);
}
