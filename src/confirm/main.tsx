import '../ui/base.css';
import '../ui/page.css';
import './confirm.css';
import { render } from 'preact';
import { readConfirmWindow } from '../storage/confirm-window';
import { ConfirmPage } from './confirm-page';

// A page that is there still, or again, after its window was given up is about nothing.
const present = await readConfirmWindow();
const subject = present?.subject.id === location.hash.slice(1) ? present.subject : null;
render(<ConfirmPage subject={subject} />, document.body);
