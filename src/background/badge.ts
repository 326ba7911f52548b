import { browser } from '../platform/browser';
import { t } from '../words/words';
import type { Hindrance } from './hindrance';

const COLOUR = '#b3261e';
/** Those that a toolbar asks for. */
const SIZES = [16, 32] as const;

/** What the toolbar shows. */
export interface Badge {
  /** How many conflicts are unanswered, refusals unseen, and open changes held up. */
  readonly attention: number;
  /** How many changes made elsewhere nobody has met. */
  readonly unmet: number;
  /** Portals made many changes in a short time, and the person has not met that. */
  readonly manyChanges: boolean;
  readonly hindrance: Hindrance | null;
}

/** Shows a badge; what is shown already is not set anew. */
export function createBadge(): (badge: Badge) => Promise<void> {
  let shown: string | null = null;
  return async (badge) => {
    const next = JSON.stringify(badge);
    if (next === shown) return;
    shown = null;
    await showBadge(badge);
    shown = next;
  };
}

/** Shows on the toolbar how many changes need the person, and greys the icon, saying why, while no connection can be used. */
export async function showBadge(badge: Badge): Promise<void> {
  const { attention, unmet, manyChanges, hindrance } = badge;
  const count = attention + unmet;
  // A number calls the person already, and the popup shows the rest.
  const text = count > 0 ? String(count) : manyChanges ? '!' : '';
  // With portals withheld the popup and the list of subscriptions still work.
  const isGrey = hindrance !== null && hindrance !== 'portalsWithheld';
  const icons = SIZES.map((size) => [size, `/icons/icon${isGrey ? '-grey' : ''}-${size}.png`]);
  await Promise.all([
    browser.action.setBadgeBackgroundColor({ color: COLOUR }),
    browser.action.setBadgeText({ text }),
    browser.action.setIcon({ path: Object.fromEntries(icons) }),
    browser.action.setTitle({ title: titleOf(badge) }),
  ]);
}

/** The extension's name, and on lines of their own what there is to say. */
export function titleOf({ attention, unmet, manyChanges, hindrance }: Badge): string {
  return [
    t('extension.name'),
    ...(hindrance === null ? [] : [t(`badge.${hindrance}`)]),
    ...(attention === 0 ? [] : [t('badge.problems', { count: attention })]),
    ...(unmet === 0 ? [] : [t('badge.unmet', { count: unmet })]),
    ...(manyChanges ? [t('badge.manyChanges')] : []),
  ].join('\n');
}
