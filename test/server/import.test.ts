import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sql } from 'kysely';
import pg from 'pg';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSpool } from '../../server/src/commands/spool';
import type { Database } from '../../server/src/database/database';
import { inMemory } from '../../server/src/database/portions';
import { type DirectoryInput, directorySchema } from '../../server/src/directory/directory';
import { sourceOf } from '../../server/src/directory/load';
import { readDirectory } from '../../server/src/directory/file';
import { planDirectory } from '../../server/src/directory/plan';
import { databases, serverUrlOf } from './support/databases';
import { aSubscription, type SubscriptionInput } from './support/directory';
import { buildCommand, type Running, start } from './support/process';
import { type StandingStill, standStill } from './support/stand-still';
import { ADMIN, FABRIKAM, NORTHWIND, OTHER_ADMIN, openWorld, UNKNOWN_PARTNER, type World } from './support/world';

const idOf = (index: number) => `sub-${String(index).padStart(5, '0')}`;

function subscription(index: number, wish: Partial<SubscriptionInput> = {}): SubscriptionInput {
  return aSubscription({
    subscriptionId: idOf(index),
    displayName: `Subscription ${index}`,
    roles: { [ADMIN]: 'AccountAdministrator' },
    usage: [{ month: '2026-01', service: 'azure', amount: 12.5, currency: 'USD' }],
    ...wish,
  });
}

function subscriptions(count: number, wish: Partial<SubscriptionInput> = {}): DirectoryInput {
  return {
    partners: [],
    customers: [],
    callers: [],
    subscriptions: Array.from({ length: count }, (_, index) => subscription(index, wish)),
  };
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What is in use, in bytes. */
function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** What is wrong with a directory, and its portions, which are not to be written then. */
async function plan({ db }: Database, input: DirectoryInput) {
  const problems: string[] = [];
  const portions = await planDirectory(db, sourceOf(v.parse(directorySchema, input)), {
    putAside: inMemory,
    problem: (sentence) => problems.push(sentence),
  });
  return { problems, portions };
}

async function write(database: Database, input: DirectoryInput): Promise<number> {
  const { problems, portions } = await plan(database, input);
  expect(problems).toEqual([]);
  for (const portion of portions) await database.transaction(portion.write);
  return portions.reduce((sum, { rows }) => sum + rows, 0);
}

describe.each(databases)('a directory on $name', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(kind);
  });
  afterAll(() => world.close());

  /** Which transaction wrote each row last. */
  async function writers(table: 'subscriptions' | 'caller_roles' | 'usage'): Promise<string[]> {
    const { rows } = await sql<{ writer: string }>`select xmin::text as writer from ${sql.table(table)}
      order by subscription_id`.execute(world.database.db);
    return rows.map(({ writer }) => writer);
  }

  it('is judged whole before anything of it is written: what it refers to and nobody has is named, each with its place', async () => {
    const input = subscriptions(3);
    input.callers = [
      { principalId: 'new@contoso.example', name: 'New', organization: 'C', partnerId: UNKNOWN_PARTNER },
    ];
    input.subscriptions = [
      subscription(0, { customerId: 'nobody' }),
      subscription(1, { roles: { 'new@contoso.example': 'Reader', 'ghost@contoso.example': 'Reader' } }),
      subscription(2, {
        partnerOfRecord: { partnerId: UNKNOWN_PARTNER, assignedAt: '2026-01-01T00:00:00Z', assignedBy: 'Somebody' },
      }),
    ];
    expect((await plan(world.database, input)).problems).toEqual([
      `callers, entry 1 (new@contoso.example): partnerId: there is no partner "${UNKNOWN_PARTNER}", neither in this file nor in the service.`,
      'subscriptions, entry 1 (sub-00000): customerId: there is no customer "nobody", neither in this file nor in the service.',
      'subscriptions, entry 2 (sub-00001): roles: there is no caller "ghost@contoso.example", neither in this file nor in the service.',
      `subscriptions, entry 3 (sub-00002): partnerOfRecord, partnerId: there is no partner "${UNKNOWN_PARTNER}", neither in this file nor in the service.`,
    ]);
  });

  it.each([
    ['a name that no index could hold', { displayName: 'x'.repeat(3000) }],
    ['an amount that no column could hold', { usage: [{ month: '2026-01', service: 'azure', amount: 1e15 }] }],
    ['more seats than a column could hold', { usage: [{ month: '2026-01', service: 'azure', seats: 2 ** 33 }] }],
    ['a time that there is not', { startDate: '2026-01-32T00:00:00Z' }],
    ['a character that cannot be stored', { displayName: 'a\0b' }],
  ] as const)('is refused by its schema and not by the database half-way: %s', (_what, wish) => {
    const input = { ...subscriptions(0), subscriptions: [{ ...subscription(0), ...wish }] };
    expect(v.safeParse(directorySchema, input).success).toBe(false);
  });

  it('is written in portions of at most 500 rows; what is so already is not touched, and again nothing is', async () => {
    const first = await plan(world.database, subscriptions(1200));
    expect(first.portions.map(({ rows }) => rows)).toEqual([500, 500, 200, 500, 500, 200, 500, 500, 200]);
    expect(await write(world.database, subscriptions(1200))).toBe(3600);
    expect(await write(world.database, subscriptions(1200))).toBe(0);

    const before = { subscriptions: await writers('subscriptions'), roles: await writers('caller_roles') };
    const input = subscriptions(1200);
    input.subscriptions[7] = subscription(7, { state: 'Disabled' });
    input.subscriptions[900] = subscription(900, { roles: { [ADMIN]: 'Reader', [OTHER_ADMIN]: 'Reader' } });
    input.subscriptions[901] = subscription(901, {
      usage: [{ month: '2026-01', service: 'azure', amount: 12.51, currency: 'USD' }],
    });
    expect(await write(world.database, input)).toBe(4);
    const touched = (all: string[], old: string[]) =>
      all.flatMap((writer, index) => (writer === old[index] ? [] : index));
    expect(touched(await writers('subscriptions'), before.subscriptions)).toEqual([7]);
    expect((await writers('caller_roles')).length).toBe(before.roles.length + 1);
    expect(await write(world.database, input)).toBe(0);
  });

  it('can be written again from any point: what was written meanwhile, by whomever, is neither lost nor doubled', async () => {
    const { partnerId } = FABRIKAM;
    const partnerOfRecord = { partnerId, assignedAt: '2026-02-01T00:00:00Z', assignedBy: 'Import' };
    const input = subscriptions(0);
    input.subscriptions = [subscription(5000, { partnerOfRecord }), subscription(5001)];
    const planned = await plan(world.database, input);
    for (const { write: writePortion } of planned.portions) {
      await world.database.transaction(writePortion);
      await world.database.transaction(writePortion);
    }
    const effects = () =>
      world.database.db
        .selectFrom('changes')
        .where(sql<boolean>`subscription_id like 'sub-0500%'`)
        .select(['subscription_id', 'after_partner_id', 'changed_by'])
        .execute();
    expect(await effects()).toEqual([
      { subscription_id: idOf(5000), after_partner_id: partnerId, changed_by: 'Import' },
    ]);

    const url = `/v1/subscriptions/${idOf(5000)}`;
    const headers = world.authorization(ADMIN);
    const { etag } = (await world.service.app.inject({ url, headers })).json();
    await world.service.app.inject({
      method: 'PUT',
      url: `${url}/partnerOfRecord`,
      headers: { ...headers, 'if-match': etag, 'idempotency-key': '3ba244c0-7ebd-4306-8e7f-c2d45c0c49ee' },
      payload: { partnerId: NORTHWIND.partnerId },
    });
    for (const { write: writePortion } of planned.portions) await world.database.transaction(writePortion);
    expect((await world.service.app.inject({ url, headers })).json().partnerOfRecord).toMatchObject(NORTHWIND);
    expect(await effects()).toHaveLength(2);
  });

  it('is held in memory a little at a time, as it is read and as it is compared, whatever comes first in its file', async () => {
    const usage = Array.from({ length: 12 }, (_, month) => ({
      month: `2025-${String(month + 1).padStart(2, '0')}`,
      service: 'azure' as const,
      amount: month,
    }));
    const COUNT = 2000;
    /** The subscriptions come before what they refer to. */
    async function* pieces() {
      for (let index = 0; index < COUNT; index++) {
        const entry = subscription(10_000 + index, { customerId: 'later', roles: { late: 'Reader' }, usage });
        yield `${index === 0 ? '{"subscriptions": [' : ','}${JSON.stringify(entry)}`;
      }
      yield ']';
      const callers = [{ principalId: 'late', name: 'Late', organization: 'Later' }];
      yield `,"customers": [{"id": "later", "name": "Later"}], "callers": ${JSON.stringify(callers)}, "partners": []}`;
    }
    const spool = await openSpool();
    const problems: string[] = [];
    const before = heapInUse();
    const directory = await readDirectory(pieces(), spool.putAside, (sentence) => problems.push(sentence));
    const read = heapInUse();
    const portions = await planDirectory(world.database.db, directory.source, {
      putAside: spool.putAside,
      problem: (sentence) => problems.push(sentence),
    });
    const planned = heapInUse();
    expect(problems).toEqual([]);
    expect(directory.counts).toEqual({ partners: 0, customers: 1, callers: 1, subscriptions: COUNT });
    expect(portions.reduce((sum, { rows }) => sum + rows, 0)).toBe(2 + COUNT * (1 + 1 + usage.length));
    // Held whole, the entries take 10 MB, and their rows as much again; half a megabyte each was measured.
    expect(read - before).toBeLessThan(3e6);
    expect(planned - read).toBeLessThan(3e6);
    await spool.close();
  });

  it('takes the last of several entries for one thing', async () => {
    const input = subscriptions(0);
    input.subscriptions = [subscription(6000), subscription(6000, { displayName: 'The last' })];
    await write(world.database, input);
    const rows = await world.database.db
      .selectFrom('subscriptions')
      .where(sql<boolean>`subscription_id = ${idOf(6000)}`)
      .select('display_name')
      .execute();
    expect(rows).toEqual([{ display_name: 'The last' }]);
  });
});

const server = databases.filter(({ name }) => name !== 'PGlite');

describe.each(server)('an import beside a service on $name', (kind) => {
  const COUNT = 3000;
  let world: World;
  let main: string;
  let disposeBuild: () => Promise<void>;
  let folder: string;
  let beside: pg.Client;
  let base: string;

  beforeAll(async () => {
    ({ main, dispose: disposeBuild } = await buildCommand());
    folder = await mkdtemp(path.join(tmpdir(), 'por-import-'));
    world = await openWorld(kind);
    beside = new pg.Client({ connectionString: url() });
    await beside.connect();
    await write(world.database, subscriptions(COUNT));
    base = `${await world.service.app.listen({ host: '127.0.0.1', port: 0 })}/v1`;
  });
  afterAll(async () => {
    await beside.end();
    await world.close();
    await disposeBuild();
    await rm(folder, { recursive: true });
  });

  const url = () => serverUrlOf(world.location);

  async function importing(displayName: string): Promise<Running> {
    const file = path.join(folder, 'directory.json');
    await writeFile(file, JSON.stringify(subscriptions(COUNT, { displayName })));
    return start(main, ['import', file], { DATABASE_URL: url() });
  }

  async function named(displayName: string): Promise<number> {
    const { rows } = await beside.query('select count(*) from subscriptions where display_name = $1', [displayName]);
    return Number(rows[0].count);
  }

  /** Has the import stand still in its fourth portion while the work is done. */
  async function whileItStands(
    displayName: string,
    work: (running: Running, standing: StandingStill) => Promise<void>,
  ): Promise<Running> {
    const standing = await standStill(
      beside,
      `before update on subscriptions for each row when (old.subscription_id = '${idOf(1700)}')`,
    );
    const running = await importing(displayName);
    await expect.poll(standing.count, { interval: 20 }).toBe(1);
    await work(running, standing);
    await standing.letGo();
    return running;
  }

  async function finish(displayName: string): Promise<void> {
    const again = await importing(displayName);
    expect(await again.ended).toBe(0);
    expect(again.output.told).toContain(`Rows written, because they were new or differed: ${COUNT - 1500}.`);
    expect(await named(displayName)).toBe(COUNT);
  }

  it('keeps nobody waiting: /health, reads and changes of the same subscriptions are answered 200 all the while', async () => {
    const running = await importing('Kept apart');
    let ended = false;
    running.ended.then(() => {
      ended = true;
    });
    const headers = world.authorization(ADMIN);
    const asked: number[] = [];
    for (let index = 0; !ended; index = (index + 137) % COUNT) {
      const record = await fetch(`${base}/subscriptions/${idOf(index)}`, { headers });
      const { etag, partnerOfRecord } = await record.json();
      const change = await fetch(`${base}/subscriptions/${idOf(index)}/partnerOfRecord`, {
        method: 'PUT',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'if-match': etag,
          'idempotency-key': crypto.randomUUID(),
        },
        body: JSON.stringify({ partnerId: partnerOfRecord === null ? FABRIKAM.partnerId : NORTHWIND.partnerId }),
      });
      const health = await fetch(`${base}/health`);
      // The import may write the very row in between: then the etag is not the present one any more.
      asked.push(record.status, change.status === 412 ? 200 : change.status, health.status);
    }
    expect(await running.ended).toBe(0);
    expect(asked.length).toBeGreaterThan(3);
    // Who had waited for a row for three seconds would have had 503.
    expect(new Set(asked)).toEqual(new Set([200]));
    expect(await named('Kept apart')).toBe(COUNT);
  });

  it('that meets a row held by somebody says how many rows are written, and the next one writes the rest', async () => {
    await beside.query('begin');
    await beside.query('select 1 from subscriptions where subscription_id = $1 for update', [idOf(1700)]);
    const broken = await importing('Held up');
    expect(await broken.ended).toBe(1);
    await beside.query('rollback');
    expect(broken.output.told).toContain(
      'stopped: something else holds a row that it would write. 1500 of 3000 rows are written.',
    );
    expect(await named('Held up')).toBe(1500);
    await finish('Held up');
  });

  it('whose database goes away says how many rows are written, and the next one writes the rest', async () => {
    const broken = await whileItStands('Cut off', async ({ ended }, { cutOff }) => {
      await cutOff();
      expect(await ended).toBe(1);
    });
    expect(broken.output.told).toMatch(
      /the database went away, .* 1500 of 3000 rows are written\. Import the file again/,
    );
    expect(broken.output.told).not.toMatch(/^\s+at /m);
    await finish('Cut off');
  });

  it('that a person stops says how many rows are written, and the next one writes the rest', async () => {
    const stopped = await whileItStands('Stopped', async ({ child }) => {
      child.kill('SIGINT');
    });
    expect(await stopped.ended).toBe(1);
    expect(stopped.output.told).toContain('it was ended by SIGINT. 2000 of 3000 rows are written.');
    const again = await importing('Stopped');
    expect(await again.ended).toBe(0);
    expect(await named('Stopped')).toBe(COUNT);
  });
});
