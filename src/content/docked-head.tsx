import type { Corner } from '../domain/dock';
import { trusted } from '../ui/trusted';
import { t } from '../words/words';

interface DockedHeadProps {
  readonly corner: Corner;
  readonly folded: boolean;
  readonly mayFold: boolean;
  readonly onFold: (folded: boolean) => void;
  readonly onMove: () => void;
}

/** What a docked panel has at the end of its head: it folds to a tab, and moves out of the way to another corner. */
export function DockedHead({ corner, folded, mayFold, onFold, onMove }: DockedHeadProps) {
  const down = folded === corner.startsWith('top');
  return (
    <>
      {!folded && (
        <button
          type="button"
          class="button button-quiet panel-fold"
          aria-label={t('panel.move')}
          onClick={trusted(onMove)}
        >
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path
              d="M8 1.8v12.4M1.8 8h12.4M6 3.8l2-2 2 2M6 12.2l2 2 2-2M3.8 6l-2 2 2 2M12.2 6l2 2-2 2"
              class="panel-chevron"
            />
          </svg>
        </button>
      )}
      {mayFold && (
        <button
          type="button"
          class="button button-quiet panel-fold"
          aria-expanded={!folded}
          aria-label={folded ? t('panel.expand') : t('panel.collapse')}
          onClick={trusted(() => onFold(!folded))}
        >
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d={down ? 'M3 5.5l5 5 5-5' : 'M3 10.5l5-5 5 5'} class="panel-chevron" />
          </svg>
        </button>
      )}
    </>
  );
}
