import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Partner, PartnerId } from '../../src/domain/partner';
import type { Database } from './database/database';
import { compareWith, inMemory, type Portion, type Table } from './database/portions';
import type { PartnersTable, Schema } from './database/schema';
import { setNewest } from './newest';
import type { LookUpPartner } from './partner-center';
import { Refusal } from './refusal';
import { searchColumns } from './search';

export interface DirectoryPartner extends Partner {
  readonly location: string | null;
}

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

/** What it takes to have partners in the directory. Writes nothing itself. */
export async function planPartners(db: Kysely<Schema>, partners: readonly PartnerEntry[]): Promise<readonly Portion[]> {
  const comparison = compareWith(partnersTable(db), inMemory);
  await comparison.add(partners.map(wantedPartner));
  return comparison.portions();
}

/** Looks a partner up in the table alone. Throws a {@link Refusal} when it has none of that ID. */
export async function findPartner(db: Kysely<Schema>, partnerId: PartnerId): Promise<DirectoryPartner> {
  const row = await readRow(db, partnerId);
  if (row === undefined || isWithdrawn(row)) throw partnerNotFound(partnerId);
  return { partnerId, name: row.name, location: row.location };
}

/** Looks a partner up. Throws a {@link Refusal}: there is none, or nobody who would know can be asked now. */
export type FindPartner = (partnerId: PartnerId) => Promise<DirectoryPartner>;

/** How long an answer of Partner Center stands before it is asked again. */
const FRESH_FOR_MS = 24 * 60 * 60 * 1000;
const UNKNOWN_FOR_MS = 5 * 60 * 1000;
const MOST_UNKNOWN = 10_000;

/**
 * A look-up that asks Partner Center about partners whom the organisation's own directory does not name, and keeps what it
 * learns in the table: a name for a day, that there is none for five minutes. While Partner Center cannot be asked, a name
 * stands however old it is. Without `lookUp` only the table is asked.
 */
export function partnerFinder(database: Database, lookUp: LookUpPartner | null, clock: () => Date): FindPartner {
  const { db } = database;
  if (lookUp === null) return (partnerId) => findPartner(db, partnerId);
  /** When Partner Center said that it has no such partner; the oldest first. */
  const unknown = new Map<PartnerId, number>();

  return async (partnerId) => {
    const row = await readRow(db, partnerId);
    const now = clock();
    if (row !== undefined && isFresh(row, now)) return { partnerId, name: row.name, location: row.location };
    if (now.getTime() - (unknown.get(partnerId) ?? Number.NEGATIVE_INFINITY) < UNKNOWN_FOR_MS) {
      throw partnerNotFound(partnerId);
    }

    const answer = await lookUp(partnerId);
    switch (answer.kind) {
      case 'found':
        unknown.delete(partnerId);
        await database.transaction((trx) => keepAnswer(trx, partnerId, answer.name, now));
        return { partnerId, name: answer.name, location: row?.location ?? null };
      case 'unknown':
        setNewest(unknown, partnerId, now.getTime(), MOST_UNKNOWN);
        if (row !== undefined) await database.transaction((trx) => withdraw(trx, partnerId));
        throw partnerNotFound(partnerId);
      case 'unavailable':
        if (row !== undefined && !isWithdrawn(row)) return { partnerId, name: row.name, location: row.location };
        throw new Refusal(
          'PartnerDirectoryUnavailable',
          `Partner ${partnerId} is not in the directory, and Partner Center cannot be asked now. Try again shortly.`,
          { target: 'partnerId', headers: { 'retry-after': String(answer.retryAfterSeconds) } },
        );
    }
  };
}

function readRow(db: Kysely<Schema>, partnerId: PartnerId) {
  return db
    .selectFrom('partners')
    .where('partner_id', '=', partnerId)
    .select(['name', 'location', 'source', 'confirmed_at'])
    .executeTakeFirst();
}

type NamedRow = NonNullable<Awaited<ReturnType<typeof readRow>>>;

/** Partner Center named it once and does not know it any more. The row stays, for those whose partner of record it still is. */
function isWithdrawn(row: NamedRow): boolean {
  return row.source === 'partnerCenter' && row.confirmed_at === null;
}

function isFresh(row: NamedRow, now: Date): boolean {
  if (row.source === 'directory') return true;
  return row.confirmed_at !== null && now.getTime() - row.confirmed_at.getTime() < FRESH_FOR_MS;
}

async function keepAnswer(trx: Transaction<Schema>, partnerId: PartnerId, name: string, now: Date): Promise<void> {
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

async function withdraw(trx: Transaction<Schema>, partnerId: PartnerId): Promise<void> {
  await trx
    .updateTable('partners')
    .set({ confirmed_at: null })
    .where('partner_id', '=', partnerId)
    .where('source', '=', 'partnerCenter')
    .execute();
}

function partnerNotFound(partnerId: PartnerId): Refusal {
  return new Refusal('PartnerNotFound', `There is no partner with the ID ${partnerId}.`, { target: 'partnerId' });
}
