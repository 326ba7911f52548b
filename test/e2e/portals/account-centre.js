import { el, facts, startPortal } from './shell.js';

const main = el('div', { id: 'mainContent', role: 'main' });
document.body.append(el('header', {}, 'Azure account centre'), main);
startPortal(main, ({ search }) => {
  const subscriptionId = new URLSearchParams(search).get('subscriptionId');
  return subscriptionId ? facts(subscriptionId) : [el('h1', {}, 'Subscriptions')];
});
