import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../words/words';
import { Button } from './button';
import { trusted } from './trusted';
import { useUniqueId } from './use-unique-id';

interface AskInPlaceProps {
  readonly title: string;
  /** What it is about, in words. */
  readonly children: ComponentChildren;
  /** What Yes does, named for whoever watches that what is pressed is what was shown. */
  readonly about: string;
  /** What the focus goes back to, by its `data-focus`: of several the last. */
  readonly returnsTo: string;
  /** It takes something away. */
  readonly danger: boolean;
  /** What was answered with Yes is under way. */
  readonly busy: boolean;
  readonly onAnswer: (sure: boolean) => void;
}

/** A question that stands where it was asked. The focus begins on No and stays within; Escape is No. */
export function AskInPlace({ title, children, about, returnsTo, danger, busy, onAnswer }: AskInPlaceProps) {
  const id = useUniqueId();
  const answers = useRef<HTMLDivElement>(null);
  useEffect(() => answers.current?.querySelector('button')?.focus(), []);

  function keepWithin(event: KeyboardEvent): void {
    const buttons: readonly (EventTarget | null)[] = [...(answers.current?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf(event.target);
    const next = buttons[(at + (event.shiftKey ? -1 : 1) + buttons.length) % buttons.length];
    event.preventDefault();
    if (next instanceof HTMLElement) next.focus();
  }

  return (
    <div
      class={`notice notice-${danger ? 'bad' : 'warn'} question`}
      role="alertdialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      aria-busy={busy}
      data-returns-to={returnsTo}
      data-about={about}
      onKeyDown={trusted((event: KeyboardEvent) => {
        if (event.key === 'Tab') keepWithin(event);
        if (event.key !== 'Escape' || busy) return;
        // It answers the question and folds nothing away.
        event.stopPropagation();
        onAnswer(false);
      })}
    >
      <div class="notice-text">
        <h2 id={`${id}-title`}>{title}</h2>
        <div id={`${id}-text`}>{children}</div>
      </div>
      <div class="row" ref={answers}>
        <Button weight="free" off={busy} onPress={() => onAnswer(false)}>
          {t('panel.no')}
        </Button>
        <Button kind={danger ? 'danger' : 'primary'} busy={busy} onPress={() => onAnswer(true)}>
          {t('panel.yes')}
        </Button>
      </div>
    </div>
  );
}
