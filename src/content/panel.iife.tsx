import { render } from 'preact';
import type { SubscriptionId } from '../domain/subscription';
import { CallError, call, isGone } from '../messaging/call';
import type { PanelStart, Push, ShownPage } from '../messaging/protocol';
import { browser, type Runtime } from '../platform/browser';
import { browserCatalogue } from '../platform/catalogue';
import { OnPageContext } from '../ui/on-page';
import { speak } from '../words/words';
import { leftStyles, markPanel, panelIsHere } from './markers';
import { mountPanel } from './mount';
import { Panel } from './panel';
import { type PanelController, type PanelNews, runPanel } from './panel-controller';
import type { Place } from './placement';
import type { Sureness } from './seeing';
import { watchAddress } from './watch-address';

const LOOK_WHETHER_GONE_MS = 1000;
/** The browser tells the worker a tab's new address a moment after the page has it. */
const ADDRESS_FOLLOWS_MS = 50;
const ADDRESS_FOLLOWS_WITHIN = 40;

/** The panel of one subscription's page. */
interface OpenPanel {
  readonly subscriptionId: SubscriptionId;
  readonly controller: AbortController;
  readonly panel: PanelController;
}

// Injected again, the script finds the panel that is here.
if (!panelIsHere()) {
  speak(browserCatalogue);
  start();
}

/** Follows the page's address and the worker's pushes, and opens and closes the one panel accordingly. */
function start(): void {
  const script = new AbortController();
  const { signal } = script;
  markPanel(signal);
  let open: OpenPanel | null = null;

  function follow(address: string): void {
    // Whatever it is now: a panel does not wait on another subscription's page for the worker to say so.
    if (open !== null && !mayShow(address, open.subscriptionId)) close();
    look(address).catch((cause: unknown) => {
      script.abort();
      throw cause;
    });
  }

  /** Has the worker recognise the page. An answer that comes when the page is elsewhere is dropped: that address has a look of its own. */
  async function look(address: string): Promise<void> {
    for (let times = 0; times < ADDRESS_FOLLOWS_WITHIN; times += 1) {
      const answer = await recognised();
      if (signal.aborted || location.href !== address) return;
      // A script without its extension shows nothing new; what it shows already says that the page is to be reloaded.
      if (answer === 'gone') return tellGone();
      if (answer === null || answer.address === address) return show(answer?.page ?? null);
      await new Promise((resolve) => setTimeout(resolve, ADDRESS_FOLLOWS_MS));
    }
  }

  function show(page: ShownPage | null): void {
    if (page?.subscriptionId === open?.subscriptionId) return;
    close();
    if (page !== null) open = openPanel(page, () => script.abort(), startAnew);
  }

  function close(): void {
    open?.controller.abort();
    open = null;
  }

  function startAnew(): void {
    script.abort();
    start();
  }

  function tellGone(): void {
    if (open === null) script.abort();
    else open.panel.endAsGone();
  }

  function take(push: Push): void {
    if (push.push === 'portals') follow(location.href);
    else open?.panel.push(push);
  }

  // What the worker told meanwhile never arrived, and what it was asked was never answered: nothing known counts.
  window.addEventListener(
    'pageshow',
    ({ persisted }) => {
      if (!persisted) return;
      if (isGone()) tellGone();
      else startAnew();
    },
    { signal },
  );
  const listener = (message: unknown, sender: Runtime.MessageSender): undefined => {
    if (sender.id === browser.runtime.id && isPush(message)) take(message);
  };
  browser.runtime.onMessage.addListener(listener);
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible' && isGone()) tellGone();
  }, LOOK_WHETHER_GONE_MS);
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') open?.panel.refresh();
    },
    { signal },
  );
  signal.addEventListener(
    'abort',
    () => {
      clearInterval(timer);
      open?.controller.abort();
      if (!isGone()) browser.runtime.onMessage.removeListener(listener);
    },
    { once: true },
  );
  watchAddress(follow, signal);
}

/** What the worker recognises in this tab; null when its portal is not served. */
async function recognised(): Promise<PanelStart | 'gone' | null> {
  try {
    // A worker that ended in the middle starts again.
    return await call('panel.start', {}).catch(() => call('panel.start', {}));
  } catch (cause) {
    if (!(cause instanceof CallError)) throw cause;
    if (cause.problem === 'gone') return 'gone';
    if (cause.problem === 'notAllowed') return null;
    throw cause;
  }
}

/** Whether an address may still be that subscription's: it names it, in whatever spelling. */
function mayShow(address: string, subscriptionId: SubscriptionId): boolean {
  try {
    return decodeURIComponent(address).toLowerCase().includes(subscriptionId);
  } catch {
    // What cannot be decoded is judged by the worker alone.
    return false;
  }
}

function openPanel({ subscriptionId, anchors }: ShownPage, onReplaced: () => void, onReopened: () => void): OpenPanel {
  const controller = new AbortController();
  const { signal } = controller;
  let stand: { readonly place: Place; readonly sureness: Sureness } | null = null;
  let news: PanelNews | null = null;

  function draw(): void {
    if (news === null || stand === null) return;
    const panel = <Panel {...news} {...stand} />;
    render(<OnPageContext.Provider value={onPage}>{panel}</OnPageContext.Provider>, surface);
  }

  const { surface, onPage } = mountPanel(
    {
      selectors: anchors,
      styles: leftStyles(),
      onChange(place, sureness) {
        stand = { place, sureness };
        draw();
      },
      onReplaced,
      onReopened,
    },
    signal,
  );
  const panel = runPanel(
    subscriptionId,
    (next) => {
      news = next;
      draw();
    },
    signal,
  );
  signal.addEventListener('abort', () => render(null, surface), { once: true });
  return { subscriptionId, controller, panel };
}

/** Only the worker sends messages here. */
function isPush(message: unknown): message is Push {
  return typeof message === 'object' && message !== null && 'push' in message;
}
