import '../ui/base.css';
import '../ui/page.css';
import './options.css';
import { browserCatalogue } from '../platform/catalogue';
import { consoleLog } from '../platform/log';
import { createDatabase } from '../storage/database';
import { createSecrets } from '../storage/secrets';
import { OptionsPage } from './options-page';
import { startPage } from '../ui/start-page';
import { t } from '../words/words';
import { call } from '../messaging/call';
import { onSettingsBroadcast } from '../messaging/broadcasts';
import { WithSupport } from '../ui/support';

const readSupport = () => call('support.read', {});

const openDatabase = createDatabase(() => consoleLog.info('Somebody else holds the database; opening waits'));
startPage(browserCatalogue, () => ({
  title: t('options.title'),
  content: (
    <WithSupport read={readSupport} listen={onSettingsBroadcast}>
      <OptionsPage secrets={createSecrets(openDatabase)} welcome={location.hash === '#welcome'} />
    </WithSupport>
  ),
}));
