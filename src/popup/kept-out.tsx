import { useEffect, useState } from 'preact/hooks';
import type { PortalSettings } from '../domain/settings';
import { browser } from '../platform/browser';
import { consoleLog, describe } from '../platform/log';
import { isPortalOrigin, matchPatternOf } from '../portals/index';
import { Notice } from '../ui/notice';
import { keptOutText } from '../words/failure';
import { t } from '../words/words';

/** Says that an organisation's policy, or the browser itself, keeps the extension out of the current tab's page. */
export function KeptOut({ portals }: { readonly portals: PortalSettings }) {
  const [from, setFrom] = useState<{ readonly host: string | null } | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    keptOutOf(portals).then(
      (found) => {
        if (!ended.signal.aborted) setFrom(found);
      },
      (cause: unknown) => consoleLog.error('Whether the extension is kept out of this page could not be told', cause),
    );
    return () => ended.abort();
  }, [portals]);
  if (from === null) return null;
  return (
    <Notice role="status" tone="warn">
      {keptOutText(from.host ?? t('popup.thisPageHost'))}
    </Notice>
  );
}

/** What the browsers say when a policy, or a list of their own, stands before a permission that is held. */
const BY_POLICY = /ExtensionsSettings policy/;
const BY_FIREFOX = /Missing host permission/;

/**
 * The page that a script can't be put into, though the permission is held; null when one can, and where the extension has no
 * business. Under Chromium's policy the tab does not even tell its address, and only the error says why.
 */
export async function keptOutOf(portals: PortalSettings): Promise<{ readonly host: string | null } | null> {
  const [tab] = await browser.tabs.query({ active: true, lastFocusedWindow: true });
  if (tab?.id === undefined) return null;
  const url = tab.url !== undefined && URL.canParse(tab.url) ? new URL(tab.url) : null;
  if (url !== null) {
    if (!isPortalOrigin(url.origin, portals)) return null;
    // What the person can allow is told with a button that does.
    if (!(await browser.permissions.contains({ origins: [matchPatternOf(url.origin)] }))) return null;
  }
  try {
    await browser.scripting.executeScript({ target: { tabId: tab.id, frameIds: [0] }, func: () => undefined });
    return null;
  } catch (cause) {
    const said = describe(cause);
    const byPolicy = BY_POLICY.test(said) || (url !== null && BY_FIREFOX.test(said));
    return byPolicy ? { host: url?.host ?? null } : null;
  }
}
