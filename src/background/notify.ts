import type { Batch, BatchProgress } from '../domain/batch';
import { type ForeignChange, madeBy } from '../domain/history';
import type { PartnerRef } from '../domain/partner';
import { isOnItsWay, needsPerson, type Phase } from '../domain/phase';
import type { Standing } from '../domain/standing';
import type { ConnectionList } from '../domain/settings';
import { type Target, targetNameOf } from '../domain/target';
import { visibleText } from '../domain/visible-text';
import { browser } from '../platform/browser';
import { aboutIn, aboutOf, ABOUT_WORDS } from '../words/about';
import { batchName, countsText } from '../words/batch';
import type { History } from '../storage/history';
import { plainPartner, plainStandingWords } from '../words/plain-standing';
import { t } from '../words/words';

/** Shows a browser notification of how a change ended, if the person allowed it and has not seen the end yet. */
export async function notifyOfEnd(standing: Standing): Promise<void> {
  const { changeId, targetName, at } = standing;
  if (isOnItsWay(at)) return;
  if (WANT_AN_EYE.includes(at.phase) && !needsPerson(at)) return;
  const words = plainStandingWords(standing, 'news');
  await show(changeId, t('notifications.ended', { name: visibleText(targetName), words }));
}

/** The same of how all of a batch ended. */
export async function notifyOfBatch(batch: Batch, { counts }: BatchProgress, settings: ConnectionList): Promise<void> {
  const name = batchName(batch, aboutIn(settings, batch.connectionId));
  await show(batch.id, t('notifications.ended', { name, words: countsText(counts) }));
}

/** Shows one browser notification of changes made elsewhere, by the IDs of their rows: of one what it was, of many how many. */
export async function notifyOfForeign(ids: readonly string[], history: Pick<History, 'readForeign'>): Promise<void> {
  const [only] = ids;
  if (only === undefined) return;
  const foreign = ids.length === 1 ? await history.readForeign(only) : null;
  if (ids.length === 1 && foreign === null) return;
  await show(
    foreign === null ? MANY_FOREIGN : foreign.id,
    foreign === null ? t('notifications.foreignMany', { count: ids.length }) : foreignWords(foreign),
  );
}

/** The name of the notification of many changes made elsewhere; that of one has the ID of its row, as a change's end has its own. */
export const MANY_FOREIGN = 'foreign';

function foreignWords(foreign: ForeignChange): string {
  const { target, targetName, before, after } = foreign;
  const by = madeBy(foreign);
  const words = {
    name: visibleText(targetNameOf(target, targetName)),
    before: partnerWords(before, target),
    after: partnerWords(after, target),
  };
  return by === null
    ? t('notifications.foreign', words)
    : t('notifications.foreignBy', { ...words, person: visibleText(by) });
}

function partnerWords(partner: PartnerRef | null, target: Target): string {
  return partner === null ? t(ABOUT_WORDS[aboutOf(target)].nobody) : plainPartner(partner);
}

async function show(id: string, message: string): Promise<void> {
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
