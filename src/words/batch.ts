import { BATCH_OUTCOMES, type BatchOutcome, type BatchProgress } from '../domain/batch';
import { t } from './words';

/** How many changes of a batch stand how, such as “990 done, 10 refused”. */
export function countsText(counts: BatchProgress['counts']): string {
  const some = BATCH_OUTCOMES.filter((outcome) => counts[outcome] > 0);
  return some.map((outcome) => t(`history.counts.${outcome}`, { count: counts[outcome] })).join(', ');
}

/** What is said of one that no change was made of. */
export function itemText(outcome: BatchOutcome): string {
  return t(`batch.item.${outcome === 'skipped' || outcome === 'cancelled' ? outcome : 'open'}`);
}
