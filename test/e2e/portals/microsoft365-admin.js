import { el, facts, startPortal } from './shell.js';

const main = el('main', { id: 'mainContent' });
document.body.append(el('nav', {}, 'Microsoft 365 admin centre'), main);
startPortal(main, ({ hash }) => {
  const [, subscriptionId] = /^#\/subscriptions\/[^/]+\/([^/?]+)/.exec(hash) ?? [];
  return subscriptionId ? facts(subscriptionId) : [el('h1', {}, 'Home')];
});
