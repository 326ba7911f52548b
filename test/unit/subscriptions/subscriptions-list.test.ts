import { expect, it } from 'vitest';
import { EMPTY_LIST, type List, withPage } from '../../../src/subscriptions/subscriptions-list';
import { aRecord, listedOf } from '../../support/records';
import { subscriptionId } from '../../support/targets';

/** A page with one record of its own. */
const page = (name: string, next: string | null) => ({
  ok: true as const,
  subscriptions: [listedOf(aRecord({ subscriptionId: subscriptionId(name) }))],
  next,
  readAt: 1,
});

function follow(list: List, name: string, next: string | null): List {
  return withPage(list, page(name, next), 'next');
}

it('a circle of pages ends with a sentence, and what it showed stays', () => {
  let list = withPage(EMPTY_LIST, page('one', 'b'), 'start');
  list = follow(list, 'two', 'c');
  list = follow(list, 'three', 'b');
  expect(list.subscriptions).toHaveLength(3);
  expect(list.next).toBeNull();
  expect(list.state).toEqual({
    failure: { reason: 'unreadable', detail: { code: 'fieldUnexpected', field: 'nextLink' } },
  });
});

it('a circle that leads through the first page ends too, without showing a record twice', () => {
  let list = withPage(EMPTY_LIST, page('one', 'b'), 'start');
  list = follow(list, 'two', 'first');
  list = follow(list, 'one', 'b');
  expect(list.subscriptions).toHaveLength(2);
  expect(list.next).toBeNull();
});

it('the list read again may follow the same links again', () => {
  let list = follow(withPage(EMPTY_LIST, page('one', 'b'), 'start'), 'two', null);
  list = follow(withPage(list, page('one', 'b'), 'start'), 'two', null);
  expect(list).toMatchObject({ state: 'here', next: null });
});
