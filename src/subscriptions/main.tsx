import '../ui/base.css';
import '../ui/page.css';
import './subscriptions.css';
import './bulk.css';
import './import.css';
import { browserCatalogue } from '../platform/catalogue';
import { SubscriptionsPage } from './subscriptions-page';
import { startPage } from '../ui/start-page';
import { t } from '../words/words';
import { call } from '../messaging/call';
import { onSettingsBroadcast } from '../messaging/broadcasts';
import { WithSupport } from '../ui/support';

const readSupport = () => call('support.read', {});

startPage(browserCatalogue, () => ({
  title: t('subscriptions.title'),
  content: (
    <WithSupport read={readSupport} listen={onSettingsBroadcast}>
      <SubscriptionsPage />
    </WithSupport>
  ),
}));
