import '../ui/base.css';
import '../ui/page.css';
import './confirm.css';
import { browserCatalogue } from '../platform/catalogue';
import { readConfirmWindow } from '../storage/confirm-window';
import { ConfirmPage } from './confirm-page';
import { startPage } from '../ui/start-page';
import { t } from '../words/words';

// A page that is there still, or again, after its window was given up is about nothing.
const present = await readConfirmWindow();
const subject = present?.subject.id === location.hash.slice(1) ? present.subject : null;
startPage(browserCatalogue, () => ({ title: t('confirm.title'), content: <ConfirmPage subject={subject} /> }));
