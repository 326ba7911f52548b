import { BATCH_OUTCOMES, type Batch, type BatchOutcome, type BatchProgress, type LeftOut } from '../domain/batch';
import { visibleText } from '../domain/visible-text';
import type { About } from './about';
import { plainPartner } from './plain-standing';
import { listed, t } from './words';

/** What a batch is called where its partners are named elsewhere. @param about what its changes are of */
export function batchName({ kind, size }: Pick<Batch, 'kind' | 'size'>, about: About): string {
  if (kind !== 'bulk') return t(`batch.title.${kind}`, { count: size });
  return t(about === 'link' ? 'batch.links' : 'batch.bulk', { count: size });
}

/** What keeps a batch from beginning: another one. */
export function behindText(ahead: Batch, about: About = 'record'): string {
  return t('batch.behind', { name: batchName(ahead, about) });
}

/** How many changes of a batch stand how: those of the outcomes named in any case, of the others where there are any. */
export function countTexts(counts: BatchProgress['counts'], named: readonly BatchOutcome[] = []): readonly string[] {
  const some = BATCH_OUTCOMES.filter((outcome) => counts[outcome] > 0 || named.includes(outcome));
  return some.map((outcome) => t(`batch.counts.${outcome}`, { count: counts[outcome] }));
}

/** The same in one, such as “990 done, 10 failed”. */
export function countsText(counts: BatchProgress['counts']): string {
  return countTexts(counts).join(', ');
}

/** How a batch ended. */
export function endedText({ counts, stopped }: BatchProgress): string {
  const ended = listed(countTexts(counts, ['done', 'refused']), 'unit');
  return t(stopped ? 'batch.stoppedEnded' : 'batch.ended', { counts: ended });
}

/** What is said of one that no change was made of. */
export function itemText(outcome: BatchOutcome): string {
  return t(`batch.item.${outcome === 'skipped' || outcome === 'cancelled' ? outcome : 'open'}`);
}

/** So many that were left out are named in a sentence. */
export const MOST_NAMED = 5;

/** What was left out of a batch that follows another one, and who holds it; null where nothing was. */
export function leftOutText(leftOut: readonly LeftOut[]): string | null {
  if (leftOut.length === 0) return null;
  return t('batch.leftOut', { count: leftOut.length, names: firstOf(leftOut.map(leftOutOne)) });
}

/** The first of many names in one, and how many more there are. */
export function firstOf(names: readonly string[]): string {
  const named = names.slice(0, MOST_NAMED);
  const others = names.length - named.length;
  return listed(others > 0 ? [...named, t('batch.andMore', { count: others })] : named);
}

/** One that was left out, and who holds it. */
export function leftOutOne({ name, holding: { partnerOfRecord } }: LeftOut): string {
  return t('batch.leftOutOne', {
    subscription: visibleText(name),
    partner: partnerOfRecord === null ? t('pages.nobody') : plainPartner(partnerOfRecord),
  });
}
