/** RFC 3339, and what is met besides: a space before the time, no colon in the offset. */
const FORM = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:[Zz]|[+-](\d{2}):?(\d{2})?)$/;

export type ParsedTime =
  | { readonly ok: true; readonly time: Date }
  | {
      readonly ok: false;
      /** A sentence that says why it is none. */
      readonly problem: string;
    };

/** Reads a time that has its offset, and takes none that there is not: no 30 February, no hour 24, no leap second. */
export function parseTime(text: string): ParsedTime {
  const parts = FORM.exec(text);
  if (parts === null) return none('A time is an RFC 3339 timestamp, such as 2026-01-31T00:00:00Z.');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ...offset] = parts.slice(1).map(numberOf);
  if (month < 1 || month > 12) return none(`There is no month ${month}.`);
  const days = daysIn(year, month);
  if (day < 1 || day > days) return none(`There is no day ${day}: ${parts[1]}-${parts[2]} has ${days}.`);
  if (hour > 23) return none(`There is no hour ${hour}; midnight is 00:00:00 of the day that begins.`);
  if (minute > 59) return none(`There is no minute ${minute}.`);
  if (second === 60) return none('A leap second cannot be kept; write 59.');
  if (second > 59) return none(`There is no second ${second}.`);
  const [offsetHours = 0, offsetMinutes = 0] = offset;
  if (offsetHours > 23 || offsetMinutes > 59) return none('There is no such offset from UTC.');
  const time = new Date(withPlainOffset(text));
  // Its offset may carry a time at the edge over it.
  const inUtc = time.getUTCFullYear();
  return inUtc < 1 || inUtc > 9999 ? none('The years go from 0001 to 9999 in UTC.') : { ok: true, time };
}

const none = (problem: string): ParsedTime => ({ ok: false, problem });
const numberOf = (digits: string | undefined): number => Number(digits ?? 0);

function daysIn(year: number, month: number): number {
  // Two digits would be a year of the last century.
  const last = new Date(0);
  last.setUTCFullYear(year, month, 0);
  return last.getUTCDate();
}

/** In the one form that `Date` is bound to read. */
function withPlainOffset(text: string): string {
  return text
    .replace(/[ t]/, 'T')
    .replace(/z$/, 'Z')
    .replace(/([+-]\d{2}):?(\d{2})?$/, (_all, hours: string, minutes = '00') => `${hours}:${minutes}`);
}
