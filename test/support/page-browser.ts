import type { MessageName } from '../../src/messaging/protocol';
import type { Handlers } from '../../src/messaging/serve';

/**
 * The extension API as the pages use it, in memory: storage with its events, permissions that a person allows or refuses, and
 * a worker whose answers pass the same checks as the real one's. Stands in for `src/platform/browser` in tests of pages.
 */

type Listener = (...args: never[]) => void;
function event<L extends Listener>() {
  const listeners = new Set<L>();
  return {
    listeners,
    addListener: (listener: L) => void listeners.add(listener),
    removeListener: (listener: L) => void listeners.delete(listener),
  };
}

type Changes = Record<string, { newValue?: unknown }>;
const onChanged = event<(changes: Changes, area: string) => void>();
const onAdded = event<() => void>();
const onRemoved = event<() => void>();

function area(name: string) {
  let values: Record<string, unknown> = {};
  return {
    get: async (keys: string | string[]) =>
      structuredClone(Object.fromEntries([keys].flat().flatMap((key) => (key in values ? [[key, values[key]]] : [])))),
    async set(items: Record<string, unknown>) {
      values = { ...values, ...structuredClone(items) };
      const changes = Object.fromEntries(Object.entries(items).map(([key, newValue]) => [key, { newValue }]));
      for (const listener of onChanged.listeners) listener(changes, name);
    },
    async remove(keys: string | string[]) {
      const removed = [keys].flat().filter((key) => key in values);
      values = Object.fromEntries(Object.entries(values).filter(([key]) => !removed.includes(key)));
      const changes = Object.fromEntries(removed.map((key) => [key, {}]));
      for (const listener of onChanged.listeners) listener(changes, name);
    },
    clear() {
      values = {};
    },
  };
}

/** What a test sets up: who the worker is, where the person is, what the browser and the person allow. */
export const world = {
  worker: {} as { -readonly [N in MessageName]?: Handlers[N] },
  tabAddress: undefined as string | undefined,
  /** The addresses of tabs that are asked for by their number. */
  tabAddresses: new Map<number, string>(),
  /** What the browser says when a script is to be put into the tab. */
  scriptError: undefined as string | undefined,
  /** Match patterns and names of permissions that are held. */
  held: new Set<string>(),
  /** What the person answers when the browser asks. */
  allows: true,
  /** The keys that open the extension; none when empty. */
  shortcut: '',
  /** Everything the browser asked the person for. */
  asked: [] as string[],
  /** The addresses of the tabs that a page opened. */
  opened: [] as string[],
  /** The tabs that a page closed. */
  closed: [] as number[],
  /** What a page brought before the person: tabs and windows by their numbers, and the popup. */
  broughtUp: [] as string[],
  isButtonPinned: true,
};

/** The ports that are open to the worker. */
const ports = new Set<() => void>();

/** The browser ends the worker; the next message, or port, starts it again. */
export function endWorker(): void {
  const open = [...ports];
  ports.clear();
  for (const end of open) end();
}

const local = area('local');
const session = area('session');
const managed = area('managed');

export function resetWorld(): void {
  Object.assign(world, {
    worker: {},
    tabAddress: undefined,
    tabAddresses: new Map(),
    scriptError: undefined,
    held: new Set(),
    allows: true,
    shortcut: '',
    asked: [],
    opened: [],
    closed: [],
    broughtUp: [],
    isButtonPinned: true,
  });
  for (const store of [local, session, managed]) store.clear();
}

interface Asked {
  readonly origins?: string[];
  readonly permissions?: string[];
}
const parts = ({ origins = [], permissions = [] }: Asked) => [...origins, ...permissions];

export const browser = {
  runtime: {
    id: 'extension',
    getManifest: () => ({ permissions: ['storage'], version: '1.2.3' }),
    getURL: (path: string) => `chrome-extension://extension/${path}`,
    connect() {
      let end = (): void => undefined;
      return {
        disconnect: () => void ports.delete(end),
        onDisconnect: {
          addListener(listener: () => void) {
            end = listener;
            ports.add(end);
          },
        },
      };
    },
    async sendMessage({ name, input }: { name: MessageName; input: unknown }) {
      const handler = world.worker[name];
      if (handler === undefined) throw new Error(`The test's worker knows no ${name}`);
      // Only now: it imports the module that this one stands in for.
      const { answer } = await import('../../src/messaging/serve');
      const crossing = await answer(
        name,
        structuredClone(input),
        { kind: 'page', tabId: null, page: 'popup' },
        world.worker as Handlers,
      ).catch((cause: Error) => ({ ok: false, problem: 'failed', detail: cause.message }));
      return structuredClone(crossing);
    },
  },
  storage: { local, session, managed, onChanged },
  commands: { getAll: async () => [{ name: '_execute_action', shortcut: world.shortcut }] },
  tabs: {
    create: async ({ url }: { url: string }) => void world.opened.push(url),
    query: async () => [{ id: 7, url: world.tabAddress }],
    async get(id: number) {
      const url = world.tabAddresses.get(id);
      if (url === undefined) throw new Error(`No tab with id: ${id}.`);
      return { id, url };
    },
    getCurrent: async () => ({ id: 8 }),
    remove: async (id: number) => void world.closed.push(id),
    async update(id: number) {
      world.broughtUp.push(`tab ${id}`);
      return { id, windowId: 1 };
    },
  },
  windows: { update: async (id: number) => void world.broughtUp.push(`window ${id}`) },
  action: {
    getUserSettings: async () => ({ isOnToolbar: world.isButtonPinned }),
    openPopup: async () => void world.broughtUp.push('popup'),
  },
  scripting: {
    async executeScript() {
      if (world.scriptError !== undefined) throw new Error(world.scriptError);
      return [];
    },
  },
  permissions: {
    onAdded,
    onRemoved,
    contains: async (wanted: Asked) => parts(wanted).every((part) => world.held.has(part)),
    async remove(given: Asked) {
      for (const part of parts(given)) world.held.delete(part);
      return true;
    },
    async request(wanted: Asked) {
      world.asked.push(...parts(wanted));
      if (!world.allows) return false;
      for (const part of parts(wanted)) world.held.add(part);
      for (const listener of onAdded.listeners) listener();
      return true;
    },
  },
};
