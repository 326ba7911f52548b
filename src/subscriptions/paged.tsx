import type { ComponentChildren } from 'preact';
import { Button } from '../ui/button';
import { t } from '../words/words';

/** So many rows are drawn at once, of however many. */
export const ROWS_AT_ONCE = 50;

interface PagedProps {
  readonly label: string;
  /** How many come before the first of these. */
  readonly from: number;
  /** How many there are in all. */
  readonly count: number;
  /** Null: there is nothing before these, or behind. */
  readonly onPrevious: (() => void) | null;
  readonly onNext: (() => void) | null;
  /** The items of the list that are shown. */
  readonly children: readonly ComponentChildren[];
}

/** A part of a long list, and the ways to the others. */
export function Paged({ label, from, count, onPrevious, onNext, children }: PagedProps) {
  const isWhole = onPrevious === null && onNext === null;
  return (
    <div class="stack-tight">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: where nothing in it takes the focus, it is scrolled by key all the same. */}
      <ul class="bulk-list" aria-label={label} tabIndex={0}>
        {children}
      </ul>
      {!isWhole && (
        <div class="row">
          <Button off={onPrevious === null} onPress={onPrevious ?? nothing}>
            {t('bulk.pages.previous')}
          </Button>
          <Button off={onNext === null} onPress={onNext ?? nothing}>
            {t('bulk.pages.next')}
          </Button>
          <span class="muted small">{t('bulk.pages.span', { from: from + 1, to: from + children.length, count })}</span>
        </div>
      )}
    </div>
  );
}

const nothing = (): void => undefined;
