import { useEffect, useRef } from 'preact/hooks';
import type { PartnerRef } from '../domain/partner';
import { Button } from './button';
import { PartnerName } from './partner-name';
import { Sentence } from './sentence';
import { t } from '../words/words';
import { trusted } from './trusted';
import { useUniqueId } from './use-unique-id';

interface ConfirmRemovalProps {
  readonly partner: PartnerRef;
  /** The partner is told of it. */
  readonly mails: boolean;
  /** The removal is under way. */
  readonly busy?: boolean;
  readonly onAnswer: (sure: boolean) => void;
}

/** The question before a removal. The focus begins on No and stays within; Escape is No. */
export function ConfirmRemoval({ partner, mails, busy = false, onAnswer }: ConfirmRemovalProps) {
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
      class="notice notice-bad question"
      role="alertdialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      aria-busy={busy}
      data-returns-to="remove"
      data-about={`remove ${partner.partnerId}`}
      onKeyDown={trusted((event: KeyboardEvent) => {
        if (event.key === 'Tab') keepWithin(event);
        if (event.key !== 'Escape' || busy) return;
        // It answers the question and folds nothing away.
        event.stopPropagation();
        onAnswer(false);
      })}
    >
      <div class="notice-text">
        <h2 id={`${id}-title`}>{t('panel.removeTitle')}</h2>
        <div id={`${id}-text`}>
          <p>{t('panel.removeText')}</p>
          {/* Whom it is about is said either way. */}
          <p class="muted small">
            {mails ? (
              <Sentence of="panel.mailRemoved" with={{ partner: <PartnerName partner={partner} /> }} />
            ) : (
              <PartnerName partner={partner} />
            )}
          </p>
        </div>
      </div>
      <div class="row" ref={answers}>
        <Button weight="free" off={busy} onPress={() => onAnswer(false)}>
          {t('panel.no')}
        </Button>
        <Button kind="danger" busy={busy} onPress={() => onAnswer(true)}>
          {t('panel.yes')}
        </Button>
      </div>
    </div>
  );
}
