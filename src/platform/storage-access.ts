import { browser, type Storage } from './browser';

const AREAS = ['local', 'sync', 'session', 'managed'] as const;

/** Chromium 156 can do this and Firefox 153 cannot; the polyfill does not know it. */
interface WithAccessLevel {
  setAccessLevel?: (level: { accessLevel: 'TRUSTED_CONTEXTS' }) => Promise<void>;
}

/** Closes every storage area to content scripts, where the browser can: a page's exploit must find nothing there. */
export async function closeStorageToContentScripts(): Promise<void> {
  for (const area of AREAS) {
    const storage: Storage.StorageArea & WithAccessLevel = browser.storage[area];
    await storage.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' });
  }
}
