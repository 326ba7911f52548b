import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { ProblemText } from '../ui/problem-text';
import { t } from '../words/words';

/** Tells that many changes came from portal pages in a short time, until the person says that they have seen it. */
export function ManyChanges() {
  const [problem, setProblem] = useState<ComponentChildren>(null);
  const seen = () => {
    call('manyChanges.seen', {}).catch((cause: unknown) => setProblem(<ProblemText cause={cause} />));
  };
  return (
    <Notice role="alert" tone="warn" actions={<Button onPress={seen}>{t('popup.manyChangesSeen')}</Button>}>
      {t('popup.manyChanges')} {problem}
    </Notice>
  );
}
