import { useState } from 'preact/hooks';
import { type Key, t } from '../words/words';

/** Puts a text on the clipboard, and says what came of it; null until then. */
export function useCopying(copied: Extract<Key, 'pages.copied' | 'help.request.copied'> = 'pages.copied') {
  const [outcome, setOutcome] = useState<string | null>(null);
  const copy = (text: string): void => {
    navigator.clipboard.writeText(text).then(
      () => setOutcome(t(copied)),
      () => setOutcome(t('pages.notCopied')),
    );
  };
  return { copy, outcome, forget: () => setOutcome(null) };
}
