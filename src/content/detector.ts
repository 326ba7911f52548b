import type { Crossing, Envelope } from '../messaging/protocol';
import { mayShowSubscription } from '../portals/detector-words';
import { claimDetection, panelIsHere } from './markers';
import { watchAddress } from './watch-address';

/** What this script needs of the browser's own API; the polyfill is too heavy for a page that may be no business of ours. */
declare const chrome: {
  readonly runtime?: {
    readonly id?: string;
    readonly sendMessage: (message: unknown) => Promise<Crossing<null> | undefined>;
  };
};

const UPDATE_MS = 1000;

/**
 * Has the worker look at the tab's address, at each new one, until a panel is here, which watches the address itself.
 *
 * @param everyAddress false: only at those that can be a subscription's, by one cheap look. Nothing else happens for the others.
 */
export function detect(everyAddress: boolean): void {
  const controller = claimDetection(everyAddress);
  if (controller === null) return;
  watchAddress((address) => {
    if (!everyAddress && !mayShowSubscription(address)) return;
    if (!panelIsHere()) haveSeen(address, controller);
  }, controller.signal);
}

async function haveSeen(address: string, controller: AbortController): Promise<void> {
  try {
    await send(controller);
  } catch {
    // Nobody listened, or the worker failed. While an update takes place nobody listens for up to a second, in which
    // `runtime.id` is still set.
    await new Promise((resolve) => setTimeout(resolve, UPDATE_MS));
    // A second failure is no update: it stays unhandled, so that the browser shows it.
    if (location.href === address && !panelIsHere()) await send(controller);
  }
}

async function send(controller: AbortController): Promise<void> {
  if (controller.signal.aborted) return;
  if (isGone()) {
    controller.abort();
    return;
  }
  // No address goes along: the worker believes the browser alone about where the tab is.
  const message = { name: 'page.seen', input: {} } satisfies Envelope<'page.seen'>;
  const answer = await chrome.runtime?.sendMessage(message);
  // The worker takes nothing from a portal that is switched off: asking once more would not help.
  if (!answer?.ok && answer?.problem !== 'notAllowed') throw new Error(answer?.detail ?? 'No answer');
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
