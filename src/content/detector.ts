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
 * Tells the worker the page's addresses until a panel is here, which watches the address itself.
 *
 * @param everyAddress false: only those that can be a subscription's, by one cheap look. Nothing else happens for the others.
 */
export function detect(everyAddress: boolean): void {
  const controller = claimDetection(everyAddress);
  if (controller === null) return;
  watchAddress((address) => {
    if (!everyAddress && !mayShowSubscription(address)) return;
    if (!panelIsHere()) tell(address, controller);
  }, controller.signal);
}

async function tell(address: string, controller: AbortController): Promise<void> {
  try {
    await send(address, controller);
  } catch {
    // Nobody listened, or the worker failed. While an update takes place nobody listens for up to a second, in which
    // `runtime.id` is still set.
    await new Promise((resolve) => setTimeout(resolve, UPDATE_MS));
    // A second failure is no update: it stays unhandled, so that the browser shows it.
    if (location.href === address && !panelIsHere()) await send(address, controller);
  }
}

async function send(address: string, controller: AbortController): Promise<void> {
  if (controller.signal.aborted) return;
  if (isGone()) {
    controller.abort();
    return;
  }
  const message = { name: 'page.seen', input: { address } } satisfies Envelope<'page.seen'>;
  const told = await chrome.runtime?.sendMessage(message);
  // A portal that is switched off is not allowed to tell: asking once more would not help.
  if (!told?.ok && told?.problem !== 'notAllowed') throw new Error(told?.detail ?? 'No answer');
}

/** Whether the extension was updated or removed under this script: the new version brings its own. */
function isGone(): boolean {
  try {
    return chrome.runtime?.id === undefined;
  } catch {
    // So Firefox says it.
    return true;
  }
}
