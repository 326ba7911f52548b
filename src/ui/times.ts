const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago, or how far ahead, in words: “just now”, “5 minutes ago”, “in 2 hours”; the date when over a week off. */
export function ageText(at: number, now: number): string {
  const ahead = at - now;
  const distance = Math.abs(ahead);
  if (distance < MINUTE_MS / 2) return ahead > 0 ? 'in a moment' : 'just now';
  if (distance >= 7 * DAY_MS) return `on ${dateText(at)}`;
  const [unit, length] =
    distance < HOUR_MS
      ? (['minute', MINUTE_MS] as const)
      : distance < DAY_MS
        ? (['hour', HOUR_MS] as const)
        : (['day', DAY_MS] as const);
  const count = Math.round(ahead / length) || Math.sign(ahead);
  return new Intl.RelativeTimeFormat('en', { numeric: 'always' }).format(count, unit);
}

/** A day in the person's own time zone, such as “23 Nov 2026”. Takes milliseconds or RFC 3339. */
export function dateText(at: number | string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' }).format(new Date(at));
}

/** A moment in the person's own time zone, such as “23 Nov 2026, 07:18:31”. */
export function momentText(at: number | string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
}
