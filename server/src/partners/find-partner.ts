import type { Kysely } from 'kysely';
import type { Partner, PartnerId } from '../../../src/domain/partner';
import type { Database } from '../database/database';
import type { Schema } from '../database/schema';
import { setNewest } from '../newest';
import { Refusal } from '../refusal';
import { REFUSALS } from '../refusals';
import type { LookUpPartner } from './partner-center';
import { keepName, type NamedPartner, readPartner, withdraw } from './repository';

export interface DirectoryPartner extends Partner {
  readonly location: string | null;
}

/** Looks a partner up in the table alone. Throws a {@link Refusal} when it has none of that ID. */
export async function listedPartner(db: Kysely<Schema>, partnerId: PartnerId): Promise<DirectoryPartner> {
  const row = await readPartner(db, partnerId);
  if (row === undefined || isWithdrawn(row)) throw partnerNotFound(partnerId);
  return { partnerId, name: row.name, location: row.location };
}

/** Looks a partner up. Throws a {@link Refusal}: there is none, or nobody who would know can be asked now. */
export type PartnerFinder = (partnerId: PartnerId) => Promise<DirectoryPartner>;

/** How long an answer of Partner Center stands before it is asked again. */
const FRESH_FOR_MS = 24 * 60 * 60 * 1000;
const UNKNOWN_FOR_MS = 5 * 60 * 1000;
const MOST_UNKNOWN = 10_000;

/**
 * A look-up that asks Partner Center about partners whom the organisation's own directory does not name, and keeps what it
 * learns in the table: a name for a day, that there is none for five minutes. While Partner Center cannot be asked, a name
 * stands however old it is. Without `lookUp` only the table is asked.
 */
export function partnerFinder(database: Database, lookUp: LookUpPartner | null, clock: () => Date): PartnerFinder {
  const { db } = database;
  if (lookUp === null) return (partnerId) => listedPartner(db, partnerId);
  /** When Partner Center said that it has no such partner; the oldest first. */
  const unknown = new Map<PartnerId, number>();

  return async (partnerId) => {
    const row = await readPartner(db, partnerId);
    const now = clock();
    if (row !== undefined && isFresh(row, now)) return { partnerId, name: row.name, location: row.location };
    if (now.getTime() - (unknown.get(partnerId) ?? Number.NEGATIVE_INFINITY) < UNKNOWN_FOR_MS) {
      throw partnerNotFound(partnerId);
    }

    const answer = await lookUp(partnerId);
    switch (answer.kind) {
      case 'found':
        unknown.delete(partnerId);
        await database.transaction((trx) => keepName(trx, partnerId, answer.name, now));
        return { partnerId, name: answer.name, location: row?.location ?? null };
      case 'unknown':
        setNewest(unknown, partnerId, now.getTime(), MOST_UNKNOWN);
        if (row !== undefined) await database.transaction((trx) => withdraw(trx, partnerId));
        throw partnerNotFound(partnerId);
      case 'unavailable':
        if (row !== undefined && !isWithdrawn(row)) return { partnerId, name: row.name, location: row.location };
        throw new Refusal('PartnerDirectoryUnavailable', {
          sentence: REFUSALS.PartnerDirectoryUnavailable.because.partner(partnerId),
          target: 'partnerId',
          headers: { 'retry-after': String(answer.retryAfterSeconds) },
        });
    }
  };
}

/** Partner Center named it once and does not know it any more. The row stays, for those whose partner of record it still is. */
function isWithdrawn(row: NamedPartner): boolean {
  return row.source === 'partnerCenter' && row.confirmed_at === null;
}

function isFresh(row: NamedPartner, now: Date): boolean {
  if (row.source === 'directory') return true;
  return row.confirmed_at !== null && now.getTime() - row.confirmed_at.getTime() < FRESH_FOR_MS;
}

function partnerNotFound(partnerId: PartnerId): Refusal {
  return new Refusal('PartnerNotFound', {
    sentence: REFUSALS.PartnerNotFound.because.partner(partnerId),
    target: 'partnerId',
  });
}
