const SLOW_CHECK_MS = 1000;

/**
 * Calls `onAddress` with the page's address at once and after every committed navigation within the document that changed it,
 * until `signal` is aborted.
 */
export function watchAddress(onAddress: (address: string) => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  let last: string | undefined;
  const look = () => {
    const address = location.href;
    if (address === last) return;
    last = address;
    onAddress(address);
  };
  // Both come after the commit; `navigate` would come before it, when the address is still the old one.
  if (window.navigation) {
    window.navigation.addEventListener('currententrychange', look, { signal });
    window.navigation.addEventListener('navigatesuccess', look, { signal });
  } else {
    // The page's own `history.pushState` fires nothing and can't be patched from here.
    window.addEventListener('hashchange', look, { signal });
    window.addEventListener('popstate', look, { signal });
    const timer = setInterval(look, SLOW_CHECK_MS);
    signal.addEventListener('abort', () => clearInterval(timer));
  }
  look();
}
