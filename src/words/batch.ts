import { BATCH_OUTCOMES, type BatchOutcome, type BatchProgress, type LeftOut } from '../domain/batch';
import { visibleText } from '../domain/visible-text';
import { plainPartner } from './standing';
import { listed, t } from './words';

/** How many changes of a batch stand how, such as “990 done, 10 refused”. */
export function countsText(counts: BatchProgress['counts']): string {
  const some = BATCH_OUTCOMES.filter((outcome) => counts[outcome] > 0);
  return some.map((outcome) => t(`history.counts.${outcome}`, { count: counts[outcome] })).join(', ');
}

/** What is said of one that no change was made of. */
export function itemText(outcome: BatchOutcome): string {
  return t(`batch.item.${outcome === 'skipped' || outcome === 'cancelled' ? outcome : 'open'}`);
}

/** So many that were left out are named. */
const MOST_NAMED = 5;

/** What was left out of a batch that follows another one, and who holds it; null where nothing was. */
export function leftOutText(leftOut: readonly LeftOut[]): string | null {
  if (leftOut.length === 0) return null;
  const named = leftOut.slice(0, MOST_NAMED).map(({ name, holding: { partnerOfRecord } }) =>
    t('batch.leftOutOne', {
      subscription: visibleText(name),
      partner: partnerOfRecord === null ? t('pages.nobody') : plainPartner(partnerOfRecord),
    }),
  );
  const others = leftOut.length - named.length;
  const names = others > 0 ? [...named, t('batch.andMore', { count: others })] : named;
  return t('batch.leftOut', { count: leftOut.length, names: listed(names) });
}
