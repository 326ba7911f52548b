import type { PartnerRef } from '../domain/partner';
import { t } from '../words/words';
import { AskInPlace } from './ask-in-place';
import { PartnerName } from './partner-name';
import { Sentence } from './sentence';

interface ConfirmRemovalProps {
  readonly partner: PartnerRef;
  /** The partner is told of it. */
  readonly mails: boolean;
  /** The removal is under way. */
  readonly busy?: boolean;
  readonly onAnswer: (sure: boolean) => void;
}

/** The question before the removal of a partner of record. */
export function ConfirmRemoval({ partner, mails, busy = false, onAnswer }: ConfirmRemovalProps) {
  return (
    <AskInPlace
      title={t('panel.removeTitle')}
      about={`remove ${partner.partnerId}`}
      returnsTo="remove"
      danger
      busy={busy}
      onAnswer={onAnswer}
    >
      <p>{t('panel.removeText')}</p>
      {/* Whom it is about is said either way. */}
      <p class="muted small">
        {mails ? (
          <Sentence of="panel.mailRemoved" with={{ partner: <PartnerName partner={partner} /> }} />
        ) : (
          <PartnerName partner={partner} />
        )}
      </p>
    </AskInPlace>
  );
}
