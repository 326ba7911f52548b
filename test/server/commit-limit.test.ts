import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../server/src/database/database';
import { listeningPort } from '../../server/src/plugins/loopback-guard';
import { TIME_LIMITS, type TimeLimits } from '../../server/src/plugins/time-limits';
import { buildService, type Service } from '../../server/src/service';
import { within } from '../within';
import { databases, serverUrlOf } from './support/databases';
import { openWire, targetOf, type Wire } from './support/wire';
import { ADMIN, FABRIKAM, openWorld, type World } from './support/world';

/** Instead of 25 s, for what is to be late. */
const LIMIT_MS = 1500;
/** For what is to have come to its COMMIT before. */
const LONGER_LIMIT_MS = 5000;
/** Longer than anything here is waited for. */
const WITHOUT_END_MS = 120_000;
/** What a change says to the database before COMMIT alone. */
const LAST_STATEMENT = 'update "idempotency_keys"';

describe.each(databases)('a change on $name that is not committed in time', (kind) => {
  let world: World;
  let service: Service;
  let id: string;
  let etag: string | undefined;
  beforeAll(async () => {
    world = await openWorld(kind);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    id = await world.subscription();
    etag = undefined;
    service = serve(world.database);
    etag = (await ask('GET')).json().etag;
  });
  afterEach(() => service.app.close());

  function serve(database: Database, limits: Partial<TimeLimits> = { commitWithinMs: LIMIT_MS }): Service {
    return buildService({ database, clock: () => world.time.now }, false, undefined, { ...TIME_LIMITS, ...limits });
  }

  /** At once: an injected request that nobody waits for never begins. */
  async function ask(method: 'GET' | 'PUT', key: string = randomUUID(), by = service) {
    return by.app.inject({
      method,
      url: `/v1/subscriptions/${id}${method === 'PUT' ? '/partnerOfRecord' : ''}`,
      headers: { ...world.authorization(ADMIN), 'if-match': etag ?? '', 'idempotency-key': key },
      ...(method === 'PUT' && { payload: { partnerId: FABRIKAM.partnerId } }),
    });
  }

  async function expectRefused(asked: ReturnType<typeof ask>, code = 'Unavailable'): Promise<void> {
    const answer = await within('the refusal', asked);
    expect([answer.statusCode, answer.json().error.code]).toEqual([503, code]);
    expect(answer.headers['retry-after']).toBe('5');
  }

  /** Nothing came of it, and nothing comes of it: its key is free, and the record is as it was for whoever sends it again. */
  async function expectNothingKept(key: string): Promise<void> {
    const effects = await sql`select from changes where subscription_id = ${id}`.execute(world.database.db);
    expect(effects.rows).toEqual([]);
    const again = await ask('PUT', key, world.service);
    expect([again.statusCode, again.json().partnerOfRecord?.partnerId]).toEqual([200, FABRIKAM.partnerId]);
  }

  /** Runs one statement in a transaction that stays open until it is told to end. */
  async function holding(statement: ReturnType<typeof sql>): Promise<() => Promise<void>> {
    let end: () => void = () => undefined;
    const told = new Promise<void>((resolve) => {
      end = resolve;
    });
    let ended: Promise<void> = Promise.resolve();
    await new Promise<void>((resolve) => {
      ended = world.database.transaction(async (trx) => {
        await statement.execute(trx);
        resolve();
        await told;
      });
    });
    return () => {
      end();
      return ended;
    };
  }

  /** Whether a request waits for what is held: for the one connection, or in its transaction for the row. */
  async function isAtWork(): Promise<boolean> {
    if (world.database.embedded) return world.database.connections().waiting > 0;
    const { rows } =
      await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
        world.database.db,
      );
    return rows.length > 0;
  }

  it('is answered 503 while it waits for what somebody holds, and has no effect afterwards', async () => {
    const letGo = await holding(sql`select from subscriptions where subscription_id = ${id} for update`);
    const key = randomUUID();
    await expectRefused(ask('PUT', key));
    await letGo();
    await expectNothingKept(key);
  });

  it('and that waits for another one with the same key, the same', async () => {
    const key = randomUUID();
    const letGo =
      await holding(sql`insert into idempotency_keys (principal_id, idempotency_key, fingerprint, created_at)
      values (${ADMIN}, ${key}, 'of another', now()) returning set_config('idle_in_transaction_session_timeout', '0', true)`);
    await expectRefused(ask('PUT', key));
    await letGo();
    await sql`delete from idempotency_keys where idempotency_key = ${key}`.execute(world.database.db);
    await expectNothingKept(key);
  });

  it('counts from the arrival of its request, that of its body included', async () => {
    const listening = serve(world.database);
    await listening.app.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect({ port: listeningPort(listening.app), host: '127.0.0.1' });
    const key = randomUUID();
    const body = JSON.stringify({ partnerId: FABRIKAM.partnerId });
    socket.write(
      [
        `PUT /v1/subscriptions/${id}/partnerOfRecord HTTP/1.1`,
        `host: localhost:${listeningPort(listening.app)}`,
        `authorization: ${world.authorization(ADMIN).authorization}`,
        `if-match: ${etag}`,
        `idempotency-key: ${key}`,
        'content-type: application/json',
        'connection: close',
        `content-length: ${body.length}`,
        '',
        body.slice(0, 5),
      ].join('\r\n'),
    );
    expect(await within('the answer', text(socket))).toMatch(/^HTTP\/1\.1 503 [\s\S]*"Unavailable"/);
    await listening.app.close();
    await expectNothingKept(key);
  });

  it('is rolled back and answered 503 when the service stops, before its connections are closed', async () => {
    const stopped = serve(world.database, { finishWithinMs: LIMIT_MS, commitWithinMs: WITHOUT_END_MS });
    const letGo = await holding(sql`select from subscriptions where subscription_id = ${id} for update`);
    const key = randomUUID();
    const asked = ask('PUT', key, stopped);
    await expect.poll(isAtWork).toBe(true);
    const stopping = stopped.stop();
    await expectRefused(asked);
    await letGo();
    await stopping;
    await expectNothingKept(key);
  });

  // PGlite commits within this process: nothing is ever on its way there.
  if (kind.name !== 'PostgreSQL') return;
  describe('whose COMMIT is on its way at the limit', () => {
    /** A service whose way to the database can be held up. */
    async function behindWire(
      commitWithinMs: number,
      work: (wire: Wire, behind: Service) => Promise<void>,
    ): Promise<void> {
      const url = new URL(serverUrlOf(world.location));
      const wire = await openWire(targetOf(url));
      url.hostname = '127.0.0.1';
      url.port = String(wire.port);
      url.searchParams.delete('host');
      const database = await openDatabase({ kind: 'server', url: url.href });
      const behind = serve(database, { commitWithinMs });
      try {
        await work(wire, behind);
      } finally {
        await behind.app.close();
        await Promise.all([wire.close(), database.close()]);
      }
    }

    it('is answered by what becomes of it: 200 where the database had it in time', () =>
      behindWire(LONGER_LIMIT_MS, async (wire, behind) => {
        const held = wire.holdAfter(LAST_STATEMENT, 'answer');
        const asked = ask('PUT', randomUUID(), behind);
        const letGo = await within('COMMIT', held);
        await wait(LONGER_LIMIT_MS);
        letGo();
        const answer = await within('the answer', asked);
        expect([answer.statusCode, answer.json().partnerOfRecord?.partnerId]).toEqual([200, FABRIKAM.partnerId]);
      }));

    it('and 503 where it comes late, since the server has rolled back by itself', () =>
      behindWire(LONGER_LIMIT_MS, async (wire, behind) => {
        const held = wire.holdAfter(LAST_STATEMENT, 'message');
        const key = randomUUID();
        const asked = ask('PUT', key, behind);
        const letGo = await within('COMMIT', held);
        await expectRefused(asked);
        letGo();
        await expectNothingKept(key);
      }));

    it('and that nobody knows where its answer is lost; the same key tells, once', () =>
      behindWire(WITHOUT_END_MS, async (wire, behind) => {
        const held = wire.holdAfter(LAST_STATEMENT, 'answer');
        const key = randomUUID();
        const asked = ask('PUT', key, behind);
        await within('COMMIT', held);
        await wire.close();
        await expectRefused(asked, 'OutcomeUnknown');
        const again = await ask('PUT', key, world.service);
        expect([again.statusCode, again.json().partnerOfRecord?.partnerId]).toEqual([200, FABRIKAM.partnerId]);
        const effects = await sql`select from changes where subscription_id = ${id}`.execute(world.database.db);
        expect(effects.rows).toHaveLength(1);
      }));
  });
});
