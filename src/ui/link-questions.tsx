import type { PartnerId, PartnerRef } from '../domain/partner';
import { t } from '../words/words';
import { AskInPlace } from './ask-in-place';
import { Name, PartnerName } from './partner-name';
import { Sentence } from './sentence';

interface QuestionProps {
  /** What people call whose link it is, and where. */
  readonly account: string;
  readonly tenant: string;
  readonly busy?: boolean;
  readonly onAnswer: (sure: boolean) => void;
}

interface ConfirmLinkProps extends QuestionProps {
  readonly partnerId: PartnerId;
  /** The partner whose link it takes the place of; null where there is none. */
  readonly replaces: PartnerRef | null;
}

/** The question before a link: nobody can say before whose the ID is. */
export function ConfirmLink({ account, tenant, partnerId, replaces, busy = false, onAnswer }: ConfirmLinkProps) {
  return (
    <AskInPlace
      title={t('link.linkTitle')}
      about={`link ${partnerId}`}
      returnsTo="change"
      danger={false}
      busy={busy}
      onAnswer={onAnswer}
    >
      <p>
        <Sentence
          of="link.linkText"
          with={{
            account: <Name text={account} />,
            tenant: <Name text={tenant} />,
            partnerId: <Name text={partnerId} />,
          }}
        />
      </p>
      {replaces !== null && (
        <p>
          <strong>
            <Sentence of="link.linkReplaces" with={{ partner: <PartnerName partner={replaces} /> }} />
          </strong>
        </p>
      )}
    </AskInPlace>
  );
}

interface ConfirmUnlinkProps extends QuestionProps {
  readonly partner: PartnerRef;
}

/** The question before a link is removed. */
export function ConfirmUnlink({ account, tenant, partner, busy = false, onAnswer }: ConfirmUnlinkProps) {
  return (
    <AskInPlace
      title={t('link.removeTitle')}
      about={`remove ${partner.partnerId}`}
      returnsTo="remove"
      danger
      busy={busy}
      onAnswer={onAnswer}
    >
      <p>
        <Sentence
          of="link.removeText"
          with={{
            account: <Name text={account} />,
            tenant: <Name text={tenant} />,
            partner: <PartnerName partner={partner} />,
          }}
        />
      </p>
    </AskInPlace>
  );
}
