import { createBackend } from '../../../../src/backends/kinds';
import { IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';
import { createWorker, type Worker } from '../../../../src/background/worker';
import { browser } from '../../../../src/platform/browser';
import { createDatabase } from '../../../../src/storage/database';
import { createHistory, type History } from '../../../../src/storage/history';
import type { TestProvider } from '../../../server/support/identity-provider';
import { createStorageAreas } from '../../../support/storage-areas';
import { createClock, type HandClock } from '../../../support/clock';
import { createLocks } from '../../../support/locks';
import { createVisitor } from '../provider-visit';
import { clockOfLife, createLife, type Life, step, steps } from './life';
import type { RecordingService } from './recording-service';

export const REDIRECT = 'https://helper.chromiumapp.org/';
export const CLIENT_ID = 'helper';

/** One browser profile that two people use: what outlives the worker, and the worker that runs. */
export interface Profile {
  readonly clock: HandClock;
  readonly storage: ReturnType<typeof createStorageAreas>;
  /** For a look from outside: no life of a worker. */
  readonly history: History;
  readonly worker: Worker;
  readonly life: Life;
  /** Who is at the keyboard where a provider's page asks; null when nobody is. */
  atKeyboard: string | null;
  /** Whether the provider's session heeds who is expected back. */
  heedsHints: boolean;
  /** Settings that can't be read, this often. */
  unreadable: number;
  /** What a worker could not do, that it did not expect. */
  readonly errors: string[];
  /** A worker over what there is. */
  startWorker(): void;
  /** Another worker after a browser that was closed. */
  restartBrowser(): Promise<void>;
  /** The provider's own session in this browser becomes this person's, signed in somewhere else. */
  becomeAtProvider(person: string): Promise<void>;
}

/** @param addresses the Service URLs; whatever else is asked, such as the provider, is really asked */
export function createProfile(
  provider: TestProvider,
  service: RecordingService,
  addresses: readonly string[],
): Profile {
  vi.stubGlobal('indexedDB', new IDBFactory());
  const locks = createLocks();
  vi.stubGlobal('navigator', { locks: { request: step(locks.request) } });
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      readonly postMessage = () => undefined;
    },
  );
  const origins = addresses.map((address) => new URL(address).origin);
  vi.stubGlobal(
    'fetch',
    step((input: string | URL, init: RequestInit = {}) => {
      const url = new URL(input);
      return origins.includes(url.origin) ? service.answer(url, init) : realFetch(input, init).then(atThisTime);
    }),
  );
  const clock = createClock(Date.now());
  /** The provider's clock goes as this profile's does, which is moved on. */
  function atThisTime({ status, headers, body }: Response): Response {
    const withDate = new Headers(headers);
    withDate.set('date', new Date(clock.now()).toUTCString());
    return new Response(body, { status, headers: withDate });
  }
  const visitor = createVisitor(REDIRECT);
  const storage = createStorageAreas();
  const { onChanged, local, session, managed } = storage;
  const alarms = new Map<string, object>();

  async function launch({ url, interactive }: { url: string; interactive: boolean }): Promise<string> {
    const address = new URL(url);
    if (!profile.heedsHints) for (const hint of ['id_token_hint', 'login_hint']) address.searchParams.delete(hint);
    // Whoever is at the keyboard signs in as themselves, also where the session of somebody else would let them through.
    if (interactive && profile.atKeyboard !== null) visitor.forget();
    return visitor.goTo(address.href, interactive ? profile.atKeyboard : null);
  }

  Object.assign(browser, {
    runtime: {
      ...steps({
        openOptionsPage: async () => undefined,
        getPlatformInfo: async () => ({}),
      }),
      id: 'ownextension',
      getURL: (path: string) => `chrome-extension://ownextension/${path}`,
      getManifest: () => ({}),
    },
    storage: {
      onChanged,
      session: steps(session),
      managed: steps(managed),
      local: steps({
        ...local,
        async get(keys: string | string[]) {
          if ([keys].flat().includes('settings') && profile.unreadable > 0) {
            profile.unreadable -= 1;
            throw new Error('The storage could not be read');
          }
          return local.get(keys);
        },
      }),
    },
    permissions: { ...steps({ contains: async () => true }), onRemoved: { addListener: () => undefined } },
    tabs: steps({ query: async () => [] }),
    scripting: steps({ getRegisteredContentScripts: async () => [] }),
    i18n: { getMessage: (key: string) => key },
    action: steps({
      setBadgeBackgroundColor: async () => undefined,
      setBadgeText: async () => undefined,
      setIcon: async () => undefined,
      setTitle: async () => undefined,
    }),
    alarms: steps({
      get: async (name: string) => alarms.get(name),
      create: async (name: string) => void alarms.set(name, {}),
      clear: async (name: string) => alarms.delete(name),
    }),
    identity: { ...steps({ launchWebAuthFlow: launch }), getRedirectURL: () => REDIRECT },
  });

  function start(): Pick<Profile, 'worker' | 'life'> {
    const life = createLife(() => {
      clock.forget();
      locks.drop();
    });
    const log = {
      info: () => undefined,
      error: (what: string, cause: unknown) => void errors.push(`${what}: ${cause}`),
    };
    const worker = life.run(() => createWorker({ clock: clockOfLife(clock), log, createBackend, kinds: [] }));
    void life.run(() => worker.engine.run());
    return { life, worker };
  }

  const errors: string[] = [];
  const profile: { -readonly [K in keyof Profile]: Profile[K] } = {
    clock,
    storage,
    history: createHistory(createDatabase(() => undefined)),
    atKeyboard: null,
    heedsHints: true,
    unreadable: 0,
    errors,
    startWorker() {
      profile.life.end();
      Object.assign(profile, start());
    },
    async restartBrowser() {
      profile.life.end();
      for (const key of Object.keys(session.everything())) await session.remove(key);
      Object.assign(profile, start());
    },
    async becomeAtProvider(person) {
      visitor.forget();
      const address = new URL(`${provider.issuer}/auth`);
      address.search = String(
        new URLSearchParams({
          client_id: CLIENT_ID,
          response_type: 'code',
          redirect_uri: REDIRECT,
          scope: 'openid profile',
          code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
          code_challenge_method: 'S256',
        }),
      );
      await visitor.goTo(address.href, person);
    },
    ...start(),
  };
  return profile;
}

const realFetch = globalThis.fetch;
