import type { Push } from '../../src/messaging/protocol';

/** The browser's API as far as handlers and storage use it, over plain maps. */
export function createFakeBrowser() {
  const listeners = new Set<StorageListener>();
  const area = (name: string) =>
    createArea((changes) => {
      for (const listener of listeners) listener(changes, name);
    });
  const local = area('local');
  const session = area('session');
  const managed = area('managed');
  const alarms = new Map<string, object>();
  const badge = { text: '', refreshed: 0 };
  // One window, whose tab in front is number 3.
  const tabs: { id: number; url?: string }[] = [{ id: 3 }];
  const pushed: { tabId: number; push: Push }[] = [];
  const notified: { id: string; message: string }[] = [];
  const injected: { tabId: number; files: readonly string[] }[] = [];
  const opened: string[] = [];
  /** The windows that are open, with how often each was brought to the front. */
  const windows = new Map<number, { readonly url: string; focused: number }>();
  const browser = {
    runtime: {
      id: 'ownextension',
      getURL: (path: string) => `chrome-extension://ownextension/${path}`,
      openOptionsPage: async () => void opened.push('options'),
      getManifest: () => ({}),
      getPlatformInfo: async () => ({}),
    },
    i18n: { getMessage: (key: string) => key, getUILanguage: () => 'en-GB' },
    action: {
      setBadgeBackgroundColor: async () => undefined,
      setBadgeText: async ({ text }: { text: string }) => {
        badge.text = text;
        badge.refreshed += 1;
      },
      setIcon: async () => undefined,
      setTitle: async () => undefined,
    },
    alarms: {
      get: async (name: string) => alarms.get(name),
      create: async (name: string, when: object = {}) => void alarms.set(name, when),
      clear: async (name: string) => alarms.delete(name),
    },
    storage: {
      local,
      session,
      managed,
      onChanged: {
        addListener: (listener: StorageListener) => void listeners.add(listener),
        removeListener: (listener: StorageListener) => void listeners.delete(listener),
      },
    },
    windows: {
      async create({ url }: { url: string }) {
        const id = windows.size + 100;
        windows.set(id, { url, focused: 0 });
        return { id };
      },
      async update(id: number) {
        const open = windows.get(id);
        if (open === undefined) throw new Error(`No window with id: ${id}`);
        open.focused += 1;
      },
    },
    tabs: {
      query: async () => tabs,
      sendMessage: async (tabId: number, push: Push) => void pushed.push({ tabId, push }),
    },
    notifications: {
      create: async (id: string, { message }: { message: string }) => void notified.push({ id, message }),
    },
    permissions: { contains: async () => true, onRemoved: { addListener: () => undefined } },
    scripting: {
      getRegisteredContentScripts: async () => [],
      registerContentScripts: async () => undefined,
      executeScript: async ({ target, files }: { target: { tabId: number }; files: readonly string[] }) =>
        void injected.push({ tabId: target.tabId, files }),
    },
  };
  return {
    browser,
    injected,
    opened,
    windows,
    tabs,
    /** What was said to tabs. */
    pushed,
    notified,
    /** When each is to come, by its name. */
    alarms,
    /** What stands on the toolbar's button, and how often it was put there. */
    badge,
    local: local.content,
    session: session.content,
    managed: managed.content,
  };
}

type Changes = Record<string, { newValue?: unknown }>;
type StorageListener = (changes: Changes, area: string) => void;

function createArea(tell: (changes: Changes) => void) {
  const content = new Map<string, unknown>();
  return {
    content,
    /** Null for all. */
    async get(keys: string | readonly string[] | null) {
      const wanted = keys === null ? [...content.keys()] : [keys].flat().filter((key) => content.has(key));
      return Object.fromEntries(wanted.map((key) => [key, structuredClone(content.get(key))]));
    },
    async set(entries: Record<string, unknown>) {
      for (const [key, value] of Object.entries(entries)) content.set(key, structuredClone(value));
      tell(Object.fromEntries(Object.entries(entries).map(([key, newValue]) => [key, { newValue }])));
    },
    async remove(keys: string | readonly string[]) {
      for (const key of [keys].flat()) content.delete(key);
      tell(Object.fromEntries([keys].flat().map((key) => [key, {}])));
    },
  };
}
