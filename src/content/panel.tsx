import { useId, useState } from 'preact/hooks';
import { Name } from '../ui/partner-name';
import { t } from '../words/words';
import { trusted } from '../ui/trusted';
import { useKeptFocus } from '../ui/use-kept-focus';
import { PanelBody } from './panel-body';
import type { PanelContents } from './panel-controller';
import type { Shown } from './panel-state';

interface PanelProps extends PanelContents {
  /** Docked over the page's corner it can be folded to its head. */
  readonly place: 'inline' | 'docked';
}

/** The panel: a quiet card that says who the partner of record is and what can be done about it. */
export function Panel({ place, ...contents }: PanelProps) {
  const titleId = useId();
  const [folded, setFolded] = useState(false);
  const card = useKeptFocus();
  const open = place === 'inline' || !folded;
  return (
    <section class={`panel panel-${place} card`} aria-labelledby={titleId} tabIndex={-1} ref={card}>
      <header class="panel-head">
        <svg class="panel-mark" viewBox="0 0 16 16" width="20" height="20" aria-hidden="true" focusable="false">
          <rect y="1" width="16" height="14" rx="2.5" fill="#0e7580" />
          <circle cx="5.5" cy="5.5" r="2.5" fill="#fff" />
          <path d="M2 13c0-2.8 1.3-4 3.5-4S9 10.2 9 13z" fill="#fff" />
          <path d="M9.5 7.7l1.8 1.8 2.9-3.9" class="panel-mark-check" />
        </svg>
        <div class="panel-title">
          <h2 id={titleId}>{t('panel.region')}</h2>
          <Subject shown={contents.shown} open={open} />
        </div>
        {place === 'docked' && (
          <button
            type="button"
            class="button button-quiet panel-fold"
            aria-expanded={open}
            aria-label={open ? t('panel.collapse') : t('panel.expand')}
            onClick={trusted(() => setFolded(open))}
          >
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
              <path d={open ? 'M3 5.5l5 5 5-5' : 'M3 10.5l5-5 5 5'} class="panel-chevron" />
            </svg>
          </button>
        )}
      </header>
      {open && (
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
