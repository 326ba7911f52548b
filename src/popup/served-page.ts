import type { Settings } from '../domain/settings';
import type { Standing } from '../domain/standing';
import { isPageOf } from '../portals/index';

/** The page that a change leads to, when that still is a page of its subscription on a portal that is served. */
export function servedPageOf({ page, target }: Standing, settings: Settings | null): string | null {
  if (page === null || settings === null || target.kind !== 'subscription') return null;
  return isPageOf(page, target.id, settings.portals) ? page : null;
}
