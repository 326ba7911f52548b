/**
 * What the portals' test pages share: a single-page application that draws its route anew at every change of the address,
 * and whenever the test asks for it by `portal.render()`. Everything it drew before is thrown away, with all that others
 * put into it, as the real portals do.
 */

/** An element with attributes and children; text stays text. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Draws `view(location)` into `parent` now and at every change of the address. */
export function startPortal(parent, view) {
  const render = () => parent.replaceChildren(...view(location));
  const go = (address) => {
    history.pushState(null, '', address);
    render();
  };
  window.addEventListener('hashchange', render);
  window.addEventListener('popstate', render);
  render();
  // `drawn`: the page as the portal alone made it, to tell what others add.
  globalThis.portal = { render, go, drawn: document.documentElement.outerHTML };
}

/**
 * What a subscription's page shows of its own, tall enough to scroll: few rows and high ones, since whoever looks for the panel as
 * assistive technology does is told all of the page, again and again.
 */
export function facts(subscriptionId) {
  const rows = Array.from({ length: 5 }, (_, row) =>
    el('tr', {}, el('td', {}, `Fact ${row}`), el('td', {}, `${row * 7}`)),
  );
  return [el('h1', {}, 'Subscription'), el('p', {}, subscriptionId), el('table', {}, ...rows)];
}
