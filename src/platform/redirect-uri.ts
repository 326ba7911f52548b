import { browser } from './browser';

/** Where an identity provider sends people back to. Without the permission Chromium does not say, but it is no secret. */
export function redirectUri(): string {
  return browser.identity?.getRedirectURL() ?? `https://${browser.runtime.id}.chromiumapp.org/`;
}
