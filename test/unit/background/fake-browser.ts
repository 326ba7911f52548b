/** The browser's API as far as handlers and storage use it, over plain maps. */
export function createFakeBrowser() {
  const local = createArea();
  const session = createArea();
  const managed = createArea();
  const injected: { tabId: number; files: readonly string[] }[] = [];
  const opened: string[] = [];
  const browser = {
    runtime: {
      id: 'ownextension',
      getURL: (path: string) => `chrome-extension://ownextension/${path}`,
      openOptionsPage: async () => void opened.push('options'),
    },
    storage: { local, session, managed, onChanged: { addListener: () => undefined } },
    permissions: { contains: async () => true },
    scripting: {
      executeScript: async ({ target, files }: { target: { tabId: number }; files: readonly string[] }) =>
        void injected.push({ tabId: target.tabId, files }),
    },
  };
  return { browser, injected, opened, local: local.content, session: session.content, managed: managed.content };
}

function createArea() {
  const content = new Map<string, unknown>();
  return {
    content,
    async get(keys: string | readonly string[]) {
      const wanted = [keys].flat().filter((key) => content.has(key));
      return Object.fromEntries(wanted.map((key) => [key, structuredClone(content.get(key))]));
    },
    async set(entries: Record<string, unknown>) {
      for (const [key, value] of Object.entries(entries)) content.set(key, structuredClone(value));
    },
    async remove(key: string) {
      content.delete(key);
    },
  };
}
