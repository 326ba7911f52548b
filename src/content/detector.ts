import type { Crossing, Envelope } from '../messaging/protocol';
import { mayShowSubscription } from '../portals/detector-words';
import { left, panelIsHere } from './markers';
import { watchAddress } from './watch-address';

/** What this script needs of the browser's own API; the polyfill is too heavy for a page that may be no business of ours. */
declare const chrome: {
  readonly runtime?: {
    readonly id?: string;
    readonly sendMessage: (message: unknown) => Promise<Crossing<null> | undefined>;
  };
};

type Prerenderable = Document & { readonly prerendering?: boolean };

const UPDATE_MS = 1000;

/**
 * Has the worker look at the tab's address, at each new one, until a panel is here, which watches the address itself: only at those
 * that can be a subscription's, by one cheap look, unless it is asked to look everywhere. Nothing else happens for the others: each
 * interface of the browser that a script touches first costs the page a tenth of a millisecond and more (Chromium 156).
 */
export function detect(): void {
  // Injected again, the script finds the one that is at work.
  if (left.everywhere) return;
  let everywhere = false;
  const { look, stop } = watchAddress(meet);
  left.everywhere = () => {
    everywhere = true;
    again();
  };
  look();

  function meet(address: string): void {
    if (!everywhere && !mayShowSubscription(address)) return;
    // Drawn ahead, a page has no address yet: its tab still shows another page. The types know nothing of it; Chromium 156 does it,
    // Firefox 153 does not.
    if ((document as Prerenderable).prerendering) {
      document.addEventListener('prerenderingchange', again);
      return;
    }
    // What was said to the worker, or came from it, while the page was in the back/forward cache is lost.
    window.addEventListener('pageshow', back);
    if (!panelIsHere()) haveSeen(address);
  }

  function again(): void {
    meet(location.href);
  }

  function back({ persisted }: PageTransitionEvent): void {
    if (persisted) again();
  }

  async function haveSeen(address: string): Promise<void> {
    try {
      await send();
    } catch {
      // Nobody listened, or the worker failed. While an update takes place nobody listens for up to a second, in which
      // `runtime.id` is still set.
      await new Promise((resolve) => setTimeout(resolve, UPDATE_MS));
      // A second failure is no update: it stays unhandled, so that the browser shows it.
      if (location.href === address && !panelIsHere()) await send();
    }
  }

  async function send(): Promise<void> {
    if (isGone()) {
      stop();
      window.removeEventListener('pageshow', back);
      delete left.everywhere;
      return;
    }
    // No address goes along: the worker believes the browser alone about where the tab is.
    const message = { name: 'page.seen', input: {} } satisfies Envelope<'page.seen'>;
    const answer = await chrome.runtime?.sendMessage(message);
    // The worker takes nothing from a portal that is switched off: asking once more would not help.
    if (!answer?.ok && answer?.problem !== 'notAllowed') throw new Error(answer?.detail ?? 'No answer');
  }
}

/** Whether the extension was updated or removed under this script: the new version brings its own. */
function isGone(): boolean {
  try {
    return chrome.runtime?.id === undefined;
  } catch {
    // Chromium 156 answers undefined and Firefox 153 ends the scripts of a replaced version; where one lives and may not ask, it is gone.
    return true;
  }
}
