import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import { Button } from '../ui/button';
import { t } from '../words/words';

/** Leads to where a connection is set up. */
export function OpenOptions() {
  const open = () => {
    call('options.open', {}).catch((cause: unknown) => consoleLog.error('The options could not be opened', cause));
  };
  return (
    <Button kind="primary" onPress={open}>
      {t('pages.openOptions')}
    </Button>
  );
}
