import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, it, vi } from 'vitest';
import type { ListPlace } from '../../../src/domain/listing';
import { createDatabase } from '../../../src/storage/database';
import { createKeptLists, type KeptLists, type ListOwner } from '../../../src/storage/kept-lists';
import type { Database } from '../../../src/storage/schema';
import { CONNECTION_ID } from '../../support/connections';
import { ADA, BEN } from '../../support/persons';
import { aRecord, listedOf } from '../../support/records';
import { subscriptionId, uuid } from '../../support/targets';

let open: () => Promise<Database>;
let lists: KeptLists;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  lists = createKeptLists(open);
});

const OWNER: ListOwner = { connectionId: CONNECTION_ID, person: ADA };

function keep(after: ListPlace | null, ids: string, isLast = false, owner = OWNER): Promise<ListPlace | null> {
  const subscriptions = [...ids].map((id) => listedOf(aRecord({ subscriptionId: subscriptionId(id) })));
  return lists.writePage(owner, { after, readAt: 7, isLast, subscriptions });
}

/** Each page that is kept, by the letters of its subscriptions. */
async function kept(owner = OWNER): Promise<string> {
  const pages: string[] = [];
  for await (const { subscriptions } of lists.read(owner))
    pages.push(subscriptions.map(({ subscriptionId: id }) => id).join(''));
  return pages.join(' ');
}

it('keeps the pages of a list in their order, with what they held and when they were read', async () => {
  const first = await keep(null, 'ab');
  await keep(first, 'cd', true);
  expect(await kept()).toBe('ab cd');
  for await (const page of createKeptLists(open).read(OWNER))
    expect(page).toEqual({
      readAt: 7,
      subscriptions: page.subscriptions.map(({ subscriptionId: id }) => listedOf(aRecord({ subscriptionId: id }))),
    });
});

it('keeps nothing of one person’s for another, nor of one connection’s for another', async () => {
  await keep(null, 'a', true);
  await keep(null, 'b', true, { ...OWNER, person: BEN });
  await keep(null, 'c', true, { ...OWNER, connectionId: uuid(1) });
  expect(await kept()).toBe('a');
  expect(await kept({ ...OWNER, person: BEN })).toBe('b');
  // Whatever name the provider gives for the same person.
  expect(await kept({ ...OWNER, person: { ...ADA, name: null } })).toBe('a');
});

it('a reading that came to its end takes the place of the one before, and what is gone is gone', async () => {
  await keep(await keep(null, 'ab'), 'cd', true);
  await keep(await keep(null, 'ab'), 'd', true);
  expect(await kept()).toBe('ab d');
});

it('a reading that came to no end stands before what the last whole one held', async () => {
  await keep(await keep(null, 'ab'), 'cd', true);
  await keep(null, 'xa');
  expect(await kept()).toBe('xa ab cd');
});

it('of many readings that came to no end the whole one and the newest are kept', async () => {
  await keep(null, 'ab', true);
  for (const letter of 'vwxyz') await keep(null, letter);
  expect(await kept()).toBe('z y ab');
});

it('a reading that a newer one has taken the place of is kept no further', async () => {
  const slow = await keep(null, 'a');
  await keep(await keep(null, 'b'), 'c', true);
  expect(await keep(slow, 'd', true)).toBeNull();
  expect(await kept()).toBe('b c');
});

it('two readings at once are kept apart, and the later one to begin stays', async () => {
  const one = await keep(null, 'a');
  const other = await keep(null, 'b');
  await keep(one, 'c', true);
  expect(await kept()).toBe('b a c');
  await keep(other, 'd', true);
  expect(await kept()).toBe('b d');
});

it('a reading with a hole takes no other’s place', async () => {
  await keep(null, 'ab', true);
  const first = await keep(null, 'x');
  await keep(first && { ...first, page: first.page + 1 }, 'z', true);
  expect(await kept()).toBe('x z ab');
});

it('a last page that is read twice ends its reading all the same', async () => {
  await keep(null, 'ab', true);
  const first = await keep(null, 'x');
  await keep(first, 'y');
  await keep(first, 'y', true);
  expect(await kept()).toBe('x y');
});

it('leaves out a page that is damaged, and whatever else there is stays', async () => {
  const first = await keep(null, 'ab');
  const second = await keep(first, 'cd');
  await keep(second, 'ef', true);
  const database = await open();
  const [, key] = await database.getAllKeys('lists');
  await database.put('lists', { readAt: 'now' }, key);
  expect(await kept()).toBe('ab ef');
});

it('forgets what a connection has listed, to whomever, and nothing of another', async () => {
  await keep(null, 'a', true);
  await keep(null, 'b', true, { ...OWNER, person: BEN });
  await keep(null, 'c', true, { ...OWNER, connectionId: uuid(1) });
  await lists.forget(CONNECTION_ID);
  expect(await kept()).toBe('');
  expect(await kept({ ...OWNER, person: BEN })).toBe('');
  expect(await kept({ ...OWNER, connectionId: uuid(1) })).toBe('c');
});
