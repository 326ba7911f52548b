import { BATCH_OUTCOMES, type BatchProgress } from '../domain/batch';
import { t } from './words';

/** How many changes of a batch stand how, such as “990 done, 10 refused”. */
export function countsText(counts: BatchProgress['counts']): string {
  const some = BATCH_OUTCOMES.filter((outcome) => counts[outcome] > 0);
  return some.map((outcome) => t(`history.counts.${outcome}`, { count: counts[outcome] })).join(', ');
}
