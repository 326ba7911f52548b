import { expect, test } from 'vitest';
import { nextReading } from '../../../src/subscriptions/rereading';
import { CONNECTION_ID } from '../../support/connections';
import { subscriptionId } from '../../support/targets';

const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ connectionId: CONNECTION_ID, subscriptionId: subscriptionId(`s${n}`) }));

test.each([
  ['nothing is stale: nothing is read', 0, 1000, false, false, 'nothing'],
  ['few rows of a long list are read one by one', 5, 1000, false, false, 'readRows'],
  ['also while the list is read', 5, 1000, true, false, 'readRows'],
  ['more than the list has pages: the list is read', 6, 1000, false, false, 'readList'],
  ['they are waited for while it is', 6, 1000, true, false, 'wait'],
  ['what did not come with it is read by itself', 6, 1000, false, true, 'readRows'],
] as const)('%s', (_title, stale, size, isReading, isTried, does) => {
  const lists = [{ connectionId: CONNECTION_ID, isReading, size }];
  expect(nextReading(rows(stale), lists, new Set(isTried ? [CONNECTION_ID] : [])).do).toBe(does);
});
