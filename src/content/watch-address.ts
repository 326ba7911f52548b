const SLOW_CHECK_MS = 1000;

export interface AddressWatch {
  /** Answers with the page's address, if it was not answered with yet. */
  readonly look: () => void;
  readonly stop: () => void;
}

/**
 * Calls `onAddress` with the page's address at the first look, and after every committed navigation within the document that changed
 * it, until it is stopped. No `AbortSignal` stops it: to make one takes as long as all that is done on a page that is no business of ours.
 */
export function watchAddress(onAddress: (address: string) => void): AddressWatch {
  const { navigation } = window;
  let last: string | undefined;
  const look = () => {
    // A page pays for `location` when a script first touches it, and has paid for `navigation` by then.
    const address = navigation?.currentEntry?.url ?? location.href;
    if (address === last) return;
    last = address;
    onAddress(address);
  };
  // An earlier browser: Chromium 156 and Firefox 153 have the Navigation API. The page's own `history.pushState` fires nothing else,
  // and the page never calls what a content script puts in its place (Chromium 156, Firefox 153).
  const timer = navigation ? undefined : setInterval(look, SLOW_CHECK_MS);
  const watched = navigation ?? window;
  // Both come after the commit; `navigate` would come before it, when the address is still the old one (Chromium 156, Firefox 153).
  const events = navigation ? ['currententrychange', 'navigatesuccess'] : ['hashchange', 'popstate'];
  for (const event of events) watched.addEventListener(event, look);
  const stop = () => {
    clearInterval(timer);
    for (const event of events) watched.removeEventListener(event, look);
  };
  return { look, stop };
}
