import { render } from 'preact';
import type { PortalSettings } from '../domain/settings';
import { CallError, call, isGone } from '../messaging/call';
import type { Push } from '../messaging/protocol';
import { browser, type Runtime } from '../platform/browser';
import { anchorsFor, recognise, type SubscriptionPage } from '../portals';
import { OnPageContext } from '../ui/on-page';
import { leftStyles, markPanel, panelIsHere } from './markers';
import { mountPanel } from './mount';
import { Panel } from './panel';
import { type PanelController, type PanelNews, runPanel } from './panel-controller';
import type { Place } from './placement';
import type { Sureness } from './seeing';
import { watchAddress } from './watch-address';

const LOOK_WHETHER_GONE_MS = 1000;

/** The panel of one subscription's page. */
interface OpenPanel {
  readonly page: SubscriptionPage;
  readonly controller: AbortController;
  readonly panel: PanelController;
}

// Injected again, the script finds the panel that is here.
if (!panelIsHere()) void start();

/** Follows the page's address and the worker's pushes, and opens and closes the one panel accordingly. */
async function start(): Promise<void> {
  const script = new AbortController();
  const { signal } = script;
  markPanel(signal);
  const portals = await askForPortals(script);
  if (portals === null) return;
  let served = portals;
  let open: OpenPanel | null = null;

  function follow(address: string): void {
    // A script without its extension shows nothing new; what it shows already says that the page is to be reloaded.
    if (isGone()) {
      tellGone();
      return;
    }
    const page = recognise(address, served);
    if (isSame(page, open?.page ?? null)) return;
    open?.controller.abort();
    open = page === null ? null : openPanel(page, () => script.abort(), startAnew);
  }

  function startAnew(): void {
    script.abort();
    void start();
  }

  function tellGone(): void {
    if (open === null) script.abort();
    else open.panel.endAsGone();
  }

  function take(push: Push): void {
    if (push.push === 'portals') {
      served = push.portals;
      follow(location.href);
    } else {
      open?.panel.push(push);
    }
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

/** The portals to serve; null when the worker does not say: then the script ends, and may be injected again. */
async function askForPortals(script: AbortController): Promise<PortalSettings | null> {
  try {
    return (await call('panel.start', {})).portals;
  } catch (cause) {
    script.abort();
    if (cause instanceof CallError && cause.problem === 'gone') return null;
    throw cause;
  }
}

function openPanel(page: SubscriptionPage, onReplaced: () => void, onReopened: () => void): OpenPanel {
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
      selectors: anchorsFor(page.portal),
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
    page.subscriptionId,
    (next) => {
      news = next;
      draw();
    },
    signal,
  );
  signal.addEventListener('abort', () => render(null, surface), { once: true });
  return { page, controller, panel };
}

function isSame(a: SubscriptionPage | null, b: SubscriptionPage | null): boolean {
  return a?.portal === b?.portal && a?.subscriptionId === b?.subscriptionId;
}

/** Only the worker sends messages here. */
function isPush(message: unknown): message is Push {
  return typeof message === 'object' && message !== null && 'push' in message;
}
