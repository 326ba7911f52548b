/**
 * A billing portal of a made-up reseller: a single-page application that keeps its route in the hash and, like real portals,
 * throws its content away and draws it anew whenever it likes.
 */

const DRAWN_ANEW_EVERY_MS = 20_000;
const MONTHS = ['September', 'October', 'November'];
const SERVICE_NAMES = {
  azure: 'Azure',
  office365: 'Office 365',
  crmOnline: 'CRM Online',
  dynamics365: 'Dynamics 365',
  intune: 'Intune',
  ems: 'Enterprise Mobility + Security',
};

const subscriptions = await (await fetch('/subscriptions.json')).json();
const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });
const day = new Intl.DateTimeFormat('en', { dateStyle: 'long' });

function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function table(head, rows) {
  return el(
    'table',
    {},
    el('thead', {}, el('tr', {}, ...head.map((text) => el('th', { scope: 'col' }, text)))),
    el('tbody', {}, ...rows.map((cells) => el('tr', {}, ...cells.map((cell) => el('td', {}, cell))))),
  );
}

/** A made-up amount, the same for the same subscription and month. */
function amount({ subscriptionId }, month) {
  const seed = [...subscriptionId].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 9973, month + 1);
  return seed / 7 + 40;
}

function subscriptionList() {
  const rows = subscriptions.map((one) => [
    el('a', { href: `#/subscriptions/${one.subscriptionId}` }, one.displayName),
    SERVICE_NAMES[one.service] ?? one.service,
    one.customer.name,
    one.state,
  ]);
  return [
    el('h1', {}, 'Subscriptions'),
    el('p', { class: 'soft' }, `${subscriptions.length} subscriptions`),
    table(['Name', 'Service', 'Customer', 'State'], rows),
  ];
}

function subscriptionPage(one) {
  const tiles = [
    ['Service', SERVICE_NAMES[one.service] ?? one.service],
    ['Customer', one.customer.name],
    ['Started', day.format(new Date(one.startDate))],
    ['Ends', day.format(new Date(one.endDate))],
    ['Subscription ID', one.subscriptionId],
    ['Page drawn at', new Date().toLocaleTimeString('en-GB')],
  ];
  return [
    el('h1', {}, one.displayName),
    el('p', { class: 'soft' }, one.state),
    el('dl', { class: 'tiles' }, ...tiles.map(([term, text]) => el('div', {}, el('dt', {}, term), el('dd', {}, text)))),
    table(
      ['Month', 'Amount'],
      MONTHS.map((month, index) => [month, money.format(amount(one, index))]),
    ),
  ];
}

function invoices() {
  const rows = MONTHS.map((month, index) => [
    `INV-${2040 + index}`,
    month,
    money.format(subscriptions.reduce((sum, one) => sum + amount(one, index), 0)),
  ]);
  return [el('h1', {}, 'Invoices'), table(['Number', 'Month', 'Amount'], rows)];
}

function view(route) {
  const [, place, id] = route.split('/');
  if (place === 'invoices') return invoices();
  const one = subscriptions.find(({ subscriptionId }) => subscriptionId === id?.toLowerCase());
  return one ? subscriptionPage(one) : subscriptionList();
}

function draw() {
  const route = location.hash.slice(1);
  for (const link of document.querySelectorAll('nav a')) {
    const isHere = route.startsWith(link.hash.slice(1));
    if (isHere) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.querySelector('main').replaceChildren(...view(route));
}

window.addEventListener('hashchange', draw);
setInterval(draw, DRAWN_ANEW_EVERY_MS);
globalThis.portal = { draw };
if (location.hash === '') location.replace('#/subscriptions');
draw();
