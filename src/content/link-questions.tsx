import type { PartnerId, PartnerRef } from '../domain/partner';
import type { LinkFacts } from '../messaging/protocol';
import { AskInPlace } from '../ui/ask-in-place';
import { Id, Name, PartnerName } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { t } from '../words/words';

interface QuestionProps {
  readonly link: LinkFacts;
  readonly busy: boolean;
  readonly onAnswer: (sure: boolean) => void;
}

interface ConfirmLinkProps extends QuestionProps {
  readonly partnerId: PartnerId;
  /** The partner whose link it takes the place of; null where there is none. */
  readonly replaces: PartnerRef | null;
}

/** The question before a link: nobody can say before whose the ID is. */
export function ConfirmLink({ link, partnerId, replaces, busy, onAnswer }: ConfirmLinkProps) {
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
        <Sentence of="link.linkText" with={{ ...whose(link), partnerId: <Id text={partnerId} /> }} />
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

/** The question before a link is removed. */
export function ConfirmUnlink({ link, partner, busy, onAnswer }: QuestionProps & { readonly partner: PartnerRef }) {
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
        <Sentence of="link.removeText" with={{ ...whose(link), partner: <PartnerName partner={partner} /> }} />
      </p>
    </AskInPlace>
  );
}

function whose({ account, tenant }: LinkFacts) {
  return { account: <Name text={account?.name ?? ''} />, tenant: <Name text={tenant?.name ?? tenant?.id ?? ''} /> };
}
