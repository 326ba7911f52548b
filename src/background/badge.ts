import { browser } from '../platform/browser';

const COLOUR = '#b3261e';
const SIZES = [16, 32, 48, 128] as const;

/**
 * Shows on the toolbar how many changes need the person, and greys the icon while no connection is configured.
 * @param attention how many conflicts are unanswered, refusals unseen, and open changes held up
 */
export async function showBadge(attention: number, configured: boolean): Promise<void> {
  const icons = SIZES.map((size) => [size, `/icons/icon${configured ? '' : '-grey'}-${size}.png`]);
  await Promise.all([
    browser.action.setBadgeBackgroundColor({ color: COLOUR }),
    browser.action.setBadgeText({ text: attention === 0 ? '' : String(attention) }),
    browser.action.setIcon({ path: Object.fromEntries(icons) }),
    browser.action.setTitle({ title: title(attention, configured) }),
  ]);
}

function title(attention: number, configured: boolean): string {
  if (!configured) return browser.i18n.getMessage('badgeNotConfigured');
  if (attention === 0) return browser.i18n.getMessage('name');
  return browser.i18n.getMessage(attention === 1 ? 'badgeOneProblem' : 'badgeProblems', String(attention));
}
