import '../ui/base.css';
import '../ui/page.css';
import './popup.css';
import { render } from 'preact';
import { consoleLog } from '../platform/log';
import { createDatabase } from '../storage/database';
import { createHistoryReader } from '../storage/history';
import { Popup } from './popup';

const openDatabase = createDatabase(() => consoleLog.info('Somebody else holds the database; opening waits'));
render(<Popup history={createHistoryReader(openDatabase)} />, document.body);
