import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { PartnerId } from '../../../src/domain/partner';
import type { Schema } from '../database/schema';
import { holdsText } from '../database/search';

/** So many pages of the table are looked into, each with some tens of rows, to learn how many subscriptions there may be. */
const SAMPLE_PAGES = 32;
/**
 * To collect more, and to put them in order, takes longer than to go through all in order until a page is full: among a million, both
 * take about as long at this number.
 */
const MOST_COLLECTED = 3000;
/** Customers, and partners, whose subscriptions are collected. */
const MOST_OF_EACH = 500;

interface Probe {
  readonly customers: string[];
  readonly partners: PartnerId[];
  readonly isWhole: boolean;
  readonly about: number;
}

/** Which subscriptions hold a text, as a condition on their rows, and how to come by them. */
export interface Search {
  /**
   * `inOrder`: so many hold it that going through all by name fills a page soon. `collected`: so few that all are to be found first, and
   * then put in order.
   */
  readonly way: 'inOrder' | 'collected';
  readonly condition: RawBuilder<SqlBool>;
}

/** Plans the search for a text. Whatever it decides, the same subscriptions are found, in another time. */
export async function planSearch(db: Kysely<Schema>, text: string): Promise<Search> {
  const { customers, partners, isWhole, about } = await probe(db, text);
  const way = !isWhole && about <= MOST_COLLECTED ? 'collected' : 'inOrder';
  if (customers.length > MOST_OF_EACH || partners.length > MOST_OF_EACH) {
    const holds = holdsText(text, 'looking');
    return {
      way: 'inOrder',
      condition: sql<SqlBool>`(${holds('subscriptions')} or ${holds('customers')} or ${holds('partners')})`,
    };
  }
  // Named one by one, and only where there are any: the database knows so how few they are, and looks at no other's name.
  const ways = [
    holdsText(text, way === 'collected' ? 'index' : 'looking')('subscriptions'),
    ...(customers.length > 0 ? [sql<SqlBool>`subscriptions.customer_id = any(${customers}::text[])`] : []),
    ...(partners.length > 0 ? [sql<SqlBool>`subscriptions.partner_id = any(${partners}::text[])`] : []),
  ];
  return { way, condition: sql<SqlBool>`(${sql.join(ways, sql` or `)})` };
}

/** The customers and partners that hold the text, and about how many subscriptions do, or are of one of those. */
async function probe(db: Kysely<Schema>, text: string): Promise<Probe> {
  const isFound = holdsText(text, 'index');
  const { rows } = await sql<Probe>`
    with found as materialized (
      select array(select customer_id from customers where ${isFound('customers')} limit ${MOST_OF_EACH + 1}) as customers,
        array(select partner_id from partners where ${isFound('partners')} limit ${MOST_OF_EACH + 1}) as partners,
        least(100, 100.0 * ${SAMPLE_PAGES} * current_setting('block_size')::bigint
          / greatest(1, pg_relation_size('subscriptions'))) as share
    )
    select customers, partners, share = 100 as "isWhole", (
      select count(*)::float8 from subscriptions tablesample system ((select share from found))
      where ${holdsText(text, 'looking')('subscriptions')}
        or customer_id in (select unnest(customers) from found) or partner_id in (select unnest(partners) from found)
    ) * 100 / share as "about"
    from found`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('A select of one row has a row.');
  return row;
}
