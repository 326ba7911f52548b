import { browser } from '../platform/browser';
import { t } from '../words/words';

const COLOUR = '#b3261e';
const SIZES = [16, 32, 48, 128] as const;

/** What the toolbar tells. */
interface Badge {
  /** How many conflicts are unanswered, refusals unseen, and open changes held up. */
  readonly attention: number;
  /** Portals made many changes in a short time, and the person has not met that. */
  readonly manyChanges: boolean;
  readonly configured: boolean;
}

/** Shows on the toolbar how many changes need the person, and greys the icon while no connection is configured. */
export async function showBadge(badge: Badge): Promise<void> {
  const { attention, manyChanges, configured } = badge;
  // A number calls the person already, and the popup tells the rest.
  const text = attention > 0 ? String(attention) : manyChanges ? '!' : '';
  const icons = SIZES.map((size) => [size, `/icons/icon${configured ? '' : '-grey'}-${size}.png`]);
  await Promise.all([
    browser.action.setBadgeBackgroundColor({ color: COLOUR }),
    browser.action.setBadgeText({ text }),
    browser.action.setIcon({ path: Object.fromEntries(icons) }),
    browser.action.setTitle({ title: title(badge) }),
  ]);
}

function title({ attention, manyChanges, configured }: Badge): string {
  if (!configured) return t('badge.notConfigured');
  if (attention > 0) return t('badge.problems', { count: attention });
  return manyChanges ? t('badge.manyChanges') : t('extension.name');
}
