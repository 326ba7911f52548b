import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { openDatabase } from '../../../server/src/database/database';
import { buildService } from '../../../server/src/service';
import { FIRST_PARTNER, percentile95, subscriptionIdAt } from './service';
import { WRITING, type Writing } from './writing';

/** A program of its own: changes many subscriptions by many at once, and prints the 95th percentile of a change in milliseconds. */

/** Changes the partner of a subscription, and answers how many milliseconds that took. */
type Write = (index: number) => Promise<number>;

const { how, service, clients, changesEach, partner }: Writing = JSON.parse(process.env[WRITING] ?? '');
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const authorization = `Bearer ${service.adminsToken}`;
/** The two ways set different partners, so that every change takes effect after the other way's. */
const partnerFor = (index: number) =>
  String(Number(FIRST_PARTNER) + (how === 'service' ? index % 50 : 50 + (partner % 50)));

const newClient = how === 'service' ? async () => writeByService : await bareClients();
const took = await Promise.all(
  Array.from({ length: clients }, async (_, client) => {
    const write = await newClient();
    const all: number[] = [];
    while (all.length < changesEach) all.push(await write(1 + client * changesEach + all.length));
    return all;
  }),
);
console.log(percentile95(took.flat()));
process.exit();

async function writeByService(index: number): Promise<number> {
  const address = `${service.url}/subscriptions/${subscriptionIdAt(index)}`;
  const { etag }: { etag: string } = await (await fetch(address, { headers: { authorization } })).json();
  const began = performance.now();
  const answer = await fetch(`${address}/partnerOfRecord`, { method: 'PUT', ...changeRequest(index, etag) });
  await answer.text();
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return performance.now() - began;
}

function changeRequest(index: number, etag: string) {
  return {
    headers: { authorization, 'content-type': 'application/json', 'if-match': etag, 'idempotency-key': randomUUID() },
    body: JSON.stringify({ partnerId: partnerFor(index) }),
  };
}

/** A statement as it was sent, with what stands in its places. */
interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Clients that send what the service sends for a change, each on a connection of its own. */
async function bareClients(): Promise<() => Promise<Write>> {
  // Far from those that are written to.
  const sample = clients * changesEach + 1;
  const statements = await statementsOfChange(sample);
  return async () => {
    const client = new pg.Client({ connectionString: service.databaseUrl });
    await client.connect();
    return async (index) => {
      const fresh = new Map<unknown, unknown>([[subscriptionIdAt(sample), subscriptionIdAt(index)]]);
      const began = performance.now();
      for (const { text, values } of statements) {
        await client.query(text, values.length === 0 ? undefined : values.map((value) => freshOf(value, fresh)));
      }
      return performance.now() - began;
    };
  };
}

/** The value for another change: its IDs and keys are others, each the same wherever it stands. */
function freshOf(value: unknown, fresh: Map<unknown, unknown>): unknown {
  if (typeof value === 'string' && UUID.test(value) && !fresh.has(value)) fresh.set(value, randomUUID());
  return fresh.get(value) ?? value;
}

/** Has the service, in this process, make one change, and listens to what it sends to its database. */
async function statementsOfChange(index: number): Promise<Statement[]> {
  const database = await openDatabase({ kind: 'server', url: service.databaseUrl, connections: 2 });
  const { app } = buildService({ database, clock: () => new Date() });
  const url = `/v1/subscriptions/${subscriptionIdAt(index)}`;
  const { etag } = (await app.inject({ url, headers: { authorization } })).json();
  const heard: Statement[] = [];
  const query: (...args: readonly unknown[]) => unknown = pg.Client.prototype.query;
  Reflect.set(pg.Client.prototype, 'query', function hear(this: pg.Client, ...args: readonly unknown[]) {
    const [text, values] = args;
    if (typeof text === 'string') heard.push({ text, values: Array.isArray(values) ? values : [] });
    return Reflect.apply(query, this, args);
  });
  const answer = await app.inject({ method: 'PUT', url: `${url}/partnerOfRecord`, ...changeRequest(index, etag) });
  Reflect.set(pg.Client.prototype, 'query', query);
  await app.close();
  await database.close();
  if (answer.statusCode !== 200) throw new Error(`The change that was listened to was answered ${answer.body}`);
  return heard;
}
