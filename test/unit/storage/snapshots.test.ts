import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, it, vi } from 'vitest';
import { createDatabase } from '../../../src/storage/database';
import type { Database } from '../../../src/storage/schema';
import { createSnapshots, type Snapshot, type Snapshots } from '../../../src/storage/snapshots';
import { foreign, record, state } from './samples';
import { CONNECTION_ID } from '../../support/connections';
import { targetOf, uuid } from '../../support/targets';

let open: () => Promise<Database>;
let snapshots: Snapshots;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  snapshots = createSnapshots(open);
});

const first = { state: state('a', '"1"'), readAt: 1, readAs: null };
const second = { state: state('a', '"2"'), readAt: 2, readAs: null };

const keep = (of: string, snapshot: Omit<Snapshot, 'order'>) =>
  snapshots.writeAll([{ target: targetOf(of), snapshot: { ...snapshot, order: 1 } }]);

it('keeps the last record of a subscription, by connection', async () => {
  expect(await snapshots.read(targetOf('a'))).toBeNull();
  await keep('a', first);
  await keep('b', { ...second, state: state('b') });
  expect(await snapshots.read(targetOf('a'))).toEqual({ ...first, order: 1 });
  expect(await snapshots.read(targetOf('a', uuid(1)))).toBeNull();
});

it.each([
  ['goes on', first, second],
  ['was put back', second, first],
])('numbers what is kept as it comes, with a clock that %s', async (_what, one, other) => {
  await keep('a', one);
  await keep('a', other);
  expect(await snapshots.read(targetOf('a'))).toEqual({ ...other, order: 2 });
});

it('reads what an earlier version kept, and takes what comes for newer, though it was kept with a clock that was ahead', async () => {
  const principal = { kind: 'principal', principalId: 'p1', name: 'Ada' } as const;
  const earlier = {
    record: record('a', '"0"'),
    readAt: 9_000_000_000_000,
    readAs: { ...principal, serviceUrl: 'https://partners.example/v1' },
  };
  await (await open()).put('snapshots', earlier as unknown as Snapshot, [CONNECTION_ID, 'a']);
  expect(await snapshots.read(targetOf('a'))).toEqual({
    state: state('a', '"0"'),
    readAt: 9_000_000_000_000,
    order: 0,
    readAs: { ...principal, issuer: 'https://partners.example/v1' },
  });
  await keep('a', first);
  expect(await snapshots.read(targetOf('a'))).toEqual({ ...first, order: 1 });
});

it('takes a damaged one for none, and replaces it', async () => {
  const damaged = { ...first, state: { ...state('a'), version: 7 as unknown as string }, order: 3 };
  await (await open()).put('snapshots', damaged, [CONNECTION_ID, 'a']);
  expect(await snapshots.read(targetOf('a'))).toBeNull();
  await keep('a', first);
  expect(await snapshots.read(targetOf('a'))).toEqual({ ...first, order: 1 });
});

it('writes a change made elsewhere once, of two who saw it at the same time', async () => {
  await keep('a', first);
  const saw = (id: number) =>
    snapshots.writeAfter([
      {
        target: targetOf('a'),
        snapshot: second,
        foreign: (before) => (before?.state.version === first.state.version ? foreign(id, 'a') : null),
        least: 1,
      },
    ]);
  await Promise.all([saw(1), saw(2)]);
  expect(await (await open()).getAllKeys('rows')).toEqual([uuid(1)]);
  expect(await snapshots.read(targetOf('a'))).toEqual({ ...second, order: 3 });
});
