import '../ui/base.css';
import '../ui/page.css';
import './subscriptions.css';
import { render } from 'preact';
import { SubscriptionsPage } from './subscriptions-page';

render(<SubscriptionsPage />, document.body);
