import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../server/src/database/database';
import { directorySchema } from '../../server/src/directory/directory';
import { loadDirectory } from '../../server/src/directory/load';
import { issueToken } from '../../server/src/callers/tokens';
import { parseSubscriptionId, type SubscriptionId } from '../../src/domain/subscription';
import { databases, serverUrlOf, type TestDatabase } from './support/databases';
import { aSubscription } from './support/directory';
import { buildCommand, killAll, type Running, start } from './support/process';

const WRITERS = 200;
const SUBSCRIPTIONS = 20;
const CONNECTIONS_EACH = 8;
const ADMIN = 'ada@contoso.example';
const PARTNERS = ['4852013', '5120846', '7777001'];

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Asked {
  readonly id: string;
  readonly key: string;
  readonly etag: string;
  readonly partnerId: string;
}

function newSubscriptionId(): SubscriptionId {
  const id = parseSubscriptionId(randomUUID());
  if (id === null) throw new Error('A UUID is a subscription ID.');
  return id;
}

const server = databases.filter(({ name }) => name !== 'PGlite');

describe.each(server)('two processes on one database on $name', (kind) => {
  let testDatabase: TestDatabase;
  let database: Database;
  let watcher: pg.Client;
  let main: string;
  let disposeBuild: () => Promise<void>;
  let folder: string;
  let token: string;
  const processes: Running[] = [];
  const bases: string[] = [];
  const ids = Array.from({ length: SUBSCRIPTIONS }, newSubscriptionId);

  beforeAll(async () => {
    ({ main, dispose: disposeBuild } = await buildCommand());
    folder = await mkdtemp(path.join(tmpdir(), 'por-several-'));
    testDatabase = await kind.create();
    // Both find the database empty, so both bring its schema up to date.
    for (const listening of [begin(), begin()]) bases.push(await listening);
    watcher = new pg.Client({ connectionString: url() });
    await watcher.connect();
    database = await openDatabase(testDatabase.location);
    token = await database.transaction(async (trx) => {
      await loadDirectory(trx, v.parse(directorySchema, directory()));
      return issueToken(trx, ADMIN, new Date());
    });
  }, 120_000);
  afterAll(async () => {
    await killAll(processes);
    await database.close();
    await watcher.end();
    await testDatabase.dispose();
    await disposeBuild();
    await rm(folder, { recursive: true });
  });

  const url = () => serverUrlOf(testDatabase.location);

  async function begin(): Promise<string> {
    const process = start(main, [], {
      DATABASE_URL: url(),
      DATABASE_CONNECTIONS: String(CONNECTIONS_EACH),
      DATA_DIR: folder,
      RATE_LIMIT_PER_CALLER: '0',
      METRICS_PORT: '0',
    });
    processes.push(process);
    return String((await process.event('listening'))['baseUrl']);
  }

  function directory() {
    return {
      partners: PARTNERS.map((partnerId) => ({ partnerId, name: `Partner ${partnerId}` })),
      customers: [{ id: 'contoso', name: 'Contoso Ltd' }],
      callers: [{ principalId: ADMIN, name: 'Ada', organization: 'Contoso Ltd' }],
      subscriptions: ids.map((subscriptionId) =>
        aSubscription({ subscriptionId, roles: { [ADMIN]: 'AccountAdministrator' } }),
      ),
    };
  }

  const baseOf = (index: number) => bases[index % bases.length] ?? '';
  function idOf(index: number): SubscriptionId {
    const id = ids[index % ids.length];
    if (id === undefined) throw new Error('There are no subscriptions.');
    return id;
  }

  async function read(base: string, id: string) {
    const answer = await fetch(`${base}/subscriptions/${id}`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    const { etag, partnerOfRecord } = await answer.json();
    return { etag, partnerId: partnerOfRecord?.partnerId ?? null };
  }

  async function put(base: string, { id, key, etag, partnerId }: Asked): Promise<Answer> {
    const answer = await fetch(`${base}/subscriptions/${id}/partnerOfRecord`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'if-match': etag,
        'idempotency-key': key,
      },
      body: JSON.stringify({ partnerId }),
    });
    return { status: answer.status, body: await answer.text() };
  }

  /** What to ask for next: another partner than the present one, so that it is an effect. */
  async function nextChange(base: string, id: string, index: number, key: string): Promise<Asked> {
    const { etag, partnerId } = await read(base, id);
    const others = PARTNERS.filter((partner) => partner !== partnerId);
    return { id, key, etag, partnerId: others[index % others.length] ?? '' };
  }

  /** Ends with all of them, so that none of a test that fails works on into the next one. */
  async function times<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
    const all = Array.from({ length: count }, (_, index) => work(index));
    await Promise.allSettled(all);
    return Promise.all(all);
  }

  /** The keys of all effects. Each subscription's effects must follow one from the other and end at its present partner. */
  async function effectsInOrder(): Promise<string[]> {
    const keys: string[] = [];
    for (const id of ids) {
      const rows = await database.db
        .selectFrom('changes')
        .where('subscription_id', '=', id)
        .orderBy('sequence')
        .select(['before_partner_id', 'after_partner_id', 'idempotency_key'])
        .execute();
      const after = rows.map((row) => row.after_partner_id);
      expect(rows.map((row) => row.before_partner_id)).toEqual([null, ...after].slice(0, rows.length));
      expect((await read(baseOf(1), id)).partnerId).toBe(after.at(-1) ?? null);
      keys.push(...rows.flatMap((row) => row.idempotency_key ?? []));
    }
    return keys;
  }

  /** What the services' connections are doing, one word each. */
  async function connections(): Promise<string[]> {
    const { rows } = await watcher.query<{ state: string }>(
      `select state from pg_stat_activity
       where datname = current_database() and application_name = 'partner-of-record-service'`,
    );
    return rows.map(({ state }) => state);
  }

  const allKeys: string[] = [];

  it('and one told to stop while it still starts, which it does in good order once it has', async () => {
    const own = await kind.create();
    await (await openDatabase(own.location)).close();
    const ownUrl = serverUrlOf(own.location);
    const beside = new pg.Client({ connectionString: ownUrl });
    await beside.connect();
    await beside.query('begin');
    await beside.query('lock table access_tokens');
    const starting = start(main, ['demo'], { DATABASE_URL: ownUrl, DATA_DIR: folder });
    processes.push(starting);
    await expect
      .poll(async () => {
        // Within a transaction the server shows the same picture again and again.
        const { rows } = await watcher.query(
          "select 1 from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
          [beside.database],
        );
        return rows.length;
      })
      .toBe(1);
    starting.child.kill('SIGTERM');
    await beside.query('rollback');
    expect(await starting.ended).toBe(0);
    expect(starting.output.log).toContain('"event":"stopped"');
    await beside.end();
    await own.dispose();
  });

  it(`give each of ${WRITERS} writers one effect, one after the other, and keep within their connections`, async () => {
    const keys = await times(WRITERS, async (index) => {
      const key = randomUUID();
      for (;;) {
        const { status } = await put(baseOf(index), await nextChange(baseOf(index), idOf(index), index, key));
        if (status === 200) return key;
        // Nothing else may come of a race: a deadlock or a pool run dry would be a 5xx.
        expect(status).toBe(412);
      }
    });
    allKeys.push(...keys);
    expect((await effectsInOrder()).toSorted()).toEqual(allKeys.toSorted());
    // Nor is anything said of them to the person at the terminal.
    expect(processes.map(({ output }) => output.told).join()).not.toContain('Warning');
    const open = await connections();
    // The test's own pool is one of the three.
    expect(open.length).toBeLessThanOrEqual(2 * CONNECTIONS_EACH + 20);
    await expect.poll(async () => new Set(await connections())).toEqual(new Set(['idle']));
  });

  it(`have one effect for one key that ${WRITERS} send to both at once, and one answer`, async () => {
    const asked = await nextChange(baseOf(0), idOf(0), 0, randomUUID());
    const answers = await times(WRITERS, (index) => put(baseOf(index), asked));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    allKeys.push(asked.key);
    expect((await effectsInOrder()).toSorted()).toEqual(allKeys.toSorted());
  });

  it('lose nothing that was answered when one is killed in mid-write, and do the rest once when it is sent again', async () => {
    const [killed] = processes;
    // Somebody holds the row of one subscription, so that a write of it is surely under way at the end.
    const held = idOf(SUBSCRIPTIONS - 1);
    const holder = new pg.Client({ connectionString: url() });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from subscriptions where subscription_id = $1 for update', [held]);
    const underWay = await nextChange(baseOf(0), held, 0, randomUUID());
    async function killInMidWrite(): Promise<void> {
      const cutOff = expect(put(baseOf(0), underWay)).rejects.toThrow(TypeError);
      // The other writes wait for one another now and then, and not for this row. Locks are shown as they are, in a transaction too.
      const waiting = 'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))';
      await expect.poll(async () => (await holder.query(waiting)).rows.length).toBe(1);
      killed?.child.kill('SIGKILL');
      await cutOff;
      await holder.query('rollback');
      expect((await put(baseOf(1), underWay)).status).toBe(200);
    }
    let answered = 0;
    const keys = await times(SUBSCRIPTIONS - 1, async (index) => {
      const own: string[] = [];
      for (let number = 0; number < 12; number++) {
        const alive = killed?.child.killed ? baseOf(1) : baseOf(0);
        const asked = await nextChange(alive, idOf(index), number, randomUUID()).catch(() =>
          nextChange(baseOf(1), idOf(index), number, randomUUID()),
        );
        own.push(asked.key);
        try {
          const { status } = await put(alive, asked);
          expect(status).toBe(200);
          // In the middle of what the others have under way, too.
          if (++answered === SUBSCRIPTIONS * 4) await killInMidWrite();
        } catch (error) {
          if (!(error instanceof TypeError)) throw error;
          expect((await put(baseOf(1), asked)).status).toBe(200);
        }
      }
      return own;
    });
    await holder.end();
    allKeys.push(underWay.key, ...keys.flat());
    expect((await effectsInOrder()).toSorted()).toEqual(allKeys.toSorted());
  });

  it('leave no connection behind, neither the one that was killed nor the one that stops', async () => {
    await database.close();
    const survivor = processes[1];
    const metrics = await fetch(String((await survivor?.event('listening'))?.['metricsUrl']));
    const open = Number(/^database_connections\{state="open"\} (\d+)$/m.exec(await metrics.text())?.[1]);
    expect(open).toBeGreaterThan(0);
    expect(open).toBeLessThanOrEqual(CONNECTIONS_EACH);
    survivor?.child.kill('SIGTERM');
    expect(await survivor?.ended).toBe(0);
    await expect.poll(connections).toEqual([]);
    database = await openDatabase(testDatabase.location);
  });

  it('run a transaction again that the database gave up on, and give up themselves in the end', async () => {
    const [one, other] = [idOf(0), idOf(1)];
    let tries = 0;
    let met: (() => void) | null = null;
    const bothHoldOne = new Promise<void>((resolve) => {
      met = resolve;
    });
    let holding = 0;
    const lockBoth = (first: SubscriptionId, second: SubscriptionId) =>
      database.transaction(async (trx) => {
        tries++;
        const lock = (id: SubscriptionId) =>
          trx.selectFrom('subscriptions').where('subscription_id', '=', id).select('revision').forUpdate().execute();
        await lock(first);
        if (++holding === 2) met?.();
        await bothHoldOne;
        await lock(second);
        await trx
          .updateTable('subscriptions')
          .set((column) => ({ revision: column('revision', '+', 1) }))
          .where('subscription_id', 'in', [first, second])
          .execute();
      });
    const revisions = async () =>
      (
        await database.db
          .selectFrom('subscriptions')
          .where('subscription_id', 'in', [one, other])
          .orderBy('subscription_id')
          .select('revision')
          .execute()
      ).map(({ revision }) => revision);
    const before = await revisions();
    await Promise.all([lockBoth(one, other), lockBoth(other, one)]);
    // One was given up on. Its next try may lock its first row before the other one wakes up, and then they meet once more.
    expect(tries).toBeGreaterThan(2);
    expect(await revisions()).toEqual(before.map((revision) => revision + 2));

    tries = 0;
    const hopeless = database.transaction(async (trx) => {
      tries++;
      await sql`do $$ begin raise exception 'always' using errcode = '40001'; end $$`.execute(trx);
    });
    await expect(hopeless).rejects.toThrow('always');
    expect(tries).toBe(6);
  });
});
