import { expect, test } from 'vitest';
import { planChange, type Wish } from '../../../src/domain/change-request';
import { markOf } from '../../../src/domain/partner-state';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { state } from '../../support/records';
import { TARGET } from '../../support/targets';

const wish = (after: Wish['after'], seen = '"1"'): Wish => ({
  target: TARGET,
  after,
  seen,
});

test.each([
  ['assign', null, WANTED],
  ['change', OLD, WANTED],
  ['remove', OLD, null],
] as const)('a plan to %s takes before, kind and basis from one record', (kind, before, after) => {
  expect(planChange(state(before), wish(after?.partnerId ?? null))).toEqual({
    ok: true,
    kind,
    before,
    basedOn: '"1"',
  });
});

test('what the record holds already is no change, whichever version was seen', () => {
  for (const seen of ['"1"', '"0"']) {
    expect(planChange(state(OLD), wish(OLD.partnerId, seen))).toEqual({ ok: false, problem: 'nothingToChange' });
    expect(planChange(state(null), wish(null, seen))).toEqual({ ok: false, problem: 'nothingToChange' });
  }
});

test.each([
  ['an assignment', WANTED.partnerId],
  ['a removal', null],
])('%s is refused over a record that the person has not seen', (_what, after) => {
  expect(planChange(state(FOREIGN, '"2"'), wish(after))).toEqual({ ok: false, problem: 'changedSince' });
});

test('where a backend has no versions, what the person saw is told by the partner', () => {
  const seen = { ...state(OLD), version: null };
  expect(planChange(seen, wish(WANTED.partnerId, markOf(seen)))).toEqual({
    ok: true,
    kind: 'change',
    before: OLD,
    basedOn: null,
  });
  const other = { ...state(FOREIGN), version: null };
  expect(planChange(other, wish(WANTED.partnerId, markOf(seen)))).toEqual({ ok: false, problem: 'changedSince' });
});
