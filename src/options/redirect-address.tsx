import { useState } from 'preact/hooks';
import { Button } from '../ui/button';
import { ProblemText } from '../ui/problem-text';
import { t } from '../words/words';
import { type Outcome, OutcomeNotice } from './outcome';
import { redirectUri } from './permission';

/** Where the provider sends people back to, for whoever registers the extension there. */
export function RedirectAddress() {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const address = redirectUri();
  const copy = () => {
    navigator.clipboard.writeText(address).then(
      () => setOutcome({ good: true, words: t('options.redirectCopied') }),
      (cause: unknown) => setOutcome({ good: false, words: <ProblemText cause={cause} /> }),
    );
  };
  return (
    <div class="stack-tight">
      <p class="muted small">{t('options.redirectHint')}</p>
      <div class="code-line">
        <code dir="ltr">{address}</code>
        <Button onPress={copy}>{t('options.redirectCopy')}</Button>
      </div>
      <OutcomeNotice outcome={outcome} />
    </div>
  );
}
