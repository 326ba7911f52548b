import type { CloudService } from '../domain/cloud-service';
import { locale } from '../words/words';
import type { Row } from './row';
import { namesIn } from './sort-rows';

/** One thing that the rows can be narrowed to. */
export interface FacetValue<Id extends string = string> {
  readonly id: Id;
  readonly name: string;
}

/** What there is among the rows to narrow them to, in the order of the names. */
export interface Facets {
  readonly services: readonly CloudService[];
  readonly partners: readonly FacetValue[];
  readonly customers: readonly FacetValue[];
}

export function facetsOf(rows: readonly Row[]): Facets {
  const services = new Set<CloudService>();
  const partners = new Map<string, string>();
  const customers = new Map<string, string>();
  for (const { state, partner, customer } of rows) {
    if (state.partnerOfRecord !== null) partners.set(state.partnerOfRecord.partnerId, partner);
    if (state.subscription === null) continue;
    services.add(state.subscription.service);
    customers.set(state.subscription.customer.id, customer);
  }
  return { services: [...services].sort(), partners: byName(partners), customers: byName(customers) };
}

function byName(names: ReadonlyMap<string, string>): readonly FacetValue[] {
  const compare = namesIn(locale());
  return [...names].map(([id, name]) => ({ id, name })).sort((one, other) => compare(one.name, other.name));
}

/** The browser's own list of more than this is slow to open, and nobody finds anything in it. */
const MOST_OFFERED = 500;

/** As many as a list can offer, with what is chosen among them; that may be nothing that is there (any more). */
export function offered<Id extends string>(
  values: readonly FacetValue<Id>[],
  chosen: Id | null,
): readonly FacetValue<Id>[] {
  const first = values.slice(0, MOST_OFFERED);
  if (chosen === null || first.some(({ id }) => id === chosen)) return first;
  return [...first, values.find(({ id }) => id === chosen) ?? { id: chosen, name: chosen }];
}
