import { useState } from 'preact/hooks';
import { requestText, type SubscriptionRequest } from '../words/request';
import { t } from '../words/words';
import { Button } from './button';

/** Puts a request for a subscription that the service does not know on the clipboard, ready to be mailed. */
export function CopyRequest({ request }: { readonly request: SubscriptionRequest }) {
  const [outcome, setOutcome] = useState<'copied' | 'notCopied' | null>(null);
  const copy = () => {
    navigator.clipboard.writeText(requestText(request)).then(
      () => setOutcome('copied'),
      () => setOutcome('notCopied'),
    );
  };
  return (
    <>
      <Button weight="free" onPress={copy}>
        {t('help.request.copy')}
      </Button>
      <span class="muted small" aria-live="polite">
        {t(`help.request.${outcome ?? 'hint'}`)}
      </span>
    </>
  );
}
