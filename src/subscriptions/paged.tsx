import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../ui/button';
import { Name } from '../ui/partner-name';
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

/** Which subscription a row is about. */
export function RowHead({ name, id }: { readonly name: string; readonly id: string }) {
  return (
    <>
      <span class="bulk-name">
        <Name text={name} />
      </span>{' '}
      <span class="small muted row-id">
        <Name text={id} />
      </span>
    </>
  );
}

interface PagedRowsProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  /** Draws the item of one. */
  readonly children: (row: Row, at: number) => ComponentChildren;
}

/** The same of rows that are all at hand. */
export function PagedRows<Row>({ label, rows, children }: PagedRowsProps<Row>) {
  const [from, setFrom] = useState(0);
  // There may be fewer by now.
  const first = from < rows.length ? from : 0;
  const end = first + ROWS_AT_ONCE;
  return (
    <Paged
      label={label}
      from={first}
      count={rows.length}
      onPrevious={first === 0 ? null : () => setFrom(first - ROWS_AT_ONCE)}
      onNext={end >= rows.length ? null : () => setFrom(end)}
    >
      {rows.slice(first, end).map((row, at) => children(row, first + at))}
    </Paged>
  );
}

const nothing = (): void => undefined;
