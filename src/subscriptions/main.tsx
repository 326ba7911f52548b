import '../ui/base.css';
import '../ui/page.css';
import './subscriptions.css';
import { browserCatalogue } from '../platform/catalogue';
import { SubscriptionsPage } from './subscriptions-page';
import { startPage } from '../ui/start-page';
import { t } from '../words/words';

startPage(browserCatalogue, () => ({ title: t('subscriptions.title'), content: <SubscriptionsPage /> }));
