import { openOptions } from '../messaging/open-options';
import { Button } from '../ui/button';
import { t } from '../words/words';

/** Leads to where a connection is set up. */
export function OpenOptions() {
  return (
    <Button kind="primary" onPress={openOptions}>
      {t('pages.openOptions')}
    </Button>
  );
}
