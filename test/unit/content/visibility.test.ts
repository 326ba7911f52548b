import { describe, expect, it } from 'vitest';
import { type Report, type Sight, sightAfter, UNKNOWN } from '../../../src/content/visibility';

const SEEN: Report = { isIntersecting: true, isVisible: true };
const COVERED: Report = { isIntersecting: true, isVisible: false };
const AWAY: Report = { isIntersecting: false, isVisible: false };

/** The sight after reports at these moments. */
function sightOf(...reports: readonly (readonly [at: number, report: Report])[]): Sight {
  return reports.reduce((sight, [at, report]) => sightAfter(sight, report, at), UNKNOWN);
}

describe('a sight', () => {
  it('began with the first of equal reports', () => {
    expect(sightOf([0, SEEN], [300, COVERED], [900, COVERED])).toMatchObject({ state: 'covered', since: 300 });
  });

  it('is known since the first report of all', () => {
    expect(sightOf([70, AWAY], [300, COVERED], [900, SEEN]).knownSince).toBe(70);
  });

  it('was covered up to the report that it is no more, though it was out of view in between', () => {
    expect(sightOf([0, COVERED], [1000, AWAY], [1050, SEEN]).coveredUntil).toBe(1000);
    expect(sightOf([0, SEEN], [100, AWAY]).coveredUntil).toBeNull();
  });

  it('of a browser that reports no visibility would be covered: it is not asked there', () => {
    expect(sightOf([0, { isIntersecting: true }]).state).toBe('covered');
  });
});
