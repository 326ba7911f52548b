import { redirectUri } from '../platform/redirect-uri';
import { Button } from '../ui/button';
import { useCopying } from '../ui/use-copying';
import { t } from '../words/words';

/** Where the provider sends people back to, for whoever registers the extension there. */
export function RedirectAddress() {
  const { copy, outcome } = useCopying();
  const address = redirectUri();
  return (
    <div class="stack-tight">
      <p class="muted small">{t('options.redirectHint')}</p>
      <div class="code-line">
        <code dir="ltr">{address}</code>
        <Button onPress={() => copy(address)}>{t('options.redirectCopy')}</Button>
      </div>
      <p class="muted small" role="status">
        {outcome}
      </p>
    </div>
  );
}
