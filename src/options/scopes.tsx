import { useState } from 'preact/hooks';
import { isSameScopes, type NamedScopes, OWN_SCOPES, scopesFor } from '../domain/scopes';
import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { Notice } from '../ui/notice';
import { scopesText } from '../words/scopes';
import { t } from '../words/words';
import { useLive } from '../ui/use-live';
import { ProblemNotice } from '../ui/problem-notice';

interface Question {
  readonly scopes: readonly string[];
  readonly answer: (agreed: boolean) => void;
}

/**
 * Settles what a provider will be asked for, before a connection is saved. `settle` answers the list: what was agreed to before,
 * else what the service names, about which `question` (to be shown) asks unless it is no more than the form shows; null where
 * nobody can tell yet; 'declined' when the person does not agree.
 */
export function useScopes() {
  const [question, setQuestion] = useState<Question | null>(null);

  /** Whether the person agrees to these; what the form shows anyway needs no question. */
  const agrees = async (scopes: readonly string[]): Promise<boolean> => {
    if (isSameScopes(scopes, OWN_SCOPES)) return true;
    const isAgreed = await new Promise<boolean>((resolve) => setQuestion({ scopes, answer: resolve }));
    setQuestion(null);
    return isAgreed;
  };

  const settle = async (
    address: string,
    agreed: readonly string[] | null,
  ): Promise<readonly string[] | null | 'declined'> => {
    if (agreed !== null) return agreed;
    const scopes = scopesFor(await call('scopes.named', { address }));
    return scopes === null || (await agrees(scopes)) ? scopes : 'declined';
  };

  return {
    settle,
    agrees,
    question: question !== null && (
      <Confirm
        title={t('options.scopesTitle')}
        text={t('options.scopesQuestion', { scopes: scopesText(question.scopes) })}
        yes={t('options.scopesYes')}
        onYes={() => question.answer(true)}
        onNo={() => question.answer(false)}
      />
    ),
  };
}

interface ScopesNoticeProps {
  readonly address: string;
  readonly agreed: readonly string[] | null;
  readonly busy: boolean;
  readonly onAgree: (scopes: readonly string[]) => void;
}

/** Tells when the service by now names something else than was agreed to; nothing else is asked for until the person agrees. */
export function ScopesNotice({ address, agreed, busy, onAgree }: ScopesNoticeProps) {
  const named = useLive(
    () => call('scopes.named', { address }),
    () => undefined,
    [address],
  );
  if (named.state === 'failed') {
    return <ProblemNotice cause={named.cause} />;
  }
  if (named.state !== 'here') return null;
  return <Told named={named.value} agreed={agreed} busy={busy} onAgree={onAgree} />;
}

function Told({ named, agreed, busy, onAgree }: Omit<ScopesNoticeProps, 'address'> & { readonly named: NamedScopes }) {
  if (named.kind === 'ignored') {
    return (
      <Notice role="status" tone="warn">
        {t(`options.scopesIgnored.${named.why}`)}
      </Notice>
    );
  }
  const scopes = scopesFor(named);
  if (scopes === null || isSameScopes(scopes, agreed ?? OWN_SCOPES)) return null;
  return (
    <Notice
      role="status"
      tone="warn"
      actions={
        <Button onPress={() => onAgree(scopes)} busy={busy}>
          {t('options.scopesAgree')}
        </Button>
      }
    >
      {agreed === null
        ? t('options.scopesUndecided', { scopes: scopesText(scopes) })
        : t('options.scopesChanged', { scopes: scopesText(scopes) })}
    </Notice>
  );
}
