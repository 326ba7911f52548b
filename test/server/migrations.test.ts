import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, type Migration, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { embeddedFolder } from '../../server/src/database/data-folder';
import { type DatabaseLocation, openDatabase } from '../../server/src/database/database';
import { NewerSchema } from '../../server/src/database/migrations';
import { buildService } from '../../server/src/service';
import { issueToken } from '../../server/src/callers/tokens';
import { databases, serverUrlOf } from './support/databases';
import { buildCommand, killAll, type Running, start } from './support/process';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../server/src/database/migrations');
const NAMES = (await readdir(MIGRATIONS)).map((file) => file.replace(/\.ts$/, '')).toSorted();
/** The versions that a database may be of before the present one. */
const FORMER = NAMES.slice(0, -1);

/** Opens the database as it is, without bringing it up to date. */
async function openAsItIs(location: DatabaseLocation): Promise<Kysely<never>> {
  if (location.kind === 'server') {
    return new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: location.url }) }) });
  }
  const lite = await PGlite.create(embeddedFolder(location.folder));
  const pool = new pg.Pool({ ...createPgConfig(lite), max: 1, idleTimeoutMillis: 0 });
  const db = new Kysely<never>({ dialect: new PostgresDialect({ pool }) });
  const destroy = db.destroy.bind(db);
  return Object.assign(db, { destroy: () => destroy().then(() => lite.close()) });
}

/**
 * Makes the database that the version left whose last migration has this name, as its own migrations made it: the rows are of
 * the first version, and each later migration finds them.
 */
async function makeFormer(location: DatabaseLocation, last: string, rows: readonly string[]): Promise<void> {
  const db = await openAsItIs(location);
  await sql`create table kysely_migration (name text primary key, timestamp text not null)`.execute(db);
  for (const name of NAMES.slice(0, NAMES.indexOf(last) + 1)) {
    const migration: Migration = await import(`${MIGRATIONS}/${name}.ts`);
    await migration.up(db);
    await sql`insert into kysely_migration (name, timestamp) values (${name}, 'then')`.execute(db);
    if (name === NAMES[0]) for (const row of rows) await sql.raw(row).execute(db);
  }
  await db.destroy();
}

/** Subscriptions by what was done to them: who asked for each change, and which partner it left. */
const HISTORIES = {
  'by-ada': [['ada', 'p1']],
  'by-bo-after-ada': [
    ['ada', 'p1'],
    ['bo', 'p2'],
  ],
  loaded: [[null, 'p1']],
  'loaded-then-by-ada': [
    [null, 'p1'],
    ['ada', 'p2'],
  ],
  removed: [
    ['ada', 'p1'],
    ['bo', null],
  ],
  'by-hand': [['ada', 'p1']],
  untouched: [],
} as const satisfies Record<string, readonly (readonly [string | null, 'p1' | 'p2' | null])[]>;

const NAME_OF = { ada: 'Kim Twin', bo: 'Kim Twin' };
const PARTNERS = { p1: '4852013', p2: '5120846' };
const text = (value: string | null) => (value === null ? 'null' : `'${value}'`);
const idOf = (partner: 'p1' | 'p2' | null) => (partner === null ? null : PARTNERS[partner]);

/** The rows of the first version. */
const ROWS = [
  ...Object.values(PARTNERS).map(
    (id) =>
      `insert into partners (partner_id, name, location, search_text) values (${text(id)}, 'Partner', null, 'partner')`,
  ),
  `insert into customers values ('contoso', 'Contoso', 'contoso')`,
  ...Object.entries(NAME_OF).map(([id, name]) => `insert into callers values ('${id}', '${name}', 'Contoso', null)`),
  ...Object.entries(HISTORIES).flatMap(([id, history]) => {
    const last = history.at(-1);
    const partner = last === undefined ? null : idOf(last[1]);
    const assigned = partner === null ? 'null, null, null' : `'${partner}', now(), 'Kim Twin'`;
    const before = (index: number) => idOf(history[index - 1]?.[1] ?? null);
    return [
      `insert into subscriptions (subscription_id, display_name, service, state, start_date, end_date, customer_id,
         partner_id, assigned_at, assigned_by, revision, search_text)
       values ('${id}', '${id}', 'azure', 'Active', now(), now(), 'contoso', ${assigned}, ${history.length}, '${id}')`,
      `insert into caller_roles values ('ada', '${id}', 'AccountAdministrator')`,
      ...history.map(([by, left], index) => {
        const kind = left === null ? 'remove' : index === 0 ? 'assign' : 'change';
        const [was, is] = [before(index), idOf(left)];
        return `insert into changes (change_id, subscription_id, kind, before_partner_id, before_name, after_partner_id,
           after_name, changed_at, changed_by, principal_id)
         values (gen_random_uuid(), '${id}', '${kind}', ${text(was)}, ${text(was)}, ${text(is)}, ${text(is)}, now(),
           'Kim Twin', ${text(by)})`;
      }),
    ];
  }),
  // Put right by hand, past the log: who did it nobody knows.
  `update subscriptions set partner_id = '${PARTNERS.p2}' where subscription_id = 'by-hand'`,
];

describe.each(databases)('the schema on $name', (kind) => {
  it('is made by many who open the database at once, and left as it is by those who come later', async () => {
    const { location, dispose } = await kind.create();
    // A folder has room for one.
    const count = location.kind === 'server' ? 6 : 1;
    const opened = await Promise.all(Array.from({ length: count }, () => openDatabase(location)));
    for (const { db } of opened) expect(await db.selectFrom('subscriptions').selectAll().execute()).toEqual([]);
    await opened[0]?.db
      .insertInto('customers')
      .values({ customer_id: 'contoso', name: 'Contoso', search_text: 'contoso' })
      .execute();
    for (const { close } of opened) await close();

    const again = await openDatabase(location);
    expect(await again.db.selectFrom('customers').select('name').execute()).toEqual([{ name: 'Contoso' }]);
    await again.close();
    await dispose();
  });

  it('of a later version is refused and not touched', async () => {
    const { location, dispose } = await kind.create();
    const database = await openDatabase(location);
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', 'later')`.execute(database.db);
    await database.close();
    const refused = openDatabase(location);
    await expect(refused).rejects.toThrow(NewerSchema);
    await expect(refused).rejects.toThrow('9999-later');
    await dispose();
  });

  it.each(FORMER)(
    'of the version that ended with %s is brought up to date, with who made each change',
    async (last) => {
      const { location, dispose } = await kind.create();
      await makeFormer(location, last, ROWS);
      const database = await openDatabase(location);
      const { app } = buildService({ database, clock: () => new Date() });
      const authorization = `Bearer ${await issueToken(database.db, 'ada', new Date())}`;
      const get = async (url: string) => (await app.inject({ url, headers: { authorization } })).json();

      const { value } = await get('/v1/subscriptions');
      type Listed = { subscriptionId: string; partnerOfRecord: { assignedById?: string } | null };
      const told = value.map(({ subscriptionId, partnerOfRecord }: Listed) => [
        subscriptionId,
        partnerOfRecord && (partnerOfRecord.assignedById ?? 'not told'),
      ]);
      expect(Object.fromEntries(told)).toStrictEqual({
        'by-ada': 'ada',
        'by-bo-after-ada': 'bo',
        'by-hand': 'not told',
        loaded: 'not told',
        'loaded-then-by-ada': 'ada',
        removed: null,
        untouched: null,
      });
      for (const [id, history] of Object.entries(HISTORIES)) {
        const changes = (await get(`/v1/subscriptions/${id}/changes`)).value;
        expect(changes.map(({ byId }: { byId?: string }) => byId ?? null)).toEqual(
          history.map(([by]) => by).toReversed(),
        );
      }
      await app.close();
      await database.close();
      await dispose();
    },
  );

  if (kind.name === 'PGlite') return;

  it('leaves nothing on the server of processes that are ended while they wait for another one', async () => {
    const { location, dispose } = await kind.create();
    const url = serverUrlOf(location);
    const { main, dispose: disposeBuild } = await buildCommand();
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query('select pg_advisory_lock(7226001915)');
    const left = async () =>
      (await other.query(`select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`))
        .rowCount;
    const waiting: Running[] = [];
    onTestFinished(() => killAll(waiting));
    const signals = ['SIGTERM', 'SIGINT', 'SIGKILL'] as const;
    for (const _signal of signals) waiting.push(start(main, ['migrate'], { DATABASE_URL: url }));
    for (const { output } of waiting) await expect.poll(() => output.told).toContain('Waiting for another process');
    expect(await left()).toBe(3);
    for (const [index, signal] of signals.entries()) waiting[index]?.child.kill(signal);
    for (const { ended } of waiting) expect(await ended).toBe(null);
    await expect.poll(left).toBe(0);
    await other.end();
    await (await openDatabase(location)).close();
    await disposeBuild();
    await dispose();
  });

  it('gives way to whoever reads a table that somebody holds, tells the person who waits, and is up to date in the end', async () => {
    const { location, dispose } = await kind.create();
    // The last that changes a table comes after it.
    await makeFormer(location, '0007-token-ends', ROWS);
    const url = serverUrlOf(location);
    const [holder, reader] = [url, url].map((connectionString) => new pg.Client({ connectionString }));
    await Promise.all([holder?.connect(), reader?.connect()]);
    const { rows = [] } = (await holder?.query("select tablename from pg_tables where schemaname = 'public'")) ?? {};
    const tables = rows.map(({ tablename }) => String(tablename));
    await holder?.query('begin');
    await holder?.query(`lock table ${tables.join(', ')} in access share mode`);
    const told: string[] = [];
    const opening = openDatabase(location, { print: (sentence) => told.push(sentence) });
    await expect.poll(() => told.at(-1)).toMatch(/^Bringing the database up to date: \d+ of \d+ \(0008-/);
    // Behind the migration, which waits for the holder, until it gives way.
    await reader?.query(`set statement_timeout = '30s'`);
    for (const table of tables) await reader?.query(`select 1 from ${table} limit 1`);
    await expect.poll(() => told).toContain('Somebody holds a table that is to be brought up to date; trying again…');
    await holder?.query('commit');
    await (await opening).close();
    expect(told.at(-1)).toBe('The database is up to date.');
    await Promise.all([holder?.end(), reader?.end()]);
    await dispose();
  });
});
