import '../ui/base.css';
import '../ui/page.css';
import './popup.css';
import { browserCatalogue } from '../platform/catalogue';
import { consoleLog } from '../platform/log';
import { createDatabase } from '../storage/database';
import { createHistoryReader } from '../storage/history';
import { Popup } from './popup';
import { startPage } from '../ui/start-page';
import { t } from '../words/words';

const openDatabase = createDatabase(() => consoleLog.info('Somebody else holds the database; opening waits'));
startPage(browserCatalogue, () => ({
  title: t('extension.name'),
  content: <Popup history={createHistoryReader(openDatabase)} />,
}));
