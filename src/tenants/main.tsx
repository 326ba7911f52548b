import '../ui/base.css';
import '../ui/page.css';
import '../ui/table.css';
import './tenants.css';
import { browserCatalogue } from '../platform/catalogue';
import { consoleLog } from '../platform/log';
import { createDatabase } from '../storage/database';
import { createHistoryReader } from '../storage/history';
import { createWatchesReader } from '../storage/watches';
import { keepFocus } from '../ui/keep-focus';
import { startPage } from '../ui/start-page';
import { t } from '../words/words';
import { TenantsPage } from './tenants-page';

const open = createDatabase(() => consoleLog.info('Somebody else holds the database; opening waits'));
const history = createHistoryReader(open);
const watches = createWatchesReader(open);

keepFocus(document.body);
startPage(browserCatalogue, () => ({ title: t('tenants.title'), content: <TenantsPage {...{ history, watches }} /> }));
