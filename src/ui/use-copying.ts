import { useState } from 'preact/hooks';
import { type Key, t } from '../words/words';

/** Puts a text on the clipboard, and tells in words what came of it; null until then. */
export function useCopying(copied: Extract<Key, 'pages.copied' | 'help.request.copied'> = 'pages.copied') {
  const [told, setTold] = useState<string | null>(null);
  const copy = (text: string): void => {
    navigator.clipboard.writeText(text).then(
      () => setTold(t(copied)),
      () => setTold(t('pages.notCopied')),
    );
  };
  return { copy, told };
}
