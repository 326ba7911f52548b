import '../ui/base.css';
import '../ui/page.css';
import '../ui/table.css';
import './subscriptions.css';
import './bulk.css';
import './import.css';
import { browserCatalogue } from '../platform/catalogue';
import { consoleLog } from '../platform/log';
import { keepFocus } from '../ui/keep-focus';
import { SubscriptionsPage } from './subscriptions-page';
import { startPage } from '../ui/start-page';
import { t } from '../words/words';
import { call } from '../messaging/call';
import { onSettingsBroadcast } from '../messaging/broadcasts';
import { createDatabase } from '../storage/database';
import { createKeptListReader } from '../storage/kept-lists';
import { createHistoryReader } from '../storage/history';
import { createStarsReader } from '../storage/stars';
import { createWatchesReader } from '../storage/watches';
import { WithSupport } from '../ui/support';

const readSupport = () => call('support.read', {});
const open = createDatabase(() => consoleLog.info('Somebody else holds the database; opening waits'));
const kept = createKeptListReader(open);
const stars = createStarsReader(open);
const history = createHistoryReader(open);
const watches = createWatchesReader(open);

keepFocus(document.body);
startPage(browserCatalogue, () => ({
  title: t('subscriptions.title'),
  content: (
    <WithSupport read={readSupport} listen={onSettingsBroadcast}>
      <SubscriptionsPage {...{ history, watches, kept, stars }} />
    </WithSupport>
  ),
}));
