import { useId, useState } from 'preact/hooks';
import type { Dock } from '../domain/dock';
import { Name } from '../ui/partner-name';
import { t } from '../words/words';
import { trusted } from '../ui/trusted';
import { useKeptFocus } from '../ui/use-kept-focus';
import { DockedHead } from './docked-head';
import { isFoldedByItself, mayFold } from './folding';
import { PanelBody } from './panel-body';
import type { PanelContents } from './panel-controller';
import type { Shown } from './panel-state';
import type { Place } from './placement';

/** How the panel stands on its page. */
export interface PanelStand {
  readonly place: Place;
  readonly dock: Dock;
  /** The person folds or opens the docked panel. */
  readonly onFold: (folded: boolean) => void;
  /** The person wants it in the next corner. */
  readonly onMove: () => void;
}

/** The panel: a quiet card that says who the partner of record is and what can be done about it. */
export function Panel({ place, dock, onFold, onMove, ...contents }: PanelContents & PanelStand) {
  const titleId = useId();
  /** What the person did here, since that counts before what is so by itself. */
  const [folds, setFolds] = useState<boolean | null>(null);
  const card = useKeptFocus();
  const { shown, sureness } = contents;
  const foldable = place === 'docked' && mayFold(shown);
  const folded = foldable && (folds ?? isFoldedByItself(shown, sureness, dock.folded));

  function fold(next: boolean): void {
    setFolds(next);
    onFold(next);
  }

  /** Not where Escape closes something within. */
  function foldOnEscape(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !foldable || folded || event.defaultPrevented) return;
    if (card.current === null || card.current.querySelector('.offers') !== null) return;
    card.current.querySelector<HTMLElement>('[aria-expanded].panel-fold')?.focus();
    fold(true);
  }

  return (
    <section
      class={`panel panel-${place} ${folded ? 'panel-folded' : ''} card`}
      data-corner={place === 'docked' ? dock.corner : undefined}
      aria-labelledby={titleId}
      tabIndex={-1}
      ref={card}
      onKeyDown={trusted(foldOnEscape)}
    >
      <header class="panel-head">
        <svg class="panel-mark" viewBox="0 0 16 16" width="20" height="20" aria-hidden="true" focusable="false">
          <rect y="1" width="16" height="14" rx="2.5" fill="#0e7580" />
          <circle cx="5.5" cy="5.5" r="2.5" fill="#fff" />
          <path d="M2 13c0-2.8 1.3-4 3.5-4S9 10.2 9 13z" fill="#fff" />
          <path d="M9.5 7.7l1.8 1.8 2.9-3.9" class="panel-mark-check" />
        </svg>
        <div class="panel-title">
          <h2 id={titleId}>{t('panel.region')}</h2>
          <Subject shown={shown} open={!folded} />
        </div>
        {place === 'docked' && (
          <DockedHead corner={dock.corner} folded={folded} mayFold={foldable} onFold={fold} onMove={onMove} />
        )}
      </header>
      {!folded && (
        <>
          <div class="panel-body">
            <PanelBody {...contents} />
          </div>
          <footer class="panel-foot muted small">{t('pages.whoseRecord')}</footer>
        </>
      )}
    </section>
  );
}

/** Under the title: the subscription's name, or the partner's where the rest is folded away. */
function Subject({ shown, open }: { readonly shown: Shown; readonly open: boolean }) {
  if (shown.state !== 'read') return null;
  const { displayName, partnerOfRecord } = shown.record;
  return (
    <p class="panel-subject muted small">
      {open ? <Name text={displayName} /> : partnerOfRecord ? <Name text={partnerOfRecord.name} /> : t('panel.none')}
    </p>
  );
}
