import { locale } from '../words/words';
import { customerKey, type Row } from './row';
import { namesIn } from './sort-rows';

/** The rows of one customer. */
export interface CustomerGroup {
  readonly key: string;
  /** Empty where the backend knows no customer. */
  readonly customer: string;
  readonly rows: readonly Row[];
}

/** What stands in a line of the table. */
export type Line =
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'group'; readonly group: CustomerGroup };

/** A line for each row, in their order. */
export function plainLines(rows: readonly Row[]): readonly Line[] {
  return rows.map((row) => ({ kind: 'row', row }));
}

/** The rows under a line for each customer, by the customers' names; each customer's in their order. */
export function groupedLines(rows: readonly Row[]): readonly Line[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = customerKey(row) ?? '';
    const group = groups.get(key) ?? [];
    if (group.length === 0) groups.set(key, group);
    group.push(row);
  }
  const compare = namesIn(locale());
  return [...groups]
    .map(([key, of]): CustomerGroup => ({ key, customer: of[0]?.customer ?? '', rows: of }))
    .sort((one, other) =>
      one.customer === '' || other.customer === ''
        ? Number(one.customer === '') - Number(other.customer === '')
        : compare(one.customer, other.customer),
    )
    .flatMap((group): Line[] => [{ kind: 'group', group }, ...plainLines(group.rows)]);
}
