import { useEffect, useId, useRef } from 'preact/hooks';
import type { PartnerOfRecord } from '../domain/partner';
import { Button } from './button';
import { PartnerName } from './partner-name';
import { t } from '../words/words';
import { trusted } from './trusted';

interface ConfirmRemovalProps {
  readonly partner: PartnerOfRecord;
  readonly onAnswer: (sure: boolean) => void;
}

/** The question before a removal. The focus begins on No; Escape is No. */
export function ConfirmRemoval({ partner, onAnswer }: ConfirmRemovalProps) {
  const id = useId();
  const no = useRef<HTMLDivElement>(null);
  useEffect(() => no.current?.querySelector('button')?.focus(), []);
  return (
    <div
      class="notice notice-bad question"
      role="alertdialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      data-returns-to="remove"
      data-about={`remove ${partner.partnerId}`}
      onKeyDown={trusted((event: KeyboardEvent) => {
        if (event.key === 'Escape') onAnswer(false);
      })}
    >
      <div class="notice-text">
        <h2 id={`${id}-title`}>{t('panel.removeTitle')}</h2>
        <div id={`${id}-text`}>
          <p>{t('panel.removeText')}</p>
          <p class="muted small">
            <PartnerName partner={partner} /> {t('panel.mailRemoved')}
          </p>
        </div>
      </div>
      <div class="row" ref={no}>
        <Button weight="free" onPress={() => onAnswer(false)}>
          {t('panel.no')}
        </Button>
        <Button kind="danger" onPress={() => onAnswer(true)}>
          {t('panel.yes')}
        </Button>
      </div>
    </div>
  );
}
