import type { Settings } from '../domain/settings';
import type { Standing } from '../domain/standing';
import { isPageOf, recognise } from '../portals/index';

/**
 * The page that a change leads to, when that still is a page of its subscription on a portal that is served; a link's, which is of no one
 * subscription, the page where it was asked for.
 */
export function servedPageOf({ page, target }: Standing, settings: Settings | null): string | null {
  if (page === null || settings === null) return null;
  const { portals } = settings;
  const isServed = target.kind === 'signIn' ? recognise(page, portals) !== null : isPageOf(page, target.id, portals);
  return isServed ? page : null;
}
