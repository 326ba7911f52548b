import { locale, t } from '../words/words';
import type { Row } from './row';
import type { Column, Sort } from './view';

/** The rows in an order that a person asked for. What has nothing in that column comes last, either way. */
export function sortRows(rows: readonly Row[], { column, descending }: Sort): readonly Row[] {
  const compare = comparisonBy(column);
  const keyed = rows.map((row) => ({ row, key: sortKey(row, column) }));
  const turned = descending ? -1 : 1;
  keyed.sort((one, other) => {
    if (one.key === '' || other.key === '') return (one.key === '' ? 1 : 0) - (other.key === '' ? 1 : 0);
    return turned * compare(one.key, other.key);
  });
  return keyed.map(({ row }) => row);
}

function comparisonBy(column: Column): (one: string, other: string) => number {
  switch (column) {
    case 'id':
    case 'since':
      return (one, other) => (one < other ? -1 : one > other ? 1 : 0);
    case 'name':
    case 'service':
    case 'customer':
    case 'partner':
    case 'role':
    case 'state':
      return namesIn(locale());
  }
}

/** Making one takes longer than to compare a thousand names by it. */
const made = new Map<string, Intl.Collator>();

/** How people order names: `Test 2` before `Test 10`. */
export function namesIn(language: string): (one: string, other: string) => number {
  const collator = made.get(language) ?? new Intl.Collator(language, { numeric: true });
  made.set(language, collator);
  return collator.compare;
}

function sortKey({ subscriptionId, name, customer, partner, state }: Row, column: Column): string {
  switch (column) {
    case 'name':
      return name;
    case 'id':
      return subscriptionId;
    case 'service':
      return state.subscription === null ? '' : t(`services.${state.subscription.service}`);
    case 'customer':
      return customer;
    case 'partner':
      return partner;
    case 'since': {
      const at = state.partnerOfRecord?.assignedAt ?? null;
      // Of one length, so that their texts are in the order of the moments.
      return at === null ? '' : new Date(at).toISOString();
    }
    case 'role':
      return state.rights.role === null ? '' : t(`rights.roles.${state.rights.role}`);
    case 'state':
      return state.subscription?.state ?? '';
  }
}
