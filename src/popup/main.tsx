import '../ui/base.css';
import '../ui/page.css';
import './popup.css';
import './check-ids.css';
import { browserCatalogue } from '../platform/catalogue';
import { consoleLog } from '../platform/log';
import { createDatabase } from '../storage/database';
import { createHistoryReader } from '../storage/history';
import { startPage } from '../ui/start-page';
import { t } from '../words/words';
import { placeOf } from './place';
import { Popup } from './popup';
import { call } from '../messaging/call';
import { onSettingsBroadcast } from '../messaging/broadcasts';
import { WithSupport } from '../ui/support';

const readSupport = () => call('support.read', {});

const openDatabase = createDatabase(() => consoleLog.info('Somebody else holds the database; opening waits'));
const place = placeOf(location.search);
startPage(browserCatalogue, () => ({
  title: t('extension.name'),
  content: (
    <WithSupport read={readSupport} listen={onSettingsBroadcast}>
      <Popup history={createHistoryReader(openDatabase)} place={place} />
    </WithSupport>
  ),
}));
