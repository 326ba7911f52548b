import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { useWork } from '../ui/use-work';
import { t } from '../words/words';

/** Tells that many changes came from portal pages in a short time, until the person says that they have seen it. */
export function ManyChanges() {
  const { problem, run } = useWork();
  const seen = () => run(() => call('manyChanges.seen', {}));
  return (
    <Notice role="alert" tone="warn" actions={<Button onPress={seen}>{t('popup.manyChangesSeen')}</Button>}>
      {t('popup.manyChanges')} {problem}
    </Notice>
  );
}
