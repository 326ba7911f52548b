import { sql, type Transaction } from 'kysely';
import { type Schema, TABLES } from './schema';

/** What a server says about itself. */
export interface ServerFacts {
  /** As `server_version_num` has it: 150004 is 15.4. */
  readonly version: number;
  readonly encoding: string;
  readonly readOnly: boolean;
}

export async function readServerFacts(trx: Transaction<Schema>): Promise<ServerFacts> {
  const { rows } = await sql<ServerFacts>`select current_setting('server_version_num')::int as "version",
    current_setting('server_encoding') as "encoding",
    current_setting('transaction_read_only') = 'on' as "readOnly"`.execute(trx);
  const [facts] = rows;
  if (facts === undefined) throw new Error('A select without a table has a row.');
  return facts;
}

const RIGHTS = ['select', 'insert', 'update', 'delete'];

/** The service's tables in which the role that is connected lacks one of the rights to read and write. */
export async function tablesWithoutRights(trx: Transaction<Schema>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct name from unnest(${TABLES}::text[]) as name, unnest(${RIGHTS}::text[]) as privilege
    where not has_table_privilege(to_regclass(name), privilege) order by name`.execute(trx);
  return rows.map(({ name }) => name);
}

/** The service's tables of which policies show the role that is connected some rows, or none, and say nothing of the others. */
export async function tablesWithRowSecurity(trx: Transaction<Schema>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from unnest(${TABLES}::text[]) as name where row_security_active(name) order by name`.execute(trx);
  return rows.map(({ name }) => name);
}

/** The service's tables that are not there. */
export async function tablesMissing(trx: Transaction<Schema>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from unnest(${TABLES}::text[]) as name where to_regclass(name) is null order by name`.execute(trx);
  return rows.map(({ name }) => name);
}
