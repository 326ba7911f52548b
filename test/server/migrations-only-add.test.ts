import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, type Migration, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedFolder } from '../../server/src/database/data-folder';
import { databases } from './support/databases';
import { readShape, type SchemaShape, whatBreaks } from './support/schema-shape';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../server/src/database/migrations');
const NAMES = (await readdir(MIGRATIONS)).map((file) => file.replace(/\.ts$/, '')).toSorted();

/** What was shipped before the rule held, for a table that only commands wrote then. */
const BEFORE_THE_RULE: Readonly<Record<string, readonly string[]>> = {
  '0004-usage-meters': [
    'usage has usage_pkey now, which it had not: PRIMARY KEY (subscription_id, month, service, meter)',
    'usage has lost its usage_pkey: PRIMARY KEY (subscription_id, month, service)',
  ],
};

describe.each(databases.filter(({ name }) => name === 'PGlite'))('a migration only adds', (kind) => {
  let db: Kysely<never>;
  let close: () => Promise<void>;
  /** The tables before each migration, by its name. */
  const before = new Map<string, SchemaShape>();
  const after = new Map<string, SchemaShape>();
  let present: SchemaShape;

  beforeAll(async () => {
    const { location, dispose } = await kind.create();
    if (location.kind !== 'folder') throw new Error('This is about the embedded database.');
    const lite = await PGlite.create(embeddedFolder(location.folder));
    const pool = new pg.Pool({ ...createPgConfig(lite), max: 1, idleTimeoutMillis: 0 });
    db = new Kysely({ dialect: new PostgresDialect({ pool }) });
    close = async () => {
      await db.destroy();
      await lite.close();
      await dispose();
    };
    present = await readShape(db);
    for (const name of NAMES) {
      before.set(name, present);
      const migration: Migration = await import(`${MIGRATIONS}/${name}.ts`);
      await migration.up(db);
      present = await readShape(db);
      after.set(name, present);
    }
  });
  afterAll(() => close());

  it.each(NAMES)('so that the version before goes on with its work: %s', (name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === undefined || is === undefined) throw new Error('It was not applied.');
    expect(whatBreaks(was, is)).toEqual(BEFORE_THE_RULE[name] ?? []);
  });

  it.each([
    ['drop table outbox', 'outbox.state is gone'],
    ['alter table partners drop column location', 'partners.location is gone'],
    ['alter table partners rename column location to place', 'partners.location is gone, or renamed'],
    ['alter table partners rename to partner', 'partners.name is gone'],
    ['alter table subscriptions alter column revision type bigint', 'subscriptions.revision was integer and is bigint'],
    ['alter table subscriptions alter column display_name type text collate "POSIX"', 'collate C and is text collate'],
    ['alter table partners add column country text not null', 'partners.country is new, may not be null and has no'],
    ['alter table partners alter column location set not null', 'partners.location may not be null any more'],
    ['alter table outbox alter column state drop default', 'outbox.state has lost its default'],
    ['alter table partners add check (length(name) < 100)', 'partners has partners_name_check now'],
    ['alter table partners add unique (name)', 'partners has partners_name_key now'],
    ['create unique index on partners (lower(name), name)', 'partners has partners_lower_name_idx now'],
    [
      'alter table changes add foreign key (principal_id) references callers',
      'changes has changes_principal_id_fkey now',
    ],
    ['alter table outbox drop constraint one_mail_per_partner_and_change', 'outbox has lost its one_mail_per_partner'],
  ])('and else is found out: %s', async (statement, problem) => {
    const found: string[] = [];
    const planted = db.transaction().execute(async (trx) => {
      await sql.raw(statement).execute(trx);
      found.push(...whatBreaks(present, await readShape(trx)));
      throw new Error('It is taken back.');
    });
    await expect(planted).rejects.toThrow('It is taken back.');
    expect(found).toContainEqual(expect.stringContaining(problem));
  });

  it.each([
    'create table notes (note text not null unique)',
    'alter table partners add column country text',
    "alter table partners add column country text not null default '' check (country <> 'x')",
    'alter table outbox alter column partner_name drop not null',
    'create index on partners (name)',
  ])('and may: %s', async (statement) => {
    const planted = db.transaction().execute(async (trx) => {
      await sql.raw(statement).execute(trx);
      expect(whatBreaks(present, await readShape(trx))).toEqual([]);
      throw new Error('It is taken back.');
    });
    await expect(planted).rejects.toThrow('It is taken back.');
  });
});
