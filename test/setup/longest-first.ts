import { basename } from 'node:path';
import { BaseSequencer } from 'vitest/node';

/**
 * The files that take longest beside the others of their layer, the longest first. A clean clone knows of no run before, and a file's
 * size says little: one that begins last has the processors for itself.
 */
const LONGEST: Partial<Record<string, readonly string[]>> = {
  server: [
    'database-faults',
    'mailbox',
    'database-away',
    'migrations',
    'command',
    'mail-process',
    'outbox',
    'contract',
    'commit-limit',
    'conformance',
    'open-id-connect',
    'several-processes',
    'import',
    'data-folder',
    'concurrency',
  ],
  e2e: [
    'seen',
    'our-pages',
    'portals-page',
    'faults',
    'screens',
    'sign-in',
    'storage',
    'journeys',
    'filtered-pages',
    'checks',
    'hostile-page',
    'honest-uses',
    'confirm-window',
    'hostile-backend',
    'partner-page',
    'random-run',
    'other-script',
    'two-people',
    'token-hunt',
    'lifecycle',
    'portal-limits',
    'sign-in-again',
    'panel',
    'history-update',
  ],
};

/** Begins with those, and goes on as vitest does. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const placeOf = ({ moduleId, project }: (typeof files)[number]) => {
      const longest = LONGEST[project.name] ?? [];
      const place = longest.indexOf(basename(moduleId, '.test.ts'));
      return place === -1 ? longest.length : place;
    };
    const others = await super.sort(files);
    return others.sort((one, other) => placeOf(one) - placeOf(other));
  }
}
