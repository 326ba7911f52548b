import type { ComponentChildren } from 'preact';
import type { BatchProgress } from '../domain/batch';
import { countTexts } from '../words/batch';
import { t } from '../words/words';

interface BatchCountsProps {
  readonly progress: BatchProgress;
  /** What stands behind the counts. */
  readonly children?: ComponentChildren;
}

/** How far a batch is, for eyes; nothing once it has ended. */
export function BatchCounts({ progress: { size, counts, ended }, children }: BatchCountsProps) {
  if (ended) return null;
  return (
    <>
      <progress class="progress" aria-label={t('batch.progress')} value={size - counts.open} max={size} />
      <p class="batch-counts">
        {countTexts(counts, ['done', 'refused']).map((text) => (
          <span key={text.replace(/\d+/g, '')}>{text}</span>
        ))}
        {children}
      </p>
    </>
  );
}
