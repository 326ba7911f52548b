import type { Kysely } from 'kysely';
import type { PartnerId } from '../../../src/domain/partner';
import { compareWith, type Portion, type PutAside } from '../database/portions';
import type { Schema } from '../database/schema';
import { partnersTable, wantedPartner } from '../partners/repository';
import type { Directory, DirectoryList } from './directory';
import { absence, placeOf } from './problems';
import {
  callersAmong,
  callersTable,
  customersAmong,
  customersTable,
  newAmong,
  partnersAmong,
  rolesTable,
  subscriptionsTable,
  usageTable,
  wantedCaller,
  wantedCustomer,
  wantedRoles,
  wantedSubscription,
  wantedUsage,
} from './repository';

/** The entries of a directory, some at a time and in their order; as often as they are asked for. */
export type DirectorySource = {
  readonly [List in DirectoryList]: () => AsyncIterable<Directory[List]>;
};

export interface Planning {
  /** Where rows that differ are kept until they are written. */
  readonly putAside: PutAside;
  /** Hears what the directory speaks of and neither it nor the database has, one sentence each. */
  readonly problem: (sentence: string) => void;
  /** Hears how many more entries were compared. */
  readonly compared?: (entries: number) => void;
}

/**
 * What it takes to have a directory in the database: what is new is added, what differs is updated, nothing is taken away. Judges
 * the whole of it by what the database has, holds little of it at once, and writes nothing. The portions are in an order in which
 * each finds what it refers to; with any problem, none is to be written.
 */
export async function planDirectory(
  db: Kysely<Schema>,
  source: DirectorySource,
  { putAside, problem, compared = () => undefined }: Planning,
): Promise<readonly Portion[]> {
  const knownPartners = lookUp((ids: readonly PartnerId[]) => partnersAmong(db, ids));
  const knownCustomers = lookUp((ids: readonly string[]) => customersAmong(db, ids));
  const knownCallers = lookUp((ids: readonly string[]) => callersAmong(db, ids));

  const partners = compareWith(partnersTable(db), putAside);
  for await (const entries of source.partners()) {
    knownPartners.add(entries.map(({ partnerId }) => partnerId));
    await partners.add(
      entries.map((entry) => wantedPartner({ ...entry, location: entry.location ?? null, mail: entry.mail ?? null })),
    );
    compared(entries.length);
  }

  const customers = compareWith(customersTable(db), putAside);
  for await (const entries of source.customers()) {
    knownCustomers.add(entries.map(({ id }) => id));
    await customers.add(entries.map(wantedCustomer));
    compared(entries.length);
  }

  const callers = compareWith(callersTable(db), putAside);
  for await (const { entries, first } of numbered(source.callers())) {
    knownCallers.add(entries.map(({ principalId }) => principalId));
    const unknown = await knownPartners.lacking(entries.flatMap(({ partnerId }) => partnerId ?? []));
    for (const [index, { principalId, partnerId }] of entries.entries()) {
      if (partnerId === undefined || !unknown.has(partnerId)) continue;
      problem(placeOf('callers', first + index, principalId, ['partnerId']) + absence('partner', partnerId));
    }
    await callers.add(entries.map(wantedCaller));
    compared(entries.length);
  }

  const subscriptions = compareWith(subscriptionsTable(db), putAside);
  const roles = compareWith(rolesTable(db), putAside);
  const usage = compareWith(usageTable(db), putAside);
  for await (const { entries, first } of numbered(source.subscriptions())) {
    const unknown = {
      customers: await knownCustomers.lacking(entries.map(({ customerId }) => customerId)),
      callers: await knownCallers.lacking(entries.flatMap((entry) => Object.keys(entry.roles))),
      partners: await knownPartners.lacking(entries.flatMap((entry) => entry.partnerOfRecord?.partnerId ?? [])),
    };
    // That of a known subscription is not taken, so that it need not exist.
    const isNew = await newAmong(
      db,
      entries.filter(({ partnerOfRecord }) => partnerOfRecord && unknown.partners.has(partnerOfRecord.partnerId)),
    );
    for (const [index, entry] of entries.entries()) {
      const at = (...fields: string[]) => placeOf('subscriptions', first + index, entry.subscriptionId, fields);
      if (unknown.customers.has(entry.customerId)) problem(at('customerId') + absence('customer', entry.customerId));
      for (const principalId of Object.keys(entry.roles)) {
        if (unknown.callers.has(principalId)) problem(at('roles') + absence('caller', principalId));
      }
      if (entry.partnerOfRecord && isNew.has(entry.subscriptionId)) {
        problem(at('partnerOfRecord', 'partnerId') + absence('partner', entry.partnerOfRecord.partnerId));
      }
    }
    await subscriptions.add(entries.map(wantedSubscription));
    await roles.add(entries.flatMap(wantedRoles));
    await usage.add(entries.flatMap(wantedUsage));
    compared(entries.length);
  }

  const all = [];
  for (const table of [partners, customers, callers, subscriptions, roles, usage])
    all.push(...(await table.portions()));
  return all;
}

/** The same with the number that the first of the entries has in its list, from 0. */
async function* numbered<Entry>(source: AsyncIterable<readonly Entry[]>) {
  let first = 0;
  for await (const entries of source) {
    yield { entries, first };
    first += entries.length;
  }
}

/** Few enough for one statement. */
const MOST_ASKED = 1000;

/** Reports which IDs nobody has: neither were they added, nor does `read` find them. Each is looked for once. */
function lookUp<Id extends string>(read: (ids: readonly Id[]) => Promise<readonly { readonly id: Id }[]>) {
  const known = new Set<Id>();
  const unknown = new Set<Id>();
  return {
    add(ids: readonly Id[]): void {
      for (const id of ids) known.add(id);
    },
    async lacking(ids: readonly Id[]): Promise<ReadonlySet<Id>> {
      const asked = [...new Set(ids)].filter((id) => !known.has(id) && !unknown.has(id));
      for (let start = 0; start < asked.length; start += MOST_ASKED) {
        const part = asked.slice(start, start + MOST_ASKED);
        for (const { id } of await read(part)) known.add(id);
        for (const id of part) if (!known.has(id)) unknown.add(id);
      }
      return unknown;
    },
  };
}
