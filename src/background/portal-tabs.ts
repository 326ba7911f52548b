import type { PortalSettings } from '../domain/settings';
import type { SubscriptionId } from '../domain/subscription';
import type { Push } from '../messaging/protocol';
import { browser, type Tabs } from '../platform/browser';
import type { Log } from '../platform/log';
import { checkOwnPattern, matchPatternOf, matchPatterns, recognise, type SubscriptionPage } from '../portals';

/** In this order: the panel takes what it shares with our pages from those before it. */
const PANEL_FILES = ['styles.js', 'common.js', 'panel.js'];
/** Runs behind the detect script of the manifest, on portals that the person added. */
const DETECT_OWN_FILE = 'detect-own.js';

/** Puts the panel into a tab's page. Injected again it finds the panel that is there. */
export async function injectPanel(tabId: number, log: Log): Promise<void> {
  await inject(tabId, PANEL_FILES, log);
}

/** The panels of one subscription at one connection, as far as its record was shown to their tabs. */
export interface PanelsOf {
  readonly subscriptionId: SubscriptionId;
  readonly isShownIn: (tabId: number) => boolean;
  /** Whether the connection that this is of serves the page. */
  readonly serves: (page: SubscriptionPage) => boolean;
}

/** Pushes it to those panels, or, when `panels` is null, to every panel there is. */
export async function pushToPanels(
  push: Push,
  portals: PortalSettings,
  panels: PanelsOf | null,
  log: Log,
): Promise<void> {
  for (const tab of await portalTabs(portals)) {
    const page = recognise(tab.url ?? '', portals);
    if (panels !== null && !(page !== null && isOneOf(panels, page, tab.id))) continue;
    // We do not wait: a tab that the browser has frozen takes the message only when it wakes.
    browser.tabs.sendMessage(tab.id, push, { frameId: 0 }).catch((cause: unknown) => {
      // There is no panel yet, or the page is leaving: a panel reads anew when it starts.
      log.info('A tab took no message', { tabId: tab.id, why: String(cause) });
    });
  }
}

function isOneOf({ subscriptionId, isShownIn, serves }: PanelsOf, page: SubscriptionPage, tabId: number): boolean {
  return page.subscriptionId === subscriptionId && isShownIn(tabId) && serves(page);
}

/** Puts the detect script of this version into the portal pages that are open: their scripts belong to an earlier version. */
export async function detectInOpenTabs(portals: PortalSettings, log: Log): Promise<void> {
  const ownOrigins = originsOf(portals);
  for (const tab of await portalTabs(portals)) {
    const own = ownOrigins.includes(new URL(tab.url ?? '').origin);
    await inject(tab.id, detectFiles(own), log);
  }
}

/** Registers the detect script on the origins of own portals, one registration for each, and removes those of portals that are gone. */
export async function registerOwnPortals(portals: PortalSettings): Promise<void> {
  const wanted = new Map([...new Set(originsOf(portals).map(matchPatternOf))].map((match) => [`own ${match}`, match]));
  const present = (await browser.scripting.getRegisteredContentScripts()).map((script) => script.id);
  const stale = present.filter((id) => !wanted.has(id));
  if (stale.length > 0) await browser.scripting.unregisterContentScripts({ ids: stale });
  const missing = [...wanted].filter(([id]) => !present.includes(id));
  if (missing.length === 0) return;
  await browser.scripting.registerContentScripts(
    missing.map(([id, match]) => ({
      id,
      matches: [match],
      js: detectFiles(true),
      runAt: 'document_start',
      allFrames: false,
    })),
  );
}

function detectFiles(own: boolean): string[] {
  const { content_scripts = [] } = browser.runtime.getManifest();
  // Firefox 153 gives whole addresses, and registers none.
  const root = browser.runtime.getURL('');
  const files = content_scripts.flatMap(({ js = [] }) => js.map((file) => file.replace(root, '')));
  return own ? [...files, DETECT_OWN_FILE] : files;
}

function originsOf(portals: PortalSettings): string[] {
  return portals.own.map(checkOwnPattern).flatMap((checked) => (checked.ok ? [checked.origin] : []));
}

async function portalTabs(portals: PortalSettings): Promise<(Tabs.Tab & { id: number })[]> {
  const patterns = matchPatterns(portals);
  if (patterns.length === 0) return [];
  const tabs = await browser.tabs.query({ url: patterns });
  return tabs.filter((tab): tab is Tabs.Tab & { id: number } => tab.id !== undefined && tab.url !== undefined);
}

async function inject(tabId: number, files: string[], log: Log): Promise<void> {
  try {
    await browser.scripting.executeScript({ target: { tabId, frameIds: [0] }, files });
  } catch (cause) {
    // The tab has gone elsewhere, or the person withholds the site: the next page detects anew.
    log.error(`Tab ${tabId} took no script`, cause);
  }
}
