import type { Row } from './row';

/** How many subscriptions one partner is the partner of record of. */
export interface PartnerCount {
  readonly partnerId: string;
  /** As the newest record that names it does; null where none does. */
  readonly name: string | null;
  readonly count: number;
}

/** Who is on how many subscriptions. */
export interface Summary {
  readonly withPartner: number;
  readonly without: number;
  /** A change of theirs has no outcome that anybody knows. */
  readonly unknown: number;
  /** The partners with the most first. */
  readonly partners: readonly PartnerCount[];
}

export function summarise(rows: readonly Row[]): Summary {
  const partners = new Map<string, { partnerId: string; name: string | null; count: number }>();
  let [withPartner, without, unknown] = [0, 0, 0];
  for (const { change, state } of rows) {
    const attached = state.partnerOfRecord;
    if (change === 'outcomeUnknown') unknown += 1;
    else if (attached === null) without += 1;
    else {
      withPartner += 1;
      const known = partners.get(attached.partnerId);
      if (known === undefined)
        partners.set(attached.partnerId, { partnerId: attached.partnerId, name: attached.name, count: 1 });
      else {
        known.count += 1;
        known.name ??= attached.name;
      }
    }
  }
  const most = [...partners.values()].sort((one, other) => other.count - one.count);
  return { withPartner, without, unknown, partners: most };
}
