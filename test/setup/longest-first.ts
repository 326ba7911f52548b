import { basename } from 'node:path';
import { BaseSequencer } from 'vitest/node';

/**
 * The end to end files that take a minute and more beside three others, the longest first. A clean clone knows of no run before, and a
 * file's size says little: one that begins last has the processors for itself.
 */
const LONGEST = [
  'seen',
  'sign-in',
  'screens',
  'faults',
  'confirm-window',
  'hostile-page',
  'hostile-backend',
  'in-the-portal',
  'storage',
  'history-update',
  'journeys',
  'sign-in-again',
  'honest-uses',
  'checks',
  'random-run',
  'filtered-pages',
  'other-script',
  'two-people',
  'partner-page',
  'portal-limits',
];

/** Begins with those, and goes on as vitest does. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const placeOf = ({ moduleId, project }: (typeof files)[number]) => {
      const place = project.name === 'e2e' ? LONGEST.indexOf(basename(moduleId, '.test.ts')) : -1;
      return place === -1 ? LONGEST.length : place;
    };
    const others = await super.sort(files);
    return others.sort((one, other) => placeOf(one) - placeOf(other));
  }
}
