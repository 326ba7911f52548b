import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, it, vi } from 'vitest';
import { createDatabase, type Database } from '../../../src/storage/database';
import { createSnapshots, type Snapshot, type Snapshots } from '../../../src/storage/snapshots';
import { CONNECTION_ID, record, state, target, uuid } from './samples';

let open: () => Promise<Database>;
let snapshots: Snapshots;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  snapshots = createSnapshots(open);
});

it('keeps the last record of a subscription, by connection', async () => {
  expect(await snapshots.read(target('a'))).toBeNull();
  await snapshots.write(target('a'), { state: state('a'), readAt: 1, readAs: null });
  await snapshots.write(target('b'), { state: state('b'), readAt: 2, readAs: null });
  expect(await snapshots.read(target('a'))).toEqual({ state: state('a'), readAt: 1, readAs: null });
  expect(await snapshots.read(target('a', uuid(1)))).toBeNull();
});

it('answers what was there before', async () => {
  const first = { state: state('a', '"1"'), readAt: 1, readAs: null };
  const second = { state: state('a', '"2"'), readAt: 2, readAs: null };
  expect(await snapshots.write(target('a'), first)).toBeNull();
  expect(await snapshots.write(target('a'), second)).toEqual(first);
  expect(await snapshots.read(target('a'))).toEqual(second);
});

it('does not let an answer that came late replace a later one', async () => {
  const late = { state: state('a', '"1"'), readAt: 1, readAs: null };
  const newest = { state: state('a', '"2"'), readAt: 2, readAs: null };
  await snapshots.write(target('a'), newest);
  expect(await snapshots.write(target('a'), late)).toEqual(newest);
  expect(await snapshots.read(target('a'))).toEqual(newest);
});

it('takes a damaged one for none, and replaces it', async () => {
  const damaged = { state: { ...state('a'), version: 7 as unknown as string }, readAt: 9, readAs: null };
  await (await open()).put('snapshots', damaged, [CONNECTION_ID, 'a']);
  expect(await snapshots.read(target('a'))).toBeNull();
  expect(await snapshots.write(target('a'), { state: state('a'), readAt: 1, readAs: null })).toBeNull();
  expect(await snapshots.read(target('a'))).toEqual({ state: state('a'), readAt: 1, readAs: null });
});

it('reads what an earlier version kept, a record of the service', async () => {
  const principal = { kind: 'principal', principalId: 'p1', name: 'Ada' } as const;
  const earlier = {
    record: record('a'),
    readAt: 9,
    readAs: { ...principal, serviceUrl: 'https://partners.example/v1' },
  };
  await (await open()).put('snapshots', earlier as unknown as Snapshot, [CONNECTION_ID, 'a']);
  expect(await snapshots.read(target('a'))).toEqual({
    state: state('a'),
    readAt: 9,
    readAs: { ...principal, issuer: 'https://partners.example/v1' },
  });
});
