import { browser } from '../../src/platform/browser';
import {
  type OwnSettings,
  readStoredSettings,
  SETTINGS_KEY,
  SETTINGS_VERSION,
  VERSION_1_KEYS,
} from '../../src/storage/settings-shapes';

/** Keeps these as the person's own choice, as the worker does. */
export async function writeSettings(parts: OwnSettings): Promise<void> {
  const own = await ownSettings();
  await browser.storage.local.set({ [SETTINGS_KEY]: { version: SETTINGS_VERSION, ...own, ...parts } });
}

/** What the person chose, as it is stored. */
export async function ownSettings(): Promise<OwnSettings> {
  const stored = readStoredSettings(await browser.storage.local.get([SETTINGS_KEY, ...VERSION_1_KEYS]));
  return stored.state === 'read' ? stored.own : {};
}
