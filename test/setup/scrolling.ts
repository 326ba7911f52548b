/** jsdom draws nothing, so it has no scrolling either (29.1), and nothing to measure: what asks is never told of another size. */
Element.prototype.scrollIntoView = () => undefined;
window.scrollTo = () => undefined;
window.ResizeObserver = class {
  observe = () => undefined;
  unobserve = () => undefined;
  disconnect = () => undefined;
};
/** The window is as wide as a page's columns need. */
window.matchMedia = (media) =>
  Object.assign(new EventTarget(), {
    media,
    matches: /width >= /.test(media),
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });
