import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, it, vi } from 'vitest';
import { createDatabase } from '../../../src/storage/database';
import type { Database } from '../../../src/storage/schema';
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

it('keeps the last record of a subscription, by connection', async () => {
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toBeNull();
  await snapshots.write(CONNECTION_ID, { record: record('a'), readAt: 1, readAs: null });
  await snapshots.write(CONNECTION_ID, { record: record('b'), readAt: 2, readAs: null });
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toEqual({ record: record('a'), readAt: 1, readAs: null });
  expect(await snapshots.read(uuid(1), subscriptionId)).toBeNull();
});

it('answers what was there before', async () => {
  const first = { record: record('a', '"1"'), readAt: 1, readAs: null };
  const second = { record: record('a', '"2"'), readAt: 2, readAs: null };
  expect(await snapshots.write(CONNECTION_ID, first)).toBeNull();
  expect(await snapshots.write(CONNECTION_ID, second)).toEqual(first);
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toEqual(second);
});

it('does not let an answer that came late replace a later one', async () => {
  const late = { record: record('a', '"1"'), readAt: 1, readAs: null };
  const newest = { record: record('a', '"2"'), readAt: 2, readAs: null };
  await snapshots.write(CONNECTION_ID, newest);
  expect(await snapshots.write(CONNECTION_ID, late)).toEqual(newest);
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toEqual(newest);
});

it('takes a damaged one for none, and replaces it', async () => {
  const damaged = { record: { ...record('a'), etag: 7 as unknown as string }, readAt: 9, readAs: null };
  await (await open()).put('snapshots', damaged, [CONNECTION_ID, subscriptionId]);
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toBeNull();
  expect(await snapshots.write(CONNECTION_ID, { record: record('a'), readAt: 1, readAs: null })).toBeNull();
  expect(await snapshots.read(CONNECTION_ID, subscriptionId)).toEqual({ record: record('a'), readAt: 1, readAs: null });
});
