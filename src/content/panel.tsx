import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Dock } from '../domain/dock';
import { trusted } from '../ui/trusted';
import { useKeptFocus } from '../ui/use-kept-focus';
import { type About, ABOUT_WORDS } from '../words/about';
import { t } from '../words/words';
import { Details } from './details';
import { DockedHead } from './docked-head';
import { isFoldedByItself, mayFold } from './folding';
import { PanelBar } from './panel-bar';
import { PanelBody } from './panel-body';
import type { PanelContents } from './panel-controller';
import { isLineAlone, isUnderWay, isUnfolded } from './panel-state';
import type { Place } from './placement';
import { useHeldHeight } from './use-held-height';
import { useUniqueId } from '../ui/use-unique-id';

/** How the panel stands on its page. */
export interface PanelStand {
  /** What this region of it is about; the record unless given. */
  readonly about?: About;
  /** It stands below another region, which has what moves and folds the docked panel. */
  readonly below?: boolean;
  /** The region that stands below this one, and whether the panel may be folded for all of it. */
  readonly children?: ComponentChildren;
  readonly mayFoldBelow?: boolean;
  readonly place: Place;
  readonly dock: Dock;
  /** The person folds or opens the docked panel. */
  readonly onFold: (folded: boolean) => void;
  /** The person wants it in the next corner. */
  readonly onMove: () => void;
}

/** Keys that lead about, and so leave what is shown where it is. */
const LEADING = /^(Tab|Shift|Control|Alt|Meta|Enter| |Arrow\w+)$/;

/** The panel: a quiet card that says who the partner of record is and what can be done about it. */
export function Panel(props: PanelContents & PanelStand) {
  const {
    about = 'record',
    below = false,
    place,
    dock,
    onFold,
    onMove,
    children,
    mayFoldBelow = true,
    ...contents
  } = props;
  const titleId = useUniqueId();
  /** What the person did here, since that counts before what is so by itself. */
  const [folds, setFolds] = useState<boolean | null>(null);
  const card = useKeptFocus();
  const { shown, sureness, now, acts } = contents;
  const foldable = place === 'docked' && !below && mayFold(shown) && mayFoldBelow;
  const folded = foldable && (folds ?? isFoldedByItself(shown, sureness, dock.folded));
  const open = !folded && shown.state === 'read' && isUnfolded(shown);
  const isNamed = about === 'link' || Boolean(children);
  const body = useHeldHeight(isUnderWay(shown));

  function fold(next: boolean): void {
    setFolds(next);
    onFold(next);
  }

  function focusOn(selector: string): void {
    card.current?.querySelector<HTMLElement>(selector)?.focus();
  }

  function unfold(opens: boolean): void {
    acts.unfold(opens);
    // What is drawn follows at once.
    focusOn(opens ? 'input' : '[data-focus="change"] button');
  }

  /** First the form that was opened, then the docked panel itself; not where Escape closes something within. */
  function foldOnEscape(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    if (open && shown.task.kind === 'form' && !shown.task.busy && shown.present.partnerOfRecord !== null) {
      unfold(false);
    } else if (foldable && !folded) {
      focusOn('.panel-fold[aria-expanded]');
      fold(true);
    }
  }

  const region = (
    <section
      class={`panel ${place === 'docked' ? 'panel-docked' : ''} ${folded ? 'panel-folded' : ''} ${open ? 'panel-open' : ''} ${isNamed ? 'panel-named' : ''} card`}
      aria-labelledby={titleId}
      tabIndex={-1}
      ref={card}
      onKeyDown={trusted((event: KeyboardEvent) => {
        foldOnEscape(event);
        if (!LEADING.test(event.key)) acts.goOn();
      })}
    >
      <PanelBar about={about} shown={shown} titleId={titleId} open={open} folded={folded} onUnfold={unfold} acts={acts}>
        {place === 'docked' && !below && (
          <div class="panel-tools">
            <DockedHead corner={dock.corner} folded={folded} mayFold={foldable} onFold={fold} onMove={onMove} />
          </div>
        )}
      </PanelBar>
      {!folded && (
        <div class="panel-body" ref={body}>
          <PanelBody {...contents} about={about} open={open} />
          {!isLineAlone(shown, sureness) && (
            <footer class="panel-foot muted small">
              <p>{t(ABOUT_WORDS[about].whose)}</p>
              <Details shown={shown} now={now} />
            </footer>
          )}
        </div>
      )}
    </section>
  );
  return (
    <>
      {region}
      {!folded && children}
    </>
  );
}
