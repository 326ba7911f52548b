import type { Kysely } from 'kysely';
import { compareWith, inMemory, type Portion } from '../database/portions';
import type { Schema } from '../database/schema';
import { type PartnerEntry, partnersTable, wantedPartner } from './repository';

/** What it takes to have partners in the directory. Writes nothing itself. */
export async function planPartners(db: Kysely<Schema>, partners: readonly PartnerEntry[]): Promise<readonly Portion[]> {
  const comparison = compareWith(partnersTable(db), inMemory);
  await comparison.add(partners.map(wantedPartner));
  return comparison.portions();
}
