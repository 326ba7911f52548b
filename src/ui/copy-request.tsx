import { requestText, type SubscriptionRequest } from '../words/request';
import { t } from '../words/words';
import { Button } from './button';
import { useCopying } from './use-copying';

/** Puts a request for a subscription that the service does not know on the clipboard, ready to be mailed. */
export function CopyRequest({ request }: { readonly request: SubscriptionRequest }) {
  const { copy, outcome } = useCopying('help.request.copied');
  return (
    <>
      <Button weight="free" onPress={() => copy(requestText(request))}>
        {t('help.request.copy')}
      </Button>
      <span class="muted small" aria-live="polite">
        {outcome ?? t('help.request.hint')}
      </span>
    </>
  );
}
