import { useId } from 'preact/hooks';
import { trusted } from '../ui/trusted';
import { useKeptFocus } from '../ui/use-kept-focus';
import { t } from '../words/words';
import { Details } from './details';
import { PanelBar } from './panel-bar';
import { PanelBody } from './panel-body';
import type { PanelContents } from './panel-controller';
import { isFolded, isUnfolded, isUnderWay } from './panel-state';
import { useHeldHeight } from './use-held-height';

interface PanelProps extends PanelContents {
  readonly place: 'inline' | 'docked';
}

/** Keys that lead about, and so leave what is told where it is. */
const LEADING = [
  'Tab',
  'Shift',
  'Control',
  'Alt',
  'Meta',
  'Enter',
  ' ',
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
];

/** The panel: a quiet card that says who the partner of record is and what can be done about it. */
export function Panel({ place, ...contents }: PanelProps) {
  const titleId = useId();
  const card = useKeptFocus();
  const { shown, sureness, now, acts } = contents;
  const rest = useHeldHeight(isUnderWay(shown));
  const folds = place === 'docked';
  const open = shown.state === 'read' && isUnfolded(shown, folds);

  function unfold(opens: boolean): void {
    acts.unfold(opens);
    // What is drawn follows at once.
    card.current?.querySelector<HTMLElement>(opens ? 'input' : '[data-focus="change"] button')?.focus();
  }

  return (
    <section
      class={`panel panel-${place} ${open ? 'panel-open' : ''} card`}
      aria-labelledby={titleId}
      tabIndex={-1}
      ref={card}
      onKeyDown={trusted((event: KeyboardEvent) => {
        const folding = event.key === 'Escape' && open && shown.task.kind === 'form' && shown.unfolded === true;
        if (folding) unfold(false);
        else if (!LEADING.includes(event.key)) acts.goOn();
      })}
    >
      <PanelBar shown={shown} titleId={titleId} open={open} onUnfold={unfold} acts={acts} folds={folds} />
      <div class="panel-body" ref={rest}>
        <PanelBody {...contents} open={open} />
        {!isFolded(shown, folds, sureness) && (
          <footer class="panel-foot muted small">
            <p>{t('pages.whoseRecord')}</p>
            <Details shown={shown} now={now} />
          </footer>
        )}
      </div>
    </section>
  );
}
