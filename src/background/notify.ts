import type { Batch, BatchProgress } from '../domain/batch';
import { isOnItsWay, needsPerson, type Phase, type Standing } from '../domain/standing';
import { visibleText } from '../domain/visible-text';
import { browser } from '../platform/browser';
import { countsText } from '../words/batch';
import { plainStandingWords } from '../words/standing';
import { t } from '../words/words';

/** Shows a browser notification of how a change ended, if the person allowed it and has not seen the end yet. */
export async function notifyOfEnd(standing: Standing): Promise<void> {
  const { changeId, targetName, at } = standing;
  if (isOnItsWay(at)) return;
  if (WANT_AN_EYE.includes(at.phase) && !needsPerson(at)) return;
  const words = plainStandingWords(standing, 'news');
  await notify(changeId, t('notifications.ended', { name: visibleText(targetName), words }));
}

/** The same of how all of a batch ended. */
export async function notifyOfBatch({ id, kind, size }: Batch, { counts }: BatchProgress): Promise<void> {
  const name = t(`history.batch.${kind}`, { count: size });
  await notify(id, t('notifications.ended', { name, words: countsText(counts) }));
}

async function notify(id: string, message: string): Promise<void> {
  // The permission is optional: without it the API is not there.
  if (!(await browser.permissions.contains({ permissions: ['notifications'] }))) return;
  await browser.notifications.create(id, {
    type: 'basic',
    iconUrl: browser.runtime.getURL('icons/icon-128.png'),
    title: t('extension.name'),
    message,
  });
}

/** Ends that the person has already seen, once they need nobody any more. */
const WANT_AN_EYE: readonly Phase['phase'][] = ['refused', 'conflict', 'unknown'];
