import { useState } from 'preact/hooks';
import { call } from '../messaging/call';
import { onPortalUses, readPortalUses } from '../storage/portal-uses';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { POPUP, problemText } from '../ui/strings';
import { useLive } from '../ui/use-live';

/** Tells, until the person says that they have seen it, that many changes came from portal pages in a short time. */
export function ManyChanges() {
  const [problem, setProblem] = useState<string | null>(null);
  const uses = useLive(readPortalUses, onPortalUses, []);
  if (uses.state !== 'here' || uses.value.manyChanges?.seen !== false) return null;
  const seen = () => {
    call('manyChanges.seen', {}).catch((cause: unknown) => setProblem(problemText(cause)));
  };
  return (
    <Notice role="alert" tone="warn" actions={<Button onPress={seen}>{POPUP.manyChangesSeen}</Button>}>
      {POPUP.manyChanges} {problem}
    </Notice>
  );
}
