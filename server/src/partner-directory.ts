import type { Kysely } from 'kysely';
import type { Partner, PartnerId } from '../../src/domain/partner';
import type { Schema } from './database/schema';
import { Refusal } from './refusal';

export interface DirectoryPartner extends Partner {
  readonly location: string | null;
}

/** Looks a partner up. Throws a {@link Refusal} when the directory has none of that ID. */
export async function findPartner(db: Kysely<Schema>, partnerId: PartnerId): Promise<DirectoryPartner> {
  const row = await db
    .selectFrom('partners')
    .where('partner_id', '=', partnerId)
    .select(['name', 'location'])
    .executeTakeFirst();
  if (row === undefined) {
    throw new Refusal('PartnerNotFound', `There is no partner with the ID ${partnerId}.`, { target: 'partnerId' });
  }
  return { partnerId, name: row.name, location: row.location };
}
