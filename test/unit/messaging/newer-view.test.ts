import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/domain/change';
import { newerView } from '../../../src/messaging/newer-view';
import type { SubscriptionView } from '../../../src/messaging/protocol';
import {
  changeOf,
  contoso,
  done,
  fabrikam,
  NO_ANSWER,
  NOW,
  recordWith,
  viewOf,
  waiting,
} from '../content/panel-states';

const NEXT_ID = 'c0ffee00-55c4-4d3e-8a2f-3d1c7a9e6b10';
const DAY_MS = 24 * 60 * 60_000;

describe('the newer of two views', () => {
  const older = viewOf(recordWith(contoso), { readAt: NOW - 9000, order: 1 });
  const newer = viewOf(recordWith(fabrikam), { readAt: NOW, order: 2 });

  it('is the one read later, whichever arrived first', () => {
    expect(newerView(older, newer).state?.partnerOfRecord).toEqual(fabrikam);
    expect(newerView(newer, older).state?.partnerOfRecord).toEqual(fabrikam);
  });

  it('is that one though the clock was put back a day between the two', () => {
    const afterThat = { ...newer, readAt: NOW - DAY_MS };
    expect(newerView(older, afterThat).state?.partnerOfRecord).toEqual(fabrikam);
    expect(newerView(afterThat, older).state?.partnerOfRecord).toEqual(fabrikam);
  });

  describe('with a clock that was put back a day between two changes', () => {
    const first = viewOf(recordWith(contoso), { change: changeOf('assign', done(contoso)), changeOrder: 7 });
    const next = (life?: Change['life'], order = 1) =>
      viewOf(recordWith(contoso), {
        change: { ...changeOf('assign', life, NEXT_ID), askedAt: NOW - DAY_MS },
        changeOrder: 8,
        order,
      });
    const refused = { state: 'refused', attempts: 1, endedAt: NOW - DAY_MS, failure: NO_ANSWER, seen: false } as const;
    const stopped = { state: 'cancelled', attempts: 1, endedAt: NOW - DAY_MS } as const;

    it.each([
      ['on its way', next()],
      ['refused, which leads to no other state', next(refused)],
      ['stopped, which does not either', next(stopped)],
      ['done', next(done(contoso), 2)],
    ])('is the one with the change that was asked for later: %s', (_how, later) => {
      expect(newerView(first, later).standing).toBe(later.standing);
      expect(newerView(later, first).standing).toBe(later.standing);
      expect(newerView(newerView(later, first), first).standing).toBe(later.standing);
    });
  });

  it('keeps what was shown when it is withheld from then on, and shows what is not withheld any more', () => {
    const withheld = viewOf(null, { source: null, withheld: true });
    expect(newerView(null, withheld)).toBe(withheld);
    expect(newerView(newer, withheld)).toBe(newer);
    expect(newerView(withheld, newer)).toBe(newer);
    expect(newerView(withheld, viewOf(null, { source: null }))).not.toHaveProperty('withheld');
  });

  it('never goes back in the life of a change', () => {
    const stages: Change[] = [
      changeOf('assign'),
      changeOf('assign', waiting({ attempts: 1 })),
      changeOf('assign', waiting({ attempts: 2 })),
      changeOf('assign', done(fabrikam)),
      changeOf('remove', undefined, NEXT_ID),
    ];
    const viewAt = (change: Change | null): SubscriptionView =>
      viewOf(recordWith(null), { change, changeOrder: change === null ? 0 : change.id === NEXT_ID ? 2 : 1 });
    for (const [index, change] of stages.entries()) {
      const present = viewAt(change);
      for (const earlier of [null, ...stages.slice(0, index)]) {
        const late = viewAt(earlier);
        expect(newerView(present, late).standing).toBe(present.standing);
        expect(newerView(late, present).standing).toBe(present.standing);
      }
    }
  });

  it('takes its record from one and its change from the other where each is newer', () => {
    const { standing } = viewOf(null, { change: changeOf('assign', waiting({})) });
    const merged = newerView({ ...older, standing, changeOrder: 1 }, newer);
    expect([merged.state, merged.standing]).toEqual([newer.state, standing]);
  });

  it('takes a failure of the same read, and everything of another source', () => {
    expect(newerView(newer, { ...newer, failure: NO_ANSWER }).failure).toBe(NO_ANSWER);
    const elsewhere = viewOf(null, { source: 'other.example' });
    expect(newerView(newer, elsewhere)).toBe(elsewhere);
  });

  it('forgets an unanswered conflict for its answer, not the other way round', () => {
    const ended = {
      state: 'conflict',
      attempts: 1,
      endedAt: NOW,
      found: { partnerOfRecord: null, version: '"9"' },
    } as const;
    const open = viewOf(null, { change: changeOf('assign', { ...ended, answer: null }) });
    const kept = viewOf(null, { change: changeOf('assign', { ...ended, answer: { kind: 'kept' } }) });
    expect(newerView(open, kept)).toEqual(kept);
    expect(newerView(kept, open)).toEqual(kept);
  });
});
