import { el, facts, startPortal } from './shell.js';

/** Blades as the Azure portal draws them, side by side; the newest is the page of the address. */
function blade(title, ...content) {
  return el(
    'section',
    { class: 'fxs-blade' },
    el('header', { class: 'fxs-blade-header' }, el('h2', {}, title)),
    el('div', { class: 'fxs-blade-content-container' }, el('div', { class: 'fxs-blade-content-wrapper' }, ...content)),
  );
}

const main = el('main', { class: 'fxs-portal-main' });
document.body.append(el('header', { class: 'fxs-topbar' }, 'Azure'), main);
startPortal(main, ({ hash }) => {
  const [, subscriptionId] = /subscriptions\/([^/]+)/i.exec(hash) ?? [];
  const list = blade('Subscriptions', el('p', {}, 'All subscriptions'));
  return subscriptionId ? [list, blade('Subscription', ...facts(subscriptionId))] : [list];
});
