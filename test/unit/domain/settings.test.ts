import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/domain/connection';
import {
  type ConnectionList,
  connectionsInForce,
  defaultConnectionOf,
  type PolicyConnections,
  withConnection,
  withoutConnection,
} from '../../../src/domain/settings';

const connection = (id: string, address = `https://${id}.example`): Connection => ({
  id,
  name: id,
  kind: 'service',
  address,
  portals: [],
  tenants: [],
  signIn: 'none',
});
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => connection(id)) as [
  Connection,
  Connection,
  Connection,
  Connection,
];
const list = (connections: readonly Connection[], defaultConnection: string | null): ConnectionList => ({
  connections,
  defaultConnection,
});

describe('The connections in force', () => {
  const none = { single: null, list: [], defaultAddress: null };
  const empty = list([], null);

  test.each<[what: string, policy: PolicyConnections, own: ConnectionList, is: ConnectionList]>([
    ['none, where nobody set one', none, empty, empty],
    ['the person’s, where policy sets none', none, list([a, b], 'b'), list([a, b], 'b')],
    ['the person’s with the first as default, where theirs is gone', none, list([a, b], 'c'), list([a, b], 'a')],
    ['the one of policy', { ...none, single: c }, empty, list([c], 'c')],
    ['the one of policy, in the place of the person’s', { ...none, single: c }, list([a, b], 'b'), list([c], 'c')],
    ['policy’s list with the first as default', { ...none, list: [c, d] }, list([a], 'a'), list([c, d], 'c')],
    [
      'policy’s list with the default it says',
      { ...none, list: [c, d], defaultAddress: d.address },
      list([a], 'a'),
      list([c, d], 'd'),
    ],
    [
      'policy’s list with the person’s default, where that is among them',
      { ...none, list: [c, d] },
      list([d], 'd'),
      list([c, d], 'd'),
    ],
    [
      'policy’s default before the person’s',
      { ...none, list: [c, d], defaultAddress: c.address },
      list([d], 'd'),
      list([c, d], 'c'),
    ],
    [
      'the single one beside the list, as its default',
      { ...none, single: a, list: [c, d] },
      list([d], 'd'),
      list([a, c, d], 'a'),
    ],
    ['the single one once, where the list has it too', { ...none, single: d, list: [c, d] }, empty, list([c, d], 'd')],
    [
      'the single one, but the default that policy says',
      { single: a, list: [c, d], defaultAddress: c.address },
      empty,
      list([a, c, d], 'c'),
    ],
    [
      'what policy says of the default of the person’s own list',
      { ...none, defaultAddress: b.address },
      list([a, b], 'a'),
      list([a, b], 'b'),
    ],
    [
      'no default at an address that nobody has',
      { ...none, list: [c, d], defaultAddress: a.address },
      empty,
      list([c, d], 'c'),
    ],
  ])('are %s', (_what, policy, own, is) => {
    expect(connectionsInForce(policy, own)).toEqual(is);
  });
});

describe('The list', () => {
  test.each<[what: string, before: ConnectionList, saved: Connection, edited: string | null, is: ConnectionList]>([
    ['the first is the default', list([], null), a, null, list([a], 'a')],
    ['one more comes last and is not the default', list([a], 'a'), b, null, list([a, b], 'a')],
    [
      'one with its id is replaced',
      list([a, b, c], 'a'),
      { ...b, name: 'B' },
      null,
      list([a, { ...b, name: 'B' }, c], 'a'),
    ],
    [
      'one that was edited gives its place and its being the default',
      list([a, b, c], 'b'),
      d,
      'b',
      list([a, d, c], 'd'),
    ],
    [
      'one that became another in the list is there once',
      list([a, b, c], 'c'),
      { ...c, name: 'C' },
      'a',
      list([{ ...c, name: 'C' }, b], 'c'),
    ],
    ['a default that is gone is the first', list([a, b], 'x'), c, null, list([a, b, c], 'a')],
  ])('of which one was saved: %s', (_what, before, saved, edited, is) => {
    expect(withConnection(before, saved, edited)).toEqual(is);
  });

  test.each<[what: string, before: ConnectionList, id: string, is: ConnectionList]>([
    ['another stays the default', list([a, b], 'b'), 'a', list([b], 'b')],
    ['the first is the default in the place of the one removed', list([a, b, c], 'b'), 'b', list([a, c], 'a')],
    ['nothing is left', list([a], 'a'), 'a', list([], null)],
    ['one that is not there', list([a], 'a'), 'x', list([a], 'a')],
  ])('of which one was removed: %s', (_what, before, id, is) => {
    const after = withoutConnection(before, id);
    expect(after).toEqual(is);
    expect(defaultConnectionOf(after)?.id ?? null).toBe(is.defaultConnection);
  });
});
