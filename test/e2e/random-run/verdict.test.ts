import { describe, expect, it } from 'vitest';
import type { Change, ChangeLife } from '../../../src/domain/change';
import { CONFLICT, change, FABRIKAM, NORTHWIND, uuid } from '../../unit/storage/samples';
import type { SeenRequest } from '../harness/fault-proxy';
import type { Effect } from '../harness/service';
import { type Evidence, judge } from './verdict';

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

function request(method: string, path: string, forwardedAt: number, endedAt: number): SeenRequest {
  const idempotencyKey = method === 'GET' ? null : uuid(1);
  return { method, path, idempotencyKey, ifMatch: null, token: () => null, serviceStatus: 200, forwardedAt, endedAt };
}

function judgement(changes: readonly Change[], log: readonly Effect[], more: Partial<Evidence> = {}) {
  return judge({
    requested: changes.map(({ id }) => ({ id, subscriptionId: 'a', after: FABRIKAM.partnerId })),
    declined: [],
    changes,
    effects: new Map([['a', log]]),
    foreignKeys: new Set(),
    partnersBefore: new Map([['a', null]]),
    requests: [],
    ...more,
  });
}

const CLEAN = { lost: [], doubled: [], unexplained: [], alreadySo: 0, late: 0, replaced: 0 };

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

  it('lets an effect of what was stopped pass when somebody else’s had replaced it before the end', () => {
    const foreignKeys = new Set([uuid(9)]);
    const own = effect(1, 2000);
    const before = [effect(9, ENDED, NORTHWIND), own];
    expect(judgement([row(1, cancelled)], before, { foreignKeys })).toEqual({ ...CLEAN, replaced: 1 });
    const after = [effect(9, ENDED + 1, NORTHWIND), own];
    expect(judgement([row(1, cancelled)], after, { foreignKeys }).unexplained).toHaveLength(1);
  });

  it('finds an effect of what was stopped, and lets it pass only when its request came after the look', () => {
    const write = request('PUT', '/subscriptions/a/partnerOfRecord', ENDED + 100, ENDED + 120);
    const look = request('GET', '/subscriptions/a', ENDED - 100, ENDED - 50);
    const late = [effect(1, ENDED + 110)];
    expect(judgement([row(1, cancelled)], late, { requests: [look, write] })).toEqual({ ...CLEAN, late: 1 });
    expect(judgement([row(1, cancelled)], late, { requests: [write] }).unexplained).toHaveLength(1);
    const early = request('PUT', '/subscriptions/a/partnerOfRecord', 2000, 2020);
    expect(judgement([row(1, cancelled)], [effect(1, 2010)], { requests: [early, look] }).unexplained).toHaveLength(1);
  });
});
