/** What two dates let through, in milliseconds since the epoch: from the beginning of the one day until the other has ended. */
export interface DateRange {
  readonly from?: number;
  readonly until?: number;
}

export type ParsedDateRange =
  | { readonly ok: true; readonly range: DateRange }
  /** `notADate`: one of them is none; `reversed`: the first day comes after the last. */
  | { readonly ok: false; readonly problem: 'notADate' | 'reversed' };

/**
 * Reads what two date fields hold, in the clock's own time zone.
 * @param first the first day as `yyyy-mm-dd`; empty for no limit
 * @param last the last day, which is let through as a whole; empty for no limit
 */
export function parseDateRange(first: string, last: string): ParsedDateRange {
  const from = first === '' ? null : dayOf(first);
  const end = last === '' ? null : dayOf(last);
  if (Number.isNaN(from?.getTime()) || Number.isNaN(end?.getTime())) return { ok: false, problem: 'notADate' };
  if (from !== null && end !== null && from > end) return { ok: false, problem: 'reversed' };
  // The day after, rather than 24 hours: a day may have 23 or 25.
  end?.setDate(end.getDate() + 1);
  return { ok: true, range: { ...(from && { from: from.getTime() }), ...(end && { until: end.getTime() }) } };
}

/** The beginning of a day; an invalid date when the text is none. */
function dayOf(text: string): Date {
  return new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : Number.NaN);
}
