/** Times and dates in the reader's locale. Times are milliseconds since the epoch; `now` comes from the caller. */

const DAY_MS = 24 * 60 * 60 * 1000;

const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const timeToTheSecond = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

/** The time of day when it is today's, else with its date. */
export function formatMoment(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? time.format(at) : dateTime.format(at);
}

/** The time of day. */
export function formatTime(at: number): string {
  return time.format(at);
}

/** The day with the name that it has in its week. */
export function formatDay(at: number): string {
  return day.format(at);
}

/** The date of an RFC 3339 time; the text itself when it is none. */
export function formatDate(rfc3339: string): string {
  const at = Date.parse(rfc3339);
  return Number.isNaN(at) ? rfc3339 : date.format(at);
}

/** How long ago or how soon, in the largest unit that fits: "3 hours ago", "in 2 minutes". */
export function formatAge(at: number, now: number): string {
  const ms = at - now;
  const size = Math.abs(ms);
  if (size < 60_000) return relative.format(Math.round(ms / 1000), 'second');
  if (size < 60 * 60_000) return relative.format(Math.round(ms / 60_000), 'minute');
  if (size < DAY_MS) return relative.format(Math.round(ms / (60 * 60_000)), 'hour');
  return relative.format(Math.round(ms / DAY_MS), 'day');
}

/** A moment near `now`, to the second; one more than an hour off, as {@link formatMoment} says it. */
export function formatSoon(at: number, now: number): string {
  return Math.abs(at - now) < 60 * 60_000 ? timeToTheSecond.format(at) : formatMoment(at, now);
}
