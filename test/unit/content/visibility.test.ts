import { describe, expect, it } from 'vitest';
import {
  BELIEVED_AFTER_MS,
  type Report,
  type Sight,
  sightAfter,
  UNKNOWN,
  wasSeen,
} from '../../../src/content/visibility';

const SEEN: Report = { isIntersecting: true, isVisible: true };
const COVERED: Report = { isIntersecting: true, isVisible: false };
const AWAY: Report = { isIntersecting: false, isVisible: false };

/** The sight after reports at these moments. */
function sightOf(...reports: readonly (readonly [at: number, report: Report])[]): Sight {
  return reports.reduce((sight, [at, report]) => sightAfter(sight, report, at), UNKNOWN);
}

describe('a press on the panel', () => {
  it('waits for the browser’s first word', () => {
    expect(wasSeen(UNKNOWN, 0)).toBe('wait');
  });

  it('counts at once where the panel is seen from the first word on', () => {
    expect(wasSeen(sightOf([10, SEEN]), 10)).toBe('yes');
  });

  it('does not count while something covers the panel, however long', () => {
    const sight = sightOf([0, SEEN], [100, COVERED]);
    expect(wasSeen(sight, 100)).toBe('no');
    expect(wasSeen(sight, 1_000_000)).toBe('no');
  });

  it('does not count just after the cover was taken away, and counts half a second later', () => {
    const sight = sightOf([0, COVERED], [1000, SEEN]);
    expect(wasSeen(sight, 1000 + BELIEVED_AFTER_MS - 1)).toBe('no');
    expect(wasSeen(sight, 1000 + BELIEVED_AFTER_MS)).toBe('yes');
  });

  it('is not fooled by a panel that goes out of view between its cover and the press', () => {
    const sight = sightOf([0, COVERED], [1000, AWAY], [1050, SEEN]);
    expect(wasSeen(sight, 1100)).toBe('no');
    expect(wasSeen(sight, 1600)).toBe('yes');
  });

  it('waits for a word when the panel was last reported out of view: it may have been scrolled in just now', () => {
    expect(wasSeen(sightOf([0, SEEN], [500, AWAY]), 5000)).toBe('wait');
  });
});

describe('a sight', () => {
  it('began with the first of equal reports', () => {
    expect(sightOf([0, SEEN], [300, COVERED], [900, COVERED])).toMatchObject({ state: 'covered', since: 300 });
  });

  it('of a browser that reports no visibility would be covered: it is not asked there', () => {
    expect(sightOf([0, { isIntersecting: true }]).state).toBe('covered');
  });
});
