import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import Fastify from 'fastify';
import { Kysely, sql } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changePartner } from '../../server/src/subscriptions/change-partner';
import { asLoss, isDatabaseAway } from '../../server/src/database/away';
import { guardedDialect, openServerPool } from '../../server/src/database/connections';
import { type Database, openDatabase } from '../../server/src/database/database';
import type { Schema } from '../../server/src/database/schema';
import { createMailPulse } from '../../server/src/mail/pulse';
import { measure } from '../../server/src/metrics';
import { partnerFinder } from '../../server/src/partners/find-partner';
import { addErrorAnswers } from '../../server/src/plugins/errors';
import { Refusal } from '../../server/src/refusal';
import { buildService } from '../../server/src/service';
import { createTurns } from '../../server/src/subscriptions/turns';
import { parsePartnerId } from '../../src/domain/partner';
import { parseSubscriptionId } from '../../src/domain/subscription';
import { within } from '../within';
import { databases, serverUrlOf } from './support/databases';
import { openWire, targetOf, type Wire } from './support/wire';
import { ADMIN, FABRIKAM, openWorld, type World } from './support/world';

/** How many want a row that somebody holds: more than there are connections. */
const WAITING = 50;

const withCode = (code: string, message = 'as the server says it') => Object.assign(new Error(message), { code });

describe('an error of the database', () => {
  async function answerTo(error: Error) {
    const app = Fastify();
    addErrorAnswers(app);
    app.get('/', async () => {
      throw error;
    });
    const { statusCode, headers, json } = await app.inject('/');
    await app.close();
    return { statusCode, retryAfter: headers['retry-after'], code: json().error.code };
  }

  it.each([
    ['a connection ended by an administrator', withCode('57P01')],
    ['a server that is starting', withCode('57P03')],
    ['a query cancelled by an administrator', withCode('57014')],
    ['a transaction that was idle for too long', withCode('25P03')],
    ['a transaction that took too long', withCode('25P04')],
    ['a lock not had in time', withCode('55P03')],
    ['a pooler that lost its server', withCode('08P01')],
    ['a server without room for another connection', withCode('53300')],
    ['a server whose disk fails', withCode('58030')],
    ['a replica that was a primary', withCode('25006')],
    ['a host that cannot be reached', withCode('EHOSTUNREACH')],
    ['a driver that says it without a code', asLoss(new Error('Connection terminated unexpectedly'))],
    ['a client that the driver calls unusable', asLoss(new Error('Client was closed and is not queryable'))],
    ['a socket file that is not there', asLoss(withCode('ENOENT', 'connect ENOENT /tmp/.s.PGSQL.5432'))],
    ['a pool run dry', asLoss(new Error('timeout exceeded when trying to connect'))],
  ])('is answered 503 with Retry-After: %s', async (_what, error) => {
    expect(await answerTo(error)).toEqual({ statusCode: 503, retryAfter: '5', code: 'Unavailable' });
  });

  it.each([
    ['a value of the wrong kind', withCode('22P02')],
    ['a row that is there already', withCode('23505')],
    ['a column that is not there', withCode('42703')],
    ['a mistake in the program', new TypeError('x is not a function')],
  ])('is answered 500 where it is ours: %s', async (_what, error) => {
    expect(await answerTo(error)).toMatchObject({ statusCode: 500, code: 'InternalError' });
  });
});

describe('a connection that a server makes and ends in one packet', () => {
  const message = (type: string, ...parts: readonly (string | number)[]) => {
    const body = Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([0, 0, 0, part]))),
    );
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  };
  const AUTHENTICATED = message('R', 0);
  const READY = message('Z', 'I');

  it.each([
    ['with its last words', message('E', 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')],
    ['with last words that have no SQLSTATE', message('E', 'SFATAL\0Msomething is wrong\0\0')],
    ['without a word', Buffer.alloc(0)],
  ])('%s tells whoever wanted it, and ends nothing else', async (_what, lastWords) => {
    const peer = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => socket.end(Buffer.concat([AUTHENTICATED, READY, lastWords])));
    });
    peer.listen(0, '127.0.0.1');
    await once(peer, 'listening');
    const { port } = peer.address() as AddressInfo;
    const { pool, close } = openServerPool(`postgres://somebody@127.0.0.1:${port}/any`, 1);
    pool.on('error', () => undefined);
    const troubles = { notConnected: 0, broken: 0, unanswered: 0, locked: 0 };
    const db = new Kysely<Schema>({
      dialect: guardedDialect(pool, { begin: 'begin', guardsEach: false, queryLimitMs: 5000, troubles }),
    });
    for (let time = 0; time < 3; time++) {
      await expect(sql`select 1`.execute(db)).rejects.toSatisfy(isDatabaseAway);
    }
    expect(troubles.broken).toBe(3);
    await close();
    peer.close();
  });
});

it('closes connections to a server that takes them and says nothing, and waits for none that is being made', async () => {
  const peer = createServer((socket) => socket.on('error', () => undefined).resume());
  peer.listen(0, '127.0.0.1');
  await once(peer, 'listening');
  const { port } = peer.address() as AddressInfo;
  const { pool, close } = openServerPool(`postgres://somebody@127.0.0.1:${port}/any`, 1);
  const taken = once(peer, 'connection');
  // In words of its own where the limit for connecting ended it.
  const ended = expect(pool.connect()).rejects.toThrow(/^Connection terminated unexpectedly$/);
  await within('the connection', taken);
  await within('the end', close());
  await ended;
  peer.close();
});

describe.each(databases)('a service on $name', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(kind);
  });
  afterAll(() => world.close());

  it('does nothing of a change that comes to its end later than anybody waits for it', async () => {
    const subscriptionId = parseSubscriptionId(await world.subscription());
    const parsed = parsePartnerId(FABRIKAM.partnerId);
    if (!parsed.ok) throw new Error('It is a Partner ID.');
    const url = `/v1/subscriptions/${subscriptionId}`;
    const { etag } = (await world.service.app.inject({ url, headers: world.authorization(ADMIN) })).json();
    const late = changePartner(
      world.database,
      createTurns(),
      partnerFinder(world.database, null, () => world.time.now),
      {
        caller: { principalId: ADMIN, name: 'Ada Admin', organization: 'Contoso Ltd', partnerId: null },
        subscriptionId,
        partnerId: parsed.partnerId,
        ifMatch: etag,
        key: randomUUID(),
        requestId: randomUUID(),
        limit: { until: performance.now() - 1, stopping: new AbortController().signal },
      },
      () => world.time.now,
    );
    await expect(late).rejects.toThrow(Refusal);
    await expect(late).rejects.toMatchObject({ status: 503, extras: { headers: { 'retry-after': '5' } } });
    expect(await world.database.db.selectFrom('changes').selectAll().execute()).toEqual([]);
    expect(await world.database.db.selectFrom('idempotency_keys').selectAll().execute()).toEqual([]);
  });

  it('says in /health and in its metrics that the mails stand still', async () => {
    const pulse = { ...createMailPulse(), secondsSinceBeat: () => 600 };
    const service = buildService({ database: world.database, clock: () => world.time.now, mailPulse: pulse });
    const answer = await service.app.inject('/v1/health');
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok', contract: 1, mails: 'late' }]);
    const metrics = await measure(Fastify(), world.database, pulse).metrics();
    expect(metrics).toContain('mails_seconds_since_turn 600');
    expect(metrics).toContain('database_troubles_total{kind="unanswered"} 0');
    await service.app.close();
  });

  if (kind.name === 'PGlite') {
    it('answers /health at once while somebody has its one connection, and says that it is busy', async () => {
      const health = async () => (await world.service.app.inject('/v1/health')).json();
      await world.database.transaction(async () => {
        expect(await health()).toEqual({ status: 'ok', contract: 1, database: 'busy' });
      });
      expect(await health()).toEqual({ status: 'ok', contract: 1 });
    });
    return;
  }

  const inject = (id: string, etag: string) =>
    world.service.app.inject({
      method: 'PUT',
      url: `/v1/subscriptions/${id}/partnerOfRecord`,
      headers: { ...world.authorization(ADMIN), 'if-match': etag, 'idempotency-key': randomUUID() },
      payload: { partnerId: FABRIKAM.partnerId },
    });

  async function etagOf(id: string): Promise<string> {
    const headers = world.authorization(ADMIN);
    return (await world.service.app.inject({ url: `/v1/subscriptions/${id}`, headers })).json().etag;
  }

  /** Somebody beside the service, as in psql. */
  async function beside<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: serverUrlOf(world.location) });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  it('answers all others while somebody holds a row: who wants it gets 503 after three seconds, and it once it is free', async () => {
    const [held, free] = [await world.subscription(), await world.subscription()];
    const etag = await etagOf(held);
    /** Whether all others had their answers before the first of those who want the row gave up. */
    async function othersComeFirst(): Promise<boolean> {
      const etagOfFree = await etagOf(free);
      return beside(async (client) => {
        await client.query('begin');
        await client.query('select 1 from subscriptions where subscription_id = $1 for update', [held]);
        const lockedBefore = world.database.troubles().locked;
        let haveGivenUp = 0;
        const changes = Array.from({ length: WAITING }, async () => {
          const answer = await inject(held, etag);
          haveGivenUp++;
          return answer;
        });
        const others = await Promise.all([
          world.service.app.inject('/v1/health'),
          world.service.app.inject({ url: '/v1/subscriptions', headers: world.authorization(ADMIN) }),
          inject(free, etagOfFree),
        ]);
        const cameFirst = haveGivenUp === 0;
        expect(others.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
        const answers = await Promise.all(changes);
        expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([503]));
        expect(answers[0]?.headers['retry-after']).toBe('5');
        // One found out for those that were there by then.
        expect(world.database.troubles().locked - lockedBefore).toBeLessThan(WAITING / 5);
        await client.query('rollback');
        return cameFirst;
      });
    }
    // A machine with much else to do may take three seconds over the others; held up they would come first in no round.
    await expect.poll(othersComeFirst, { timeout: 60_000 }).toBe(true);
    expect((await inject(held, etag)).statusCode).toBe(200);
    expect(world.database.troubles().locked).toBeGreaterThan(0);
  });

  it.each([
    ['a partner that is to be assigned', 'select 1 from partners for update'],
    ['the whole table of subscriptions', 'lock table subscriptions in exclusive mode'],
    ['the log of changes', 'lock table changes in access exclusive mode'],
  ])('answers /health and reads while somebody holds %s', async (_what, statement) => {
    const id = await world.subscription();
    const etag = await etagOf(id);
    await beside(async (client) => {
      await client.query('begin');
      await client.query(statement);
      const changes = Promise.all(Array.from({ length: 20 }, () => inject(id, etag)));
      const headers = world.authorization(ADMIN);
      expect((await world.service.app.inject('/v1/health')).statusCode).toBe(200);
      expect((await world.service.app.inject({ url: '/v1/subscriptions', headers })).statusCode).toBe(200);
      expect(new Set((await changes).map(({ statusCode }) => statusCode))).toEqual(new Set([503]));
      await client.query('rollback');
    });
  });

  it('waits neither for locks nor in idleness for long in a transaction, and leaves nothing of that in the connection', async () => {
    const limits = sql<{ lock: string; idle: string }>`select current_setting('lock_timeout') as lock,
      current_setting('idle_in_transaction_session_timeout') as idle`;
    for (const run of [world.database.transaction, world.database.transactionAside]) {
      const { rows } = await run((trx) => limits.execute(trx));
      expect(rows).toEqual([{ lock: '3s', idle: '10s' }]);
    }
    expect((await limits.execute(world.database.db)).rows).toEqual([{ lock: '3s', idle: '10s' }]);
    const url = serverUrlOf(world.location);
    const { pool, close } = openServerPool(url, 1);
    const bare = { begin: 'begin', guardsEach: true, queryLimitMs: null, troubles: world.database.troubles() };
    const db = new Kysely<Schema>({ dialect: guardedDialect(pool, bare) });
    await sql`select set_config('lock_timeout', '3s', true)`.execute(db);
    expect((await limits.execute(db)).rows).toEqual([{ lock: '0', idle: '0' }]);
    await close();
  });

  it.each([
    ['callers', '/v1/me'],
    ['customers', '/v1/subscriptions'],
    ['partners', `/v1/partners/${FABRIKAM.partnerId}`],
  ])(
    'answers a read of %s 503 after three seconds while somebody alters the table, and leaves nobody waiting on the server',
    async (table, url) => {
      await beside(async (client) => {
        await client.query('begin');
        await client.query(`alter table ${table} add column drawn_here int`);
        const headers = world.authorization(ADMIN);
        const before = { ...world.database.troubles() };
        const answers = await Promise.all(Array.from({ length: 3 }, () => world.service.app.inject({ url, headers })));
        expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 503, 503]);
        // Its lock was waited for three seconds, and not the ten that an answer may take.
        expect(world.database.troubles()).toEqual({ ...before, locked: before.locked + 3 });
        const { rows } = await client.query(
          "select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        );
        expect(rows).toEqual([{ waiting: 0 }]);
        await client.query('rollback');
        expect((await world.service.app.inject({ url, headers })).statusCode).toBe(200);
      });
    },
  );
});

const server = databases.filter(({ name }) => name !== 'PGlite');

describe.each(server)('a database on $name', (kind) => {
  let world: World;
  let wire: Wire;
  let database: Database;

  beforeEach(async () => {
    world = await openWorld(kind);
    const url = new URL(serverUrlOf(world.location));
    wire = await openWire(targetOf(url));
    url.hostname = '127.0.0.1';
    url.port = String(wire.port);
    url.searchParams.delete('host');
    database = await openDatabase({ kind: 'server', url: url.href, connections: 3 });
  });
  afterEach(async () => {
    await database.close();
    await wire.close();
    await world.close();
  });

  /** Ends every connection but our own, as an operator would. */
  const endOthers = sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;

  it.each([
    ['in a transaction', (work: () => Promise<void>) => database.transaction(work)],
    ['in a transaction of the mails', (work: () => Promise<void>) => database.transactionAside(work)],
  ])('whose connection is ended while in use, %s, tells whoever uses it and works again', async (_where, run) => {
    const lost = run(async () => {
      await endOthers.execute(world.database.db);
    });
    await expect(lost).rejects.toSatisfy(isDatabaseAway);
    expect(await sql`select 1 as one`.execute(database.db)).toMatchObject({ rows: [{ one: 1 }] });
    expect(database.troubles().broken).toBeGreaterThan(0);
  });

  it('that hands its writing over while connections are in use is not asked by them again', async () => {
    const handOver = (value: string) =>
      sql.raw(`alter database ${databaseNameOf(world)} set default_transaction_read_only = ${value}`);
    const write = () => database.transaction((trx) => sql`delete from outbox`.execute(trx));
    await handOver('on').execute(world.database.db);
    await endOthers.execute(world.database.db);
    await expect(write()).rejects.toSatisfy(isDatabaseAway);
    await handOver('off').execute(world.database.db);
    // The one that was refused is not kept, so that no connection has to rest before writing works again.
    await write();
  });

  it('whose connection is ended in the middle of a query tells whoever asked and works again', async () => {
    const asked = expect(sql`select pg_sleep(60)`.execute(database.db)).rejects.toSatisfy(isDatabaseAway);
    await expect
      .poll(async () => {
        const { rows } = await sql<{ count: string }>`select count(*) from pg_stat_activity
          where datname = current_database() and query like 'select pg_sleep%'`.execute(world.database.db);
        return rows[0]?.count;
      })
      .toBe('1');
    await endOthers.execute(world.database.db);
    await asked;
    expect(await sql`select 1 as one`.execute(database.db)).toMatchObject({ rows: [{ one: 1 }] });
  });

  it('whose wire swallows everything gives a query up after ten seconds, its socket with it, and the dead transaction its lock', async () => {
    const id = await world.subscription();
    const lock = (from: Database) =>
      from.transaction((trx) => sql`select 1 from subscriptions where subscription_id = ${id} for update`.execute(trx));
    const vanished = wire.vanishAfter('for update');
    const swallowed = lock(database);
    await vanished;
    await expect(swallowed).rejects.toThrow('The database did not answer a query within 10 s.');
    expect(database.troubles().unanswered).toBe(1);
    // New connections work, and the server ends what the dead one left open, ten seconds after it last heard of it.
    await expect
      .poll(
        () =>
          lock(database).then(
            () => 'had',
            () => 'held',
          ),
        { timeout: 15_000 },
      )
      .toBe('had');
    expect(database.connections().open).toBeLessThanOrEqual(2);
  });

  it('whose wire swallowed everything is closed all the same', async () => {
    await sql`select 1`.execute(database.db);
    const vanished = wire.vanishAfter('for update');
    const swallowed = database.transaction((trx) => sql`select 1 from partners for update`.execute(trx));
    await vanished;
    const outcome = expect(swallowed).rejects.toSatisfy(isDatabaseAway);
    // What there is to wait for takes eleven seconds; the system would go on for many minutes.
    await within('the database to be closed', database.close(), 60_000);
    await outcome;
    database = await openDatabase(world.location);
  });

  it('keeps to its number of connections, however small', async () => {
    for (const connections of [1, 2, 3, 8]) {
      const small = await openDatabase({ kind: 'server', url: serverUrlOf(world.location), connections });
      await Promise.all(
        Array.from({ length: 20 }, () =>
          Promise.all([
            sql`select pg_sleep(0.01)`.execute(small.db),
            small.transaction((trx) => sql`select pg_sleep(0.01)`.execute(trx)),
            small.transactionAside((trx) => sql`select pg_sleep(0.01)`.execute(trx)),
          ]),
        ),
      );
      expect(small.connections().open).toBe(connections);
      await small.close();
    }
  });
});

function databaseNameOf(world: World): string {
  return new URL(serverUrlOf(world.location)).pathname.slice(1);
}
