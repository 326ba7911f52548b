import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Schema } from '../../server/src/database/schema';
import { foldAnew } from '../../server/src/database/search';
import { databases } from './support/databases';
import { ADMIN, openWorld, type World } from './support/world';
import { deferred } from '../support/deferred';

const quietly = (more: { signal?: AbortSignal; mostRows?: number } = {}) => ({
  signal: new AbortController().signal,
  onTrouble: (error: unknown) => {
    throw error;
  },
  againAfterMs: 5,
  ...more,
});

describe.each(databases)('a search on $name', (kind) => {
  let world: World;
  let db: Kysely<Schema>;
  beforeAll(async () => {
    world = await openWorld(kind);
    db = world.database.db;
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    for (const table of ['changes', 'subscriptions']) await sql`delete from ${sql.table(table)}`.execute(db);
  });

  async function pageOf(query: Record<string, string>) {
    const url = `/v1/subscriptions?${new URLSearchParams(query)}`;
    const answer = await world.service.app.inject({ url, headers: world.authorization(ADMIN) });
    expect(answer.statusCode).toBe(200);
    const { value, nextLink } = answer.json<{ value: { displayName: string }[]; nextLink?: string }>();
    return { names: value.map(({ displayName }) => displayName), nextLink };
  }
  const find = async (filter: string) => (await pageOf({ filter })).names;
  /** Adds subscriptions of those names, whose IDs hold no letter to be found, and returns their IDs. */
  async function name(...names: readonly string[]): Promise<string[]> {
    const ids = names.map((_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
    await world.load({
      subscriptions: names.map((displayName, index) => ({
        subscriptionId: ids[index] ?? '',
        displayName,
        service: 'azure',
        state: 'Active',
        startDate: '2025-01-01T00:00:00Z',
        endDate: '2027-01-01T00:00:00Z',
        customerId: 'contoso',
        roles: { [ADMIN]: 'Reader' },
      })),
    });
    return ids;
  }

  /** Leaves rows as a version wrote them that folded nothing but letter case, and knew of no number. */
  async function makeOld(): Promise<void> {
    const rows = await db.selectFrom('subscriptions').select(['subscription_id', 'display_name']).execute();
    const texts = rows.map((row) => `${row.display_name}\n${row.subscription_id}`.toLowerCase());
    await sql`update subscriptions set search_fold = null, search_name = null, search_text = old.text
      from unnest(${rows.map((row) => row.subscription_id)}::text[], ${texts}::text[]) as old (id, text)
      where subscription_id = old.id`.execute(db);
  }

  const numbers = async () => {
    const { rows } = await sql<{
      fold: number | null;
    }>`select distinct case when search_name = display_name then search_fold end
      as fold from subscriptions`.execute(db);
    return rows.map(({ fold }) => fold);
  };

  it.each([
    ['İSTANBUL', 'istanbul'],
    ['Su\u0308dwind', 'südwind'],
    ['Großmann', 'GROSSMANN'],
    ['ＡＢＣ', 'abc'],
    ['O’Neill\u00a0Ltd', "o'neill ltd"],
    ['Rabatt 50%', '５０％'],
    ['C:\\data', '＼DATA'],
  ])('finds “%s” by “%s”, and nothing else', async (displayName, filter) => {
    await name(displayName, 'Rabatt 500', 'C:/data');
    expect(await find(filter)).toEqual([displayName]);
  });

  it('finds a customer and a partner by the same fold', async () => {
    const [customer, partnerId] = [randomUUID(), '2345678'];
    await world.load({
      partners: [{ partnerId, name: 'DİYARBAKIR Bilişim' }],
      customers: [{ id: customer, name: 'Großmann AG' }],
    });
    const partnerOfRecord = { partnerId, assignedAt: '2026-01-01T00:00:00Z', assignedBy: 'Ada' };
    await world.subscription({ displayName: 'Of the customer', customerId: customer });
    await world.subscription({ displayName: 'Of the partner', partnerOfRecord });
    expect(await find('GROSSMANN')).toEqual(['Of the customer']);
    expect(await find('diyarbakir')).toEqual(['Of the partner']);
  });

  it('looks in texts of the earlier fold by that one until they are folded anew', async () => {
    await name('İSTANBUL', 'SÜDWIND', 'Production');
    await makeOld();
    const found = async () => [
      await find('İstan'),
      await find('südwind'),
      await find('su\u0308dw'),
      await find('prod'),
    ];
    expect(await found()).toEqual([['İSTANBUL'], ['SÜDWIND'], ['SÜDWIND'], ['Production']]);
    expect(await foldAnew(world.database, quietly())).toBe(3);
    expect(await found()).toEqual([['İSTANBUL'], ['SÜDWIND'], ['SÜDWIND'], ['Production']]);
    expect(await find('istanbul')).toEqual(['İSTANBUL']);
    expect(await foldAnew(world.database, quietly())).toBe(0);
  });

  it('shows each once, page by page, while they are folded anew', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `Büro ${index}`);
    await name(...names);
    await makeOld();
    const shown: string[] = [];
    let query: Record<string, string> = { pageSize: '2', filter: 'BÜRO' };
    for (;;) {
      const page = await pageOf(query);
      shown.push(...page.names);
      if (page.nextLink === undefined) break;
      query = Object.fromEntries(new URL(page.nextLink).searchParams);
      const stop = new AbortController();
      await foldAnew(oneTransaction(stop), quietly({ signal: stop.signal, mostRows: 1 }));
    }
    expect(shown).toEqual(names);
    expect((await numbers()).toSorted()).toEqual([2, null]);
  });

  /** The database for one that ends after its first transaction that does anything. */
  function oneTransaction(stop: AbortController): Pick<World['database'], 'db' | 'transaction'> {
    return {
      db,
      transaction: async (work) => {
        const result = await world.database.transaction(work);
        if (result !== 0) stop.abort();
        return result;
      },
    };
  }

  it('goes on where one was killed, and leaves nothing half of a transaction', async () => {
    await name('ＱＡ', 'ＱＢ', 'ＱＣ', 'ＱＤ', 'ＱＥ');
    await makeOld();
    let transactions = 0;
    const killed = foldAnew(
      {
        db,
        transaction: (work) =>
          world.database.transaction(async (trx) => {
            const result = await work(trx);
            if (result !== 0) transactions += 1;
            if (transactions === 2) throw new Error('It is killed.');
            return result;
          }),
      },
      quietly({ mostRows: 2 }),
    );
    await expect(killed).rejects.toThrow('It is killed.');
    expect(await foldAnew(world.database, quietly({ mostRows: 2 }))).toBe(3);
    expect(await numbers()).toEqual([2]);
    expect(await find('ｑｃ')).toEqual(['ＱＣ']);
  });

  it('has each row folded once by two at work at the same time', async () => {
    await name(...Array.from({ length: 30 }, (_, index) => `Ｎ${index}`));
    await makeOld();
    const counts = await Promise.all([1, 2].map(() => foldAnew(world.database, quietly({ mostRows: 4 }))));
    expect(counts.reduce((sum, count) => sum + count)).toBe(30);
    expect(await numbers()).toEqual([2]);
  });

  it('finds by its new name at once what an earlier version renames, which is folded at the next start', async () => {
    const [id = ''] = await name('Production');
    await sql`update subscriptions set display_name = 'GROẞE Halle', search_text = ${'große halle'}
      where subscription_id = ${id}`.execute(db);
    expect([await find('Große'), await find('production')]).toEqual([['GROẞE Halle'], []]);
    expect(await foldAnew(world.database, quietly())).toBe(1);
    expect(await find('GROSSE')).toEqual(['GROẞE Halle']);
  });

  it('leaves what a later version has folded', async () => {
    const [id = ''] = await name('Production');
    await sql`update subscriptions set search_fold = 99 where subscription_id = ${id}`.execute(db);
    expect(await foldAnew(world.database, quietly())).toBe(0);
    expect(await find('production')).toEqual(['Production']);
  });

  it('waits for rows that somebody holds, without a lock, and folds them once they are free', async () => {
    if (world.database.embedded) return;
    const [id = ''] = await name('Ｈ', 'Ｉ');
    await makeOld();
    const held = deferred();
    let holding: Promise<void> | undefined;
    const isHeld = new Promise<void>((resolve) => {
      holding = world.database.transaction(async (trx) => {
        await sql`select from subscriptions where subscription_id = ${id} for update`.execute(trx);
        resolve();
        await held.promise;
      });
    });
    await isHeld;
    const folding = foldAnew(world.database, quietly());
    await expect.poll(numbers).toEqual(expect.arrayContaining([2, null]));
    held.resolve();
    await holding;
    expect(await folding).toBe(2);
  });
});
