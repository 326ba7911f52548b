import { describe, expect, it } from 'vitest';
import { type Change, type ChangeLife, KEY_HOLDS_MS } from '../../../src/domain/change';
import { CONFLICT, change, FABRIKAM } from '../../unit/storage/samples';
import type { Effect } from '../harness/service';
import { type Evidence, judge } from './verdict';
import { NORTHWIND } from '../../support/partners';
import { uuid } from '../../support/targets';

const ASKED = 1000;
const ENDED = 5000;
const outcome = { partnerOfRecord: null, version: '"2"' };
const done: ChangeLife = { state: 'done', attempts: 1, endedAt: ENDED, outcome };
const cancelled: ChangeLife = { state: 'cancelled', attempts: 1, endedAt: ENDED };

function row(number: number, life: ChangeLife): Change {
  return change(number, 'a', { life, askedAt: ASKED });
}

function effect(number: number, at: number, after: { readonly partnerId: string } | null = FABRIKAM): Effect {
  const changeId = uuid(number + 100);
  return {
    changeId,
    kind: 'change',
    before: null,
    after,
    at: new Date(at).toISOString(),
    idempotencyKey: uuid(number),
  };
}

function judgement(changes: readonly Change[], log: readonly Effect[], more: Partial<Evidence> = {}) {
  return judge({
    requested: changes.map(({ id }) => ({ id, subscriptionId: 'a', after: FABRIKAM.partnerId })),
    declined: [],
    changes,
    effects: new Map([['a', log]]),
    foreignKeys: new Set(),
    partnersBefore: new Map([['a', null]]),
    ...more,
  });
}

const CLEAN = { lost: [], doubled: [], unexplained: [], alreadySo: 0, unknown: 0 };

describe('The verdict', () => {
  it('is clean when every done change has its effect and every other has none', () => {
    expect(judgement([row(1, done), row(2, cancelled), row(3, CONFLICT)], [effect(1, 2000)])).toEqual(CLEAN);
  });

  it('finds what was asked for and is not in the history', () => {
    const requested = [{ id: uuid(1), subscriptionId: 'a', after: FABRIKAM.partnerId }];
    expect(judgement([], [], { requested }).lost).toHaveLength(1);
  });

  it('finds what is still open', () => {
    expect(judgement([change(1, 'a')], []).lost).toHaveLength(1);
  });

  it('finds what is done without an effect, unless the record held it already by another’s', () => {
    expect(judgement([row(1, done)], []).lost).toHaveLength(1);
    const foreignKeys = new Set([uuid(9), uuid(8)]);
    expect(judgement([row(1, done)], [effect(9, 2000)], { foreignKeys })).toEqual({ ...CLEAN, alreadySo: 1 });
    const goneBefore = [effect(8, 900, NORTHWIND), effect(9, 800)];
    expect(judgement([row(1, done)], goneBefore, { foreignKeys }).lost).toHaveLength(1);
    const tooLate = [effect(9, ENDED + 1)];
    expect(judgement([row(1, done)], tooLate, { foreignKeys }).lost).toHaveLength(1);
  });

  it('finds two effects of one change', () => {
    expect(judgement([row(1, done)], [effect(1, 3000), effect(1, 2000)]).doubled).toHaveLength(1);
  });

  it('finds an effect that no row tells of', () => {
    expect(judgement([], [effect(1, 2000)]).unexplained).toHaveLength(1);
  });

  it('finds an effect of what was said not to be taken up', () => {
    expect(judgement([], [effect(1, 2000)], { declined: [uuid(1)] }).unexplained).toHaveLength(2);
  });

  it('finds an effect that is another than was asked for', () => {
    expect(judgement([row(1, done)], [effect(1, 2000, NORTHWIND)]).unexplained).toHaveLength(1);
  });

  const noEffect: readonly ChangeLife[] = [
    cancelled,
    CONFLICT,
    { state: 'refused', attempts: 1, endedAt: ENDED, failure: { reason: 'gaveUp' }, seen: false },
  ];
  it.each(noEffect)('finds an effect of what is $state, whenever it came and whoever wrote after it', (life) => {
    const foreignKeys = new Set([uuid(9)]);
    for (const at of [ASKED, 2000, ENDED, ENDED + 60_000]) {
      expect(judgement([row(1, life)], [effect(1, at)]).unexplained).toHaveLength(1);
      const log = [effect(9, at + 1, NORTHWIND), effect(1, at)];
      expect(judgement([row(1, life)], log, { foreignKeys }).unexplained).toHaveLength(1);
    }
  });

  it('lets an end be unknown only where somebody else wrote and the key is kept no more', () => {
    const foreignKeys = new Set([uuid(9)]);
    const endedAt = ASKED + KEY_HOLDS_MS;
    const end: ChangeLife = {
      state: 'unknown',
      attempts: 1,
      endedAt,
      failure: { reason: 'keyExpired' },
      found: null,
      seen: false,
    };
    const replaced = [effect(9, 3000, NORTHWIND), effect(1, 2000)];
    expect(judgement([row(1, end)], replaced, { foreignKeys })).toEqual({ ...CLEAN, unknown: 1 });
    expect(judgement([row(1, end)], [effect(9, 3000, NORTHWIND)], { foreignKeys })).toEqual({ ...CLEAN, unknown: 1 });
    const byOthers: Change = {
      ...row(1, { ...end, endedAt: ENDED }),
      sentAs: { kind: 'connection', connectionId: 'c' },
    };
    expect(judgement([byOthers], replaced, { foreignKeys })).toEqual({ ...CLEAN, unknown: 1 });

    const notUnknown = (change: Change, log: readonly Effect[]) =>
      expect(judgement([change], log, { foreignKeys }).unexplained).toHaveLength(1);
    notUnknown(row(1, end), [effect(1, 2000)]);
    notUnknown(row(1, { ...end, endedAt: endedAt - 1 }), replaced);
    notUnknown(row(1, end), [effect(9, endedAt + 1, NORTHWIND), effect(1, 2000)]);
    notUnknown(row(1, { ...end, failure: { reason: 'connectionChanged' } }), replaced);
  });
});
