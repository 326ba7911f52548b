import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startPostgres } from '../../../scripts/postgres';
import { issueToken } from '../../../server/src/callers/tokens';
import { openDatabase } from '../../../server/src/database/database';
import { FOLD_NUMBER } from '../../../src/domain/fold';
import { buildCommand, start } from '../../server/support/process';
import type { Stage } from './stage';

/** Who administers every subscription, and who belongs to the first partner. */
const ADMIN = 'ada@contoso.example';
const PARTNERS_PERSON = 'di@partner.example';
export const FIRST_PARTNER = '4000000';
const PARTNERS = 100;
const CUSTOMERS = 1000;
const MONTHS = 12;
/** The one subscription, far down in the list, whose name has it. */
export const RARE_WORD = 'quokka';

export const subscriptionIdAt = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
export const nameAt = (index: number) => `Subscription ${String(index).padStart(7, '0')}`;

/** The service at work on a PostgreSQL server of its own, with so many subscriptions in it. */
export interface BenchService {
  /** The Service URL. */
  readonly url: string;
  /** Where the database is. */
  readonly databaseUrl: string;
  readonly adminsToken: string;
  readonly partnersToken: string;
}

/** Starts services on one PostgreSQL server, one for each number of subscriptions. */
export async function startServices(stage: Stage, counts: readonly number[]): Promise<BenchService[]> {
  const { main } = await stage.keep(buildCommand(), ({ dispose }) => dispose());
  const postgres = await stage.keep(startPostgres(), ({ stop }) => stop());
  return Promise.all(counts.map((count) => startOn(stage, main, postgres.url, count)));
}

async function startOn(stage: Stage, main: string, serverUrl: string, count: number): Promise<BenchService> {
  const name = `por_bench_${randomUUID().replaceAll('-', '')}`;
  await execute(serverUrl, [`create database ${name}`]);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = await openDatabase({ kind: 'server', url: url.href, connections: 2 });
  await execute(url.href, fillingWith(count));
  const [adminsToken, partnersToken] = await Promise.all(
    [ADMIN, PARTNERS_PERSON].map((principal) => issueToken(database.db, principal, new Date())),
  );
  await database.close();
  if (adminsToken === undefined || partnersToken === undefined) throw new Error('Both callers have a token');
  const env = { DATABASE_URL: url.href, LOG_LEVEL: 'info', RATE_LIMIT_PER_CALLER: '0', RATE_LIMIT_PER_ADDRESS: '0' };
  const running = start(main, [], env);
  await stage.keep(Promise.resolve(running), async ({ child, ended }) => {
    child.kill('SIGKILL');
    await ended;
  });
  const { baseUrl } = await running.event('listening');
  return { url: String(baseUrl), databaseUrl: url.href, adminsToken, partnersToken };
}

/**
 * The statements that make the rows of a directory, in the database itself: the import's own way takes a quarter of an hour for a
 * million. Every partner has its share of the subscriptions, and the first one's have usage.
 */
function fillingWith(count: number): string[] {
  const id = `'00000000-0000-4000-8000-' || lpad(i::text, 12, '0')`;
  const rare = Math.floor(count * 0.9);
  const display = `'Subscription ' || lpad(i::text, 7, '0') || case when i = ${rare} then ' ${RARE_WORD}' else '' end`;
  const searched = (name: string, key: string) => `lower(${name}) || E'\\n' || lower(${key}), ${FOLD_NUMBER}, ${name}`;
  return [
    // The rows refer to each other as they should; that is not looked up for each of millions.
    'set session_replication_role = replica',
    `insert into partners (partner_id, name, search_text, search_fold, search_name)
      select p.id, p.name, ${searched('p.name', 'p.id')} from (
        select (${FIRST_PARTNER} + i)::text as id, 'Partner ' || i as name from generate_series(0, ${PARTNERS - 1}) i) p`,
    `insert into customers (customer_id, name, search_text, search_fold, search_name)
      select c.id, c.name, ${searched('c.name', 'c.id')} from (
        select 'customer-' || i as id, 'Customer ' || i as name from generate_series(0, ${CUSTOMERS - 1}) i) c`,
    `insert into callers (principal_id, name, organization, partner_id)
      values ('${ADMIN}', 'Ada', 'Contoso', null), ('${PARTNERS_PERSON}', 'Di', 'Partner 0', '${FIRST_PARTNER}')`,
    `insert into subscriptions (subscription_id, display_name, service, state, start_date, end_date, customer_id, partner_id,
        assigned_at, assigned_by, search_text, search_fold, search_name)
      select s.id, s.name, 'azure', 'Active', '2026-01-01', '2027-01-01', 'customer-' || (i % ${CUSTOMERS}),
        (${FIRST_PARTNER} + i % ${PARTNERS})::text, '2026-01-02', 'Ada', ${searched('s.name', 's.id')} from (
          select i, ${id} as id, ${display} as name from generate_series(1, ${count}) i) s`,
    `insert into caller_roles (principal_id, subscription_id, role)
      select '${ADMIN}', ${id}, 'AccountAdministrator' from generate_series(1, ${count}) i`,
    `insert into usage (subscription_id, month, service, amount, currency)
      select ${id}, '2026-' || lpad(m::text, 2, '0'), 'azure', (i * 37 + m * 13) % 100000 / 100.0, 'USD'
      from generate_series(1, ${count}) i, generate_series(1, ${MONTHS}) m where i % ${PARTNERS} = 0`,
    'vacuum analyze',
  ];
}

async function execute(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The figure that 95 of 100 are at most. */
export function percentile95(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other);
  const at = sorted[Math.ceil(sorted.length * 0.95) - 1];
  if (at === undefined) throw new Error('There is no figure to take a percentile of');
  return at;
}
