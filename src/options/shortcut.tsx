import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { readShortcut, shortcutSettings } from '../platform/shortcut';
import { Button } from '../ui/button';
import { useLive } from '../ui/use-live';
import { ProblemText } from '../ui/problem-text';
import { t } from '../words/words';

/** Which keys open the extension, and where they are set: it takes none by itself. */
export function Shortcut() {
  const shortcut = useLive(readShortcut, onReturn, []);
  const [problem, setProblem] = useState<ComponentChildren>(null);
  const { open, address } = shortcutSettings();
  if (shortcut.state === 'reading') return null;
  if (shortcut.state === 'failed')
    return (
      <div class="problem">
        <ProblemText cause={shortcut.cause} />
      </div>
    );
  const go = () => {
    open?.().catch((cause: unknown) => setProblem(<ProblemText cause={cause} />));
  };
  return (
    <div class="stack-tight">
      <p>
        {shortcut.value === null ? t('help.shortcut.notSet') : t('help.shortcut.set', { shortcut: shortcut.value })}
      </p>
      {open === null ? (
        <p class="muted small">{t('help.shortcut.elsewhere')}</p>
      ) : (
        <div class="row">
          <Button onPress={go}>{t('help.shortcut.open')}</Button>
          {address !== null && (
            <code class="small" dir="ltr">
              {address}
            </code>
          )}
        </div>
      )}
      {problem !== null && (
        <div class="problem" role="alert">
          {problem}
        </div>
      )}
    </div>
  );
}

/** The person comes back from where keys are set: Firefox 153 says that one was (`commands.onChanged`), Chromium 156 does not. */
function onReturn(again: () => void, signal: AbortSignal): void {
  addEventListener('focus', again, { signal });
  document.addEventListener('visibilitychange', again, { signal });
}
