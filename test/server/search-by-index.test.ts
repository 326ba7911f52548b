import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../server/src/database/database';
import { openDatabase } from '../../server/src/database/database';
import type { Schema } from '../../server/src/database/schema';
import { searchColumns } from '../../server/src/database/search';
import { makeIndexesBeside } from '../../server/src/database/search-indexes-beside';
import { planSearch } from '../../server/src/subscriptions/search-repository';
import { fold } from '../../src/domain/fold';
import { deferred } from '../support/deferred';
import { drawing } from '../support/drawing';
import { databases, serverUrlOf } from './support/databases';
import { ADMIN, openWorld, OTHER_ADMIN, type World } from './support/world';

/** More than a sample of them takes in, so that their number is guessed. */
const SUBSCRIPTIONS = 6000;
const CUSTOMERS = 60;
const PARTNERS = 20;
const SEARCHES = 60;
/** One in so many is seen by the caller who sees few, and is of an earlier fold. */
const FEW = 90;
const OLD = 40;
const RARE = 'quokka';

const WORDS = [
  ...[
    'Production',
    'Test',
    'ÄRZTE',
    'Großmann',
    'İzmir',
    'Ｗｉｄｅ',
    '東京支社',
    'Москва',
    'O’Neill',
    '100%',
    'a_b',
    'c:\\d',
    '💡 Licht',
  ],
  ...['EU', '7', 'xX', '-', 'Straße', 'ﬁnance', '(old)', "d'Or", 'ñandú', '東', '𝒳𝒴𝒵', 'e\u0301clair', 'ab\u00adcd'],
];

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Subscription extends Named {
  readonly customer: Named;
  readonly partner: Named | null;
  readonly isOld: boolean;
  readonly isSeenByFew: boolean;
}

const draw = drawing(20_261_127);
const oneOf = <T>(all: readonly T[]): T => {
  const one = all[draw(all.length)];
  if (one === undefined) throw new Error('There is none.');
  return one;
};
const drawnName = () => Array.from({ length: 1 + draw(4) }, () => oneOf(WORDS)).join(oneOf([' ', ' ', '-', '']));
const drawnId = () =>
  '8-4-4-4-12'.replace(/\d+/g, (length) =>
    Array.from({ length: Number(length) }, () => draw(16).toString(16)).join(''),
  );

const customers = Array.from({ length: CUSTOMERS }, (_, index): Named => ({ id: `c-${index}`, name: drawnName() }));
const partners = Array.from(
  { length: PARTNERS },
  (_, index): Named => ({ id: String(6_000_000 + index), name: drawnName() }),
);
const subscriptions = Array.from(
  { length: SUBSCRIPTIONS },
  (_, index): Subscription => ({
    id: drawnId(),
    name: index === 4567 ? `Zoo ${RARE}` : drawnName(),
    customer: oneOf(customers),
    partner: draw(3) === 0 ? null : oneOf(partners),
    isOld: draw(OLD) === 0,
    isSeenByFew: draw(FEW) === 0,
  }),
);

/** Whether a row of the first fold holds the text is said by both folds, as long as it is not folded anew. */
function holds({ id, name }: Named, text: string, isOld = false): boolean {
  const [now, then] = [fold(text), text.toLowerCase()];
  if (!isOld) return fold(name).includes(now) || fold(id).includes(now);
  const stored = `${name.toLowerCase()}\n${id.toLowerCase()}`;
  return stored.includes(now) || stored.includes(then);
}

const isFoundBy = (text: string) => (one: Subscription) =>
  holds(one, text, one.isOld) || holds(one.customer, text) || (one.partner !== null && holds(one.partner, text));

const byName = (one: Subscription, other: Subscription) =>
  Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)) || (one.id < other.id ? -1 : 1);

/** A part of some name or ID, as somebody may type it: of any length, and now and then such as nothing has. */
function drawnText(): string {
  const { name, id } = oneOf<Named>([oneOf(subscriptions), oneOf(subscriptions), oneOf(customers), oneOf(partners)]);
  const source = [...oneOf([name, name, id])];
  const from = draw(source.length);
  const part = source.slice(from, from + 1 + draw(oneOf([2, 4, 12, 40]))).join('');
  return oneOf([part, part, part.toUpperCase(), part.toLowerCase(), `${part}${oneOf(WORDS)}`, `${part}qqq`]) || part;
}

describe.each(databases)('a search among many on $name', (kind) => {
  let world: World;
  let db: Kysely<Schema>;

  beforeAll(async () => {
    world = await openWorld(kind);
    db = world.database.db;
    await world.load({
      partners: partners.map(({ id, name }) => ({ partnerId: id, name })),
      customers: customers.map(({ id, name }) => ({ id, name })),
    });
    const texts = subscriptions.map(({ id, name, isOld }) =>
      isOld ? `${name.toLowerCase()}\n${id.toLowerCase()}` : searchColumns(name, id).search_text,
    );
    await sql`insert into subscriptions (subscription_id, display_name, service, state, start_date, end_date, customer_id,
        partner_id, assigned_at, assigned_by, search_text, search_fold, search_name)
      select id, name, 'azure', 'Active', now(), now(), customer, partner, case when partner is not null then now() end,
        case when partner is not null then 'Ada' end, text, case when not old then 2 end, case when not old then name end
      from unnest(${subscriptions.map(({ id }) => id)}::text[], ${subscriptions.map(({ name }) => name)}::text[],
        ${subscriptions.map(({ customer }) => customer.id)}::text[],
        ${subscriptions.map(({ partner }) => partner?.id ?? null)}::text[], ${texts}::text[],
        ${subscriptions.map(({ isOld }) => isOld)}::boolean[]) as one (id, name, customer, partner, text, old)`.execute(
      db,
    );
    for (const [caller, seen] of [
      [ADMIN, subscriptions],
      [OTHER_ADMIN, subscriptions.filter(({ isSeenByFew }) => isSeenByFew)],
    ] as const) {
      await sql`insert into caller_roles select ${caller}, id, 'Reader'
        from unnest(${seen.map(({ id }) => id)}::text[]) as id`.execute(db);
    }
  });
  afterAll(() => world.close());

  async function find(
    filter: string,
    as: string,
    pageSize: number,
    pages = Number.POSITIVE_INFINITY,
  ): Promise<string[]> {
    const found: string[] = [];
    let url: string | undefined = `/v1/subscriptions?${new URLSearchParams({ filter, pageSize: String(pageSize) })}`;
    for (let page = 0; url !== undefined && page < pages; page++) {
      const { statusCode, body } = await world.service.app.inject({ url, headers: world.authorization(as) });
      expect([statusCode, filter]).toEqual([200, filter]);
      const { value, nextLink }: { value: { subscriptionId: string }[]; nextLink?: string } = JSON.parse(body);
      found.push(...value.map(({ subscriptionId }) => subscriptionId));
      url = nextLink?.replace(/^.*(?=\/v1)/, '');
    }
    return found;
  }

  it('finds the same, in the same order and page by page, as a look at each of them does', async () => {
    const ways = new Map<string, number>();
    for (let number = 0; number < SEARCHES; number++) {
      const text = drawnText();
      if (fold(text) === '' || text === '') continue;
      const as = oneOf([ADMIN, OTHER_ADMIN]);
      const pageSize = oneOf([3, 50, 200]);
      const wanted = subscriptions
        .filter((one) => (as === ADMIN || one.isSeenByFew) && isFoundBy(text)(one))
        .toSorted(byName)
        .map(({ id }) => id);
      const pages = 3;
      expect([text, await find(text, as, pageSize, pages)]).toEqual([text, wanted.slice(0, pages * pageSize)]);
      const { way } = await planSearch(db, text);
      ways.set(way, (ways.get(way) ?? 0) + 1);
    }
    expect(ways.get('collected')).toBeGreaterThan(SEARCHES / 2);
  });

  it('goes through all by name for what very many hold, and collects what few hold', async () => {
    // Every ID has it, and how many those are is a guess.
    await expect.poll(async () => (await planSearch(db, '-')).way).toBe('inOrder');
    expect(await find('-', OTHER_ADMIN, 200)).toHaveLength(
      subscriptions.filter(({ isSeenByFew }) => isSeenByFew).length,
    );
    expect((await planSearch(db, RARE)).way).toBe('collected');
    expect(await find(RARE, ADMIN, 50)).toHaveLength(1);
    expect(await find('nobody has this', ADMIN, 50)).toEqual([]);
  });

  it('asks an index for what few hold', async () => {
    const { condition } = await planSearch(db, RARE);
    const { rows } = await db.transaction().execute(async (trx) => {
      await sql`set local enable_seqscan = off`.execute(trx);
      return sql<Record<string, string>>`explain select from subscriptions where ${condition}`.execute(trx);
    });
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('subscriptions_by_grams');
  });

  it('finds the same without the indexes', async () => {
    const wanted = subscriptions
      .filter(isFoundBy('Großm'))
      .toSorted(byName)
      .map(({ id }) => id);
    const indexed = await find('Großm', ADMIN, 200);
    await dropIndexes(world.database);
    expect([await find('Großm', ADMIN, 200), indexed]).toEqual([wanted, wanted]);
  });
});

const NAMES = ['customers_by_grams', 'partners_by_grams', 'subscriptions_by_customer', 'subscriptions_by_grams'];

async function dropIndexes({ db }: Pick<Database, 'db'>): Promise<void> {
  for (const name of NAMES) await sql`drop index ${sql.id(name)}`.execute(db);
}

describe.each(databases)('what names are searched by on $name', (kind) => {
  const none = new AbortController().signal;
  const indexes = async ({ db }: Pick<Database, 'db'>) => {
    const { rows } = await sql<{
      name: string;
      valid: boolean;
    }>`select relname as name, indisvalid as valid from pg_index
      join pg_class on pg_class.oid = indexrelid where relname = any(${NAMES}) order by relname`.execute(db);
    return rows.map(({ name, valid }) => (valid ? name : `${name}, half made`));
  };

  it('is made with a new database, and made again after the next start when it is gone', async () => {
    const { location, dispose } = await kind.create();
    const first = await openDatabase(location);
    expect(await indexes(first)).toEqual(NAMES);
    await dropIndexes(first);
    await first.close();
    const again = await openDatabase(location);
    // Where others may hold the tables, no start waits for that.
    expect(await indexes(again)).toEqual(again.embedded ? NAMES : []);
    const { made, left } = await makeIndexesBeside(again, none);
    expect([made.toSorted(), left]).toEqual([again.embedded ? [] : NAMES, []]);
    expect(await indexes(again)).toEqual(NAMES);
    await again.close();
    await dispose();
  });

  if (kind.name === 'PGlite') return;

  it('is made once by several processes, beside a writer who waits for nobody, over what was left half made', async () => {
    const { location, dispose } = await kind.create();
    const [one, other] = [await openDatabase(location), await openDatabase(location)];
    await dropIndexes(one);
    const client = new pg.Client({ connectionString: serverUrlOf(location) });
    await client.connect();
    // Names that are the same twice, so that what is made of them fails at its end.
    await client.query(`insert into customers values ('a', 'A', 'a'), ('b', 'A', 'a')`);
    await expect(
      client.query('create unique index concurrently customers_by_grams on customers (search_text)'),
    ).rejects.toThrow('could not create unique index');
    expect(await indexes(one)).toEqual(['customers_by_grams, half made']);
    // An open transaction is waited for by whoever makes an index, and goes on meanwhile.
    await client.query(`begin; insert into partners (partner_id, name, search_text) values ('1', 'A', 'a')`);
    const making = Promise.all([makeIndexesBeside(one, none), makeIndexesBeside(other, none)]);
    await expect.poll(() => indexes(one)).toContain('subscriptions_by_grams');
    await one.db.insertInto('customers').values({ customer_id: 'c', name: 'C', search_text: 'c' }).execute();
    await client.query('commit');
    const made = (await making).flatMap((both) => both.made);
    expect(made.toSorted()).toEqual(NAMES);
    expect(await indexes(one)).toEqual(NAMES);
    await client.end();
    await Promise.all([one.close(), other.close()]);
    await dispose();
  });

  it('is given up at a stop, and its connections with it', async () => {
    const { location, dispose } = await kind.create();
    const database = await openDatabase(location);
    await dropIndexes(database);
    const client = new pg.Client({ connectionString: serverUrlOf(location) });
    await client.connect();
    await client.query(`begin; insert into customers values ('a', 'A', 'a')`);
    const over = new AbortController();
    const given = deferred();
    const making = makeIndexesBeside(database, over.signal).catch(() => given.resolve());
    await expect.poll(() => indexes(database)).toContain('subscriptions_by_customer');
    over.abort();
    await given.promise;
    await making;
    await client.query('commit');
    await client.end();
    await expect.poll(async () => (await makeIndexesBeside(database, none)).left).toEqual([]);
    expect(await indexes(database)).toEqual(NAMES);
    await database.close();
    await dispose();
  });

  it('is left to the owner of the tables by a role that does not own them', async () => {
    const { location, dispose } = await kind.create();
    const owner = await openDatabase(location);
    await dropIndexes(owner);
    const url = new URL(serverUrlOf(location));
    url.username = `por_reader_${url.pathname.slice(-8)}`;
    await sql.raw(`create role ${url.username} login`).execute(owner.db);
    await sql
      .raw(`grant select, insert, update, delete on all tables in schema public to ${url.username}`)
      .execute(owner.db);
    const database = await openDatabase({ kind: 'server', url: url.href });
    const { made, left } = await makeIndexesBeside(database, none);
    expect([made, left.toSorted()]).toEqual([[], NAMES]);
    await database.close();
    await sql.raw(`drop owned by ${url.username}`).execute(owner.db);
    await sql.raw(`drop role ${url.username}`).execute(owner.db);
    await owner.close();
    await dispose();
  });
});
