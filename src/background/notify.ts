import { type Change, needsAttention } from '../domain/change';
import { visibleText } from '../domain/visible-text';
import { browser } from '../platform/browser';

const SENTENCES = {
  done: 'notifyDone',
  refused: 'notifyRefused',
  conflict: 'notifyConflict',
  cancelled: 'notifyCancelled',
} as const;

/** Tells by a browser notification how a change ended, where the person allowed it and has not met the end yet. */
export async function notifyOfEnd(change: Change): Promise<void> {
  const { state } = change.life;
  if (state === 'waiting' || state === 'sending') return;
  if ((state === 'refused' || state === 'conflict') && !needsAttention(change)) return;
  // The permission is optional: without it the API is not there.
  if (!(await browser.permissions.contains({ permissions: ['notifications'] }))) return;
  await browser.notifications.create(change.id, {
    type: 'basic',
    iconUrl: browser.runtime.getURL('icons/icon-128.png'),
    title: browser.i18n.getMessage('name'),
    message: browser.i18n.getMessage(SENTENCES[state], visibleText(change.targetName)),
  });
}
