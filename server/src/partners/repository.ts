import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Partner, PartnerId } from '../../../src/domain/partner';
import type { Table } from '../database/portions';
import type { PartnersTable, Schema } from '../database/schema';
import { searchColumns } from '../database/search';

/** A partner as the organisation describes it. What is left out stays as it is; null takes it away. */
export interface PartnerEntry extends Partner {
  readonly location?: string | null;
  readonly mail?: string | null;
}

type PartnerRow = Selectable<PartnersTable>;
/** A partner's row as an import wants it; a column that is left out stays as it is. */
type WantedPartner = Omit<PartnerRow, 'location' | 'mail'> & Partial<Pick<PartnerRow, 'location' | 'mail'>>;

/** The row that an entry asks for. */
export function wantedPartner({ partnerId, name, location, mail }: PartnerEntry): WantedPartner {
  return {
    partner_id: partnerId,
    name,
    ...searchColumns(name, partnerId),
    source: 'directory',
    confirmed_at: null,
    ...(location !== undefined && { location }),
    ...(mail !== undefined && { mail }),
  };
}

/** How rows of partners are compared and written: new ones are added, those that differ are updated. */
export function partnersTable(db: Kysely<Schema>): Table<WantedPartner, WantedPartner> {
  return {
    keyOf: (row) => row.partner_id,
    read: (rows) => {
      const ids = rows.map((row) => row.partner_id);
      return db.selectFrom('partners').where('partner_id', 'in', ids).selectAll().execute();
    },
    async write(trx, rows) {
      for (const { partner_id, ...columns } of rows) {
        await trx
          .insertInto('partners')
          .values({ partner_id, ...columns })
          .onConflict((conflict) => conflict.column('partner_id').doUpdateSet(columns))
          .execute();
      }
    },
  };
}

/** A partner's row, as far as it says whether the partner can be named; undefined when there is none. */
export function readPartner(db: Kysely<Schema>, partnerId: PartnerId) {
  return db
    .selectFrom('partners')
    .where('partner_id', '=', partnerId)
    .select(['name', 'location', 'source', 'confirmed_at'])
    .executeTakeFirst();
}

export type NamedPartner = NonNullable<Awaited<ReturnType<typeof readPartner>>>;

/** Keeps the name that Partner Center gave. */
export async function keepName(trx: Transaction<Schema>, partnerId: PartnerId, name: string, now: Date): Promise<void> {
  const columns = { name, ...searchColumns(name, partnerId), confirmed_at: now };
  await trx
    .insertInto('partners')
    .values({ partner_id: partnerId, source: 'partnerCenter', ...columns })
    .onConflict((conflict) =>
      // Imported meanwhile: the organisation's own word stands.
      conflict.column('partner_id').doUpdateSet(columns).where('partners.source', '=', 'partnerCenter'),
    )
    .execute();
}

/** Notes that Partner Center does not know a partner any more that it named. */
export async function withdraw(trx: Transaction<Schema>, partnerId: PartnerId): Promise<void> {
  await trx
    .updateTable('partners')
    .set({ confirmed_at: null })
    .where('partner_id', '=', partnerId)
    .where('source', '=', 'partnerCenter')
    .execute();
}
