import type { SignInVisit } from '../domain/sign-in-visit';
import { browser } from '../platform/browser';
import { consoleLog } from '../platform/log';

/** Takes the person back to the tab they came from to sign in, and opens the popup again over it where they came from there. */
export async function goBack({ tabId, popup }: SignInVisit): Promise<void> {
  if (tabId === null) return;
  try {
    const tab = await browser.tabs.update(tabId, { active: true });
    if (tab.windowId !== undefined) await browser.windows.update(tab.windowId, { focused: true });
    if (popup) await browser.action.openPopup();
  } catch (cause) {
    // The tab was closed meanwhile, or the browser opens a popup only where a person clicks (Chromium before 127, Firefox).
    consoleLog.info('The way back from signing in ended early', { why: String(cause) });
  }
}
