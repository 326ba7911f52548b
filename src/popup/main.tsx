import '../ui/base.css';
import '../ui/page.css';
import './popup.css';
import './check-ids.css';
import { browserCatalogue } from '../platform/catalogue';
import { consoleLog } from '../platform/log';
import { createDatabase } from '../storage/database';
import { createHistoryReader } from '../storage/history';
import { Popup } from './popup';
import { startPage } from '../ui/start-page';
import { t } from '../words/words';
import { call } from '../messaging/call';
import { onSettingsNotice } from '../messaging/notices';
import { WithSupport } from '../ui/support';

const readSupport = () => call('support.read', {});

const openDatabase = createDatabase(() => consoleLog.info('Somebody else holds the database; opening waits'));
startPage(browserCatalogue, () => ({
  title: t('extension.name'),
  content: (
    <WithSupport read={readSupport} listen={onSettingsNotice}>
      <Popup history={createHistoryReader(openDatabase)} />
    </WithSupport>
  ),
}));
