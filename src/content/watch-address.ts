const SLOW_CHECK_MS = 1000;

/** The types know nothing of prerendering yet; Chromium 156 does it, Firefox 153 does not. */
type Prerenderable = Document & { readonly prerendering?: boolean };

/**
 * Calls `onAddress` with the page's address at once, after every committed navigation within the document that changed it, and
 * when the page is back from the back/forward cache, until `signal` is aborted. A page that the browser only draws ahead has no
 * address yet: its tab still shows another page.
 */
export function watchAddress(onAddress: (address: string) => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  if ((document as Prerenderable).prerendering) {
    document.addEventListener('prerenderingchange', () => watchAddress(onAddress, signal), { once: true, signal });
    return;
  }
  let last: string | undefined;
  const look = () => {
    const address = location.href;
    if (address === last) return;
    last = address;
    onAddress(address);
  };
  // Both come after the commit; `navigate` would come before it, when the address is still the old one (Chromium 156, Firefox 153).
  if (window.navigation) {
    window.navigation.addEventListener('currententrychange', look, { signal });
    window.navigation.addEventListener('navigatesuccess', look, { signal });
  } else {
    // An earlier browser: Chromium 156 and Firefox 153 have the Navigation API. The page's own `history.pushState` fires nothing else,
    // and the page never calls what a content script puts in its place (Chromium 156, Firefox 153).
    window.addEventListener('hashchange', look, { signal });
    window.addEventListener('popstate', look, { signal });
    const timer = setInterval(look, SLOW_CHECK_MS);
    signal.addEventListener('abort', () => clearInterval(timer));
  }
  window.addEventListener(
    'pageshow',
    ({ persisted }) => {
      if (!persisted) return;
      last = undefined;
      look();
    },
    { signal },
  );
  look();
}
