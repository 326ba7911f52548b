import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, it, vi } from 'vitest';
import { createDatabase, type Database } from '../../../src/storage/database';
import { createSnapshots, type Snapshots } from '../../../src/storage/snapshots';
import { CONNECTION_ID, record, uuid } from './samples';

let open: () => Promise<Database>;
let snapshots: Snapshots;
const { subscriptionId } = record('a');

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  snapshots = createSnapshots(open);
});

const first = { record: record('a', '"1"'), readAt: 1, readAs: null };
const second = { record: record('a', '"2"'), readAt: 2, readAs: null };

it('keeps the last record of a subscription, by connection', async () => {
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toBeNull();
  await snapshots.write(CONNECTION_ID, first);
  await snapshots.write(CONNECTION_ID, { ...second, record: record('b') });
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toEqual({ ...first, order: 1 });
  expect(await snapshots.read(uuid(1), subscriptionId)).toBeNull();
});

it.each([
  ['goes on', first, second],
  ['was put back', second, first],
])('numbers what is kept as it comes, with a clock that %s', async (_what, one, other) => {
  await snapshots.write(CONNECTION_ID, one);
  await snapshots.write(CONNECTION_ID, other);
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toEqual({ ...other, order: 2 });
});

it('reads what an earlier version kept, and takes what comes for newer, though it was kept with a clock that was ahead', async () => {
  const earlier = { record: record('a', '"0"'), readAt: 9_000_000_000_000, readAs: null };
  await (await open()).put('snapshots', earlier, [CONNECTION_ID, subscriptionId]);
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toEqual({ ...earlier, order: 0 });
  await snapshots.write(CONNECTION_ID, first);
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toEqual({ ...first, order: 1 });
});

it('takes a damaged one for none, and replaces it', async () => {
  const damaged = { ...first, record: { ...record('a'), etag: 7 as unknown as string } };
  await (await open()).put('snapshots', damaged, [CONNECTION_ID, subscriptionId]);
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toBeNull();
  await snapshots.write(CONNECTION_ID, first);
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toEqual({ ...first, order: 1 });
});
