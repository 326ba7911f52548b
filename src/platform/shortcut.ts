import { browser } from './browser';

/** Firefox has it since 137; the polyfill does not know it. */
interface WithShortcutSettings {
  readonly openShortcutSettings?: () => Promise<void>;
}

/** The keys that open the extension, as the browser writes them; null when none are set. */
export async function readShortcut(): Promise<string | null> {
  const commands = await browser.commands.getAll();
  return commands.find(({ name }) => name === '_execute_action')?.shortcut || null;
}

/**
 * Where keys are set: `open` brings the person there; `address` is for them to open, in case that does not. Both null where the
 * browser offers neither.
 */
export function shortcutSettings(): {
  readonly open: (() => Promise<unknown>) | null;
  readonly address: string | null;
} {
  const commands: WithShortcutSettings = browser.commands;
  const { openShortcutSettings } = commands;
  if (openShortcutSettings !== undefined) return { open: () => openShortcutSettings.call(commands), address: null };
  if (!browser.runtime.getURL('').startsWith('chrome-extension:')) return { open: null, address: null };
  const address = 'chrome://extensions/shortcuts';
  return { open: () => browser.tabs.create({ url: address }), address };
}
