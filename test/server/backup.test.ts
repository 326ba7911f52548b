import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type DatabaseLocation, openDatabase } from '../../server/src/database/database';
import { buildService } from '../../server/src/service';
import { databases, type TestDatabase } from './support/databases';
import { ADMIN, FABRIKAM, NORTHWIND, openWorld } from './support/world';

const execute = promisify(execFile);

/** Copies what a stopped service left, in the way that the docs describe for its kind of database. */
const backUpAndRestore = {
  PGlite: async (from: DatabaseLocation, to: TestDatabase, folder: string) => {
    if (from.kind !== 'folder' || to.location.kind !== 'folder') throw new Error('This is about folders.');
    await cp(from.folder, path.join(folder, 'backup'), { recursive: true });
    await rm(to.location.folder, { recursive: true });
    await cp(path.join(folder, 'backup'), to.location.folder, { recursive: true });
  },
  PostgreSQL: async (from: DatabaseLocation, to: TestDatabase, folder: string) => {
    if (from.kind !== 'server' || to.location.kind !== 'server') throw new Error('This is about servers.');
    const file = path.join(folder, 'backup.sql');
    await execute('pg_dump', ['--no-owner', `--file=${file}`, from.url]);
    const options = ['--single-transaction', '--set=ON_ERROR_STOP=1', '--quiet'];
    await execute('psql', [...options, `--file=${file}`, to.location.url]);
  },
};

describe.each(databases)('a backup on $name', (kind) => {
  it('brings back partners of record, their log, tokens and keys, and the service goes on from there', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'por-backup-'));
    const world = await openWorld(kind);
    const { authorization } = world.authorization(ADMIN);
    const id = await world.subscription();
    const record = `/v1/subscriptions/${id}`;
    const get = async (app: typeof world.service.app, url: string) =>
      (await app.inject({ url, headers: { authorization } })).json();
    const put = (app: typeof world.service.app, partnerId: string, etag: string, key: string) =>
      app.inject({
        method: 'PUT',
        url: `${record}/partnerOfRecord`,
        headers: { authorization, 'if-match': etag, 'idempotency-key': key },
        payload: { partnerId },
      });
    const { app } = world.service;
    const firstEtag = (await get(app, record)).etag;
    const key = randomUUID();
    const answer = (await put(app, FABRIKAM.partnerId, firstEtag, key)).json();
    const before = { record: await get(app, record), changes: await get(app, `${record}/changes`) };

    const target = await kind.create();
    await world.stop();
    await backUpAndRestore[kind.name](world.location, target, folder);
    const database = await openDatabase(target.location);
    const restored = buildService({ database, clock: () => world.time.now });

    expect({ record: await get(restored.app, record), changes: await get(restored.app, `${record}/changes`) }).toEqual(
      before,
    );
    // A key that had its answer before the backup still has it, and no second effect.
    expect((await put(restored.app, FABRIKAM.partnerId, firstEtag, key)).json()).toEqual(answer);
    expect((await put(restored.app, NORTHWIND.partnerId, answer.etag, randomUUID())).statusCode).toBe(200);
    const { value } = await get(restored.app, `${record}/changes`);
    expect(value.map(({ kind: what }: { kind: string }) => what)).toEqual(['change', 'assign']);

    await restored.app.close();
    await database.close();
    await target.dispose();
    await world.dispose();
    await rm(folder, { recursive: true });
  });
});
