import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, it, vi } from 'vitest';
import { createDatabase } from '../../../src/storage/database';
import type { ListOwner } from '../../../src/storage/kept-lists';
import type { Database } from '../../../src/storage/schema';
import { createStars, type Stars } from '../../../src/storage/stars';
import { CONNECTION_ID } from '../../support/connections';
import { ADA, BEN } from '../../support/persons';
import { subscriptionId, uuid } from '../../support/targets';

let open: () => Promise<Database>;
let stars: Stars;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  stars = createStars(open);
});

const OWNER: ListOwner = { connectionId: CONNECTION_ID, person: ADA };
const BENS = { ...OWNER, person: BEN };
const ELSEWHERE = { ...OWNER, connectionId: uuid(1) };
const starred = async (owner = OWNER) => [...(await stars.read(owner))];

it('keeps what a person starred at a connection, until it is no longer', async () => {
  for (const id of ['a', 'b', 'a']) await stars.set(OWNER, subscriptionId(id), true);
  expect(await starred()).toEqual(['a', 'b']);
  await stars.set(OWNER, subscriptionId('a'), false);
  expect(await starred()).toEqual(['b']);
});

it('shows nobody another person’s, nor another connection’s', async () => {
  await stars.set(OWNER, subscriptionId('a'), true);
  expect(await starred(BENS)).toEqual([]);
  expect(await starred(ELSEWHERE)).toEqual([]);
});

it('forgets a connection’s, by whomever, and no other’s', async () => {
  for (const owner of [OWNER, BENS, ELSEWHERE]) await stars.set(owner, subscriptionId('a'), true);
  await stars.forget(CONNECTION_ID);
  expect(await starred()).toEqual([]);
  expect(await starred(BENS)).toEqual([]);
  expect(await starred(ELSEWHERE)).toEqual(['a']);
});
