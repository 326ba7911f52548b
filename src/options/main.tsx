import '../ui/base.css';
import '../ui/page.css';
import './options.css';
import { render } from 'preact';
import { consoleLog } from '../platform/log';
import { createDatabase } from '../storage/database';
import { createSecrets } from '../storage/secrets';
import { OptionsPage } from './options-page';

const openDatabase = createDatabase(() => consoleLog.info('Somebody else holds the database; opening waits'));
render(<OptionsPage secrets={createSecrets(openDatabase)} welcome={location.hash === '#welcome'} />, document.body);
