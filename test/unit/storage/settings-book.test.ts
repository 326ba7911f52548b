import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings';
import { browser } from '../../../src/platform/browser';
import { onPolicyChanged, readSettingsWhole } from '../../../src/storage/settings';
import { createSettingsBook, type SettingsBook } from '../../../src/storage/settings-book';
import { exportDamaged } from '../../../src/storage/settings-set-aside';
import { createLocks } from '../../support/locks';

import { createStorageAreas } from '../../support/storage-areas';

/** In the fixtures. */
const CONNECTION_ID = '0c000000-0000-4000-8000-000000000001';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

let areas: ReturnType<typeof createStorageAreas>;
let book: SettingsBook;
beforeEach(() => {
  areas = createStorageAreas();
  Object.assign(browser, { storage: areas });
  vi.stubGlobal('navigator', { locks: createLocks() });
  book = createSettingsBook();
});

const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/settings', name), 'utf8'));
const stored = () => areas.local.everything();

const FIRST = {
  connections: [
    {
      id: CONNECTION_ID,
      name: 'records.example.com:8443',
      kind: 'service',
      address: 'https://records.example.com:8443/v1',
      portals: [],
      tenants: [],
      signIn: 'accessToken',
    },
  ],
  defaultConnection: CONNECTION_ID,
  portals: { off: [], own: [] },
  retention: { maxAgeDays: null, maxRows: null },
  notify: false,
};
const LAST = {
  connections: [
    {
      id: CONNECTION_ID,
      name: 'Contoso partners',
      kind: 'service',
      address: 'https://records.example.com/v1',
      portals: [],
      tenants: [],
      signIn: 'openIdConnect',
      issuer: 'https://login.example.com',
      clientId: 'helper',
      staySignedIn: true,
      scopes: ['openid', 'records'],
      sendResource: false,
    },
  ],
  defaultConnection: CONNECTION_ID,
  portals: { off: ['azure'], own: ['https://billing.example.com/subscriptions/:subscriptionId'] },
  retention: { maxAgeDays: 90, maxRows: null },
  notify: true,
  confirm: 'always',
};
/** Where nobody has chosen yet. */
const UNSAID = {
  watch: 'off',
  watched: 'all',
  ownPartnerId: null,
  azureClientIds: DEFAULT_SETTINGS.azureClientIds,
};
const { version: _second, ...SECOND } = Object(fixture('version-2.json')['settings']);
const { version: _third, ...PRESENT } = Object(fixture('version-3.json')['settings']);

/** Settings of a version that is still to come. */
const LATER = { settings: { version: 4, connections: { byTenant: {} }, notify: 'sometimes' } };
const NO_TROUBLE = { later: null, damaged: [], policy: [] };

describe('settings of every version that was stored', () => {
  it.each([
    ['version-1-first.json', { ...FIRST, ...UNSAID, confirm: 'whenUnsure' }, FIRST],
    ['version-1-last.json', { ...LAST, ...UNSAID }, LAST],
    ['version-2.json', { ...SECOND, ...UNSAID }, SECOND],
    ['version-3.json', { ...UNSAID, ...PRESENT }, PRESENT],
  ])('%s is read, and is written in the form of now once', async (name, inForce, own) => {
    await areas.local.set(fixture(name));
    expect(await book.read()).toEqual({ settings: inForce, managed: new Set(), trouble: NO_TROUBLE });
    // Reading writes nothing: pages read too.
    expect(stored()).toEqual(fixture(name));
    await book.migrate();
    expect(stored()).toEqual({ settings: { version: 3, ...own } });
    expect(await book.read()).toMatchObject({ settings: inForce, trouble: NO_TROUBLE });
    const set = vi.spyOn(areas.local, 'set');
    await book.migrate();
    expect(set).not.toHaveBeenCalled();
  });

  it('that were never stored are the defaults, and nothing is written for them', async () => {
    await book.migrate();
    expect(await book.read()).toEqual({ settings: DEFAULT_SETTINGS, managed: new Set(), trouble: NO_TROUBLE });
    expect(stored()).toEqual({});
  });

  it('of version 1 without a connection have none', async () => {
    await areas.local.set({ ...fixture('version-1-last.json'), connection: null });
    await book.migrate();
    expect((await book.read()).settings).toEqual({
      ...LAST,
      ...UNSAID,
      connections: [],
      defaultConnection: null,
    });
  });

  it('are whole though the worker died between the two writes of a migration', async () => {
    await areas.local.set({ ...fixture('version-1-last.json'), ...fixture('version-3.json') });
    expect((await book.read()).settings).toEqual({ ...UNSAID, ...PRESENT });
    await book.migrate();
    expect(stored()).toEqual(fixture('version-3.json'));
  });
});

describe('the book', () => {
  it('reads what is stored once, and again only after that has changed', async () => {
    await areas.local.set(fixture('version-3.json'));
    const get = vi.spyOn(areas.local, 'get');
    for (let times = 0; times < 5; times += 1) await book.read();
    expect(get).toHaveBeenCalledTimes(1);
    await areas.local.set({ other: 1 });
    await areas.session.set({ settings: 1 });
    await book.read();
    expect(get).toHaveBeenCalledTimes(1);
    await areas.managed.set({ notify: false });
    expect((await book.read()).settings.notify).toBe(false);
    await areas.local.set({ settings: { version: 3, confirm: 'always' } });
    expect((await book.read()).settings).toMatchObject({ confirm: 'always', notify: false });
    expect(get).toHaveBeenCalledTimes(3);
  });

  it('reads again after a read that failed', async () => {
    vi.spyOn(areas.local, 'get').mockRejectedValueOnce(new Error('Not now'));
    await expect(book.read()).rejects.toThrow('Not now');
    expect((await book.read()).settings).toEqual(DEFAULT_SETTINGS);
  });

  it('writes the parts given and leaves the others as they are, two writes at once too', async () => {
    await areas.local.set(fixture('version-1-last.json'));
    await Promise.all([
      book.write(() => ({ notify: false })),
      book.write(({ portals }) => ({ portals: { off: [], own: portals?.own ?? [] } })),
    ]);
    expect((await book.read()).settings).toEqual({
      ...LAST,
      ...UNSAID,
      notify: false,
      portals: { ...LAST.portals, off: [] },
    });
    expect(Object.keys(stored())).toEqual(['settings']);
  });

  it('keeps the person’s own beneath a policy that comes and goes', async () => {
    await areas.local.set(fixture('version-3.json'));
    await areas.managed.set({
      connection: { serviceUrl: 'https://policy.example.com', signIn: 'none' },
      notify: false,
    });
    expect((await book.read()).settings).toMatchObject({
      connections: [{ name: 'policy.example.com' }],
      notify: false,
    });
    await book.write(() => ({ confirm: 'always' }));
    await areas.managed.remove(['connection', 'notify']);
    expect((await book.read()).settings).toEqual({ ...UNSAID, ...PRESENT, confirm: 'always' });
  });
});

describe('settings of a later version', () => {
  const page = () => readSettingsWhole();

  it.each<[what: string, act: () => Promise<unknown>]>([
    ['a save', () => book.write(() => ({ notify: true }))],
    ['an import', () => book.write(() => ({ connections: [], defaultConnection: null }))],
    ['what is discarded', () => book.discardDamaged()],
    ['whoever asks first', () => book.requireWritable()],
  ])('are told, and not overwritten by %s', async (_what, act) => {
    await areas.local.set({ ...LATER, ...fixture('version-1-last.json') });
    const before = structuredClone(stored());
    await expect(act()).rejects.toMatchObject({ problem: 'settingsLater' });
    expect(stored()).toEqual(before);
    for (const read of [book.read, page]) expect((await read()).trouble.later).toBe(4);
    expect((await book.read()).settings).toEqual(DEFAULT_SETTINGS);
  });

  it('are left as they are by a migration and by a change of policy, which holds', async () => {
    await areas.local.set(LATER);
    await book.migrate();
    const followed = vi.fn(async () => undefined);
    onPolicyChanged(followed, () => undefined);
    await areas.managed.set({ confirm: 'always' });
    await vi.waitFor(() => expect(followed).toHaveBeenCalled());
    expect(await book.read()).toMatchObject({ settings: { confirm: 'always' }, trouble: { later: 4 } });
    expect(stored()).toEqual(LATER);
  });
});

describe('what cannot be read', () => {
  const broken = {
    ...Object(fixture('version-3.json')['settings']),
    connections: ['not a connection', ...PRESENT.connections],
    portals: { off: ['nowhere'], own: [] },
  };

  it('is told, takes nothing else with it, and stays where it is until something is saved', async () => {
    await areas.local.set({ settings: broken });
    await book.migrate();
    const { settings, trouble } = await book.read();
    expect(settings).toEqual({ ...UNSAID, ...PRESENT, portals: DEFAULT_SETTINGS.portals });
    expect(trouble.damaged).toMatchObject([
      { part: 'connections', stored: 'not a connection' },
      { part: 'portals', detail: expect.stringMatching(/^off\.0: /), stored: broken.portals },
    ]);
    expect(stored()).toEqual({ settings: broken });
  });

  it('is set aside by a save, and handed out, until the person discards it', async () => {
    await areas.local.set({ settings: broken });
    await book.write(() => ({ notify: false }));
    const { settings, trouble } = await book.read();
    expect(settings).toEqual({ ...UNSAID, ...PRESENT, portals: DEFAULT_SETTINGS.portals, notify: false });
    expect(trouble.damaged).toHaveLength(2);
    await book.write(() => ({ notify: true }));
    expect((await book.read()).trouble).toEqual(trouble);
    const file = exportDamaged(trouble.damaged);
    for (const value of ['not a connection', 'nowhere']) expect(file).toContain(value);
    await book.discardDamaged();
    expect((await book.read()).trouble).toEqual(NO_TROUBLE);
    expect(stored()).toEqual({ settings: { version: 3, ...PRESENT, portals: undefined } });
  });

  it('of version 1 is set aside by its migration', async () => {
    await areas.local.set({ ...fixture('version-1-last.json'), connection: 'no object', retention: 7 });
    await book.migrate();
    expect(await book.read()).toMatchObject({
      settings: { ...LAST, connections: [], defaultConnection: null, retention: DEFAULT_SETTINGS.retention },
      trouble: { damaged: [{ stored: 'no object' }, { stored: 7 }] },
    });
    expect(Object.keys(stored()).toSorted()).toEqual(['settings', 'settingsSetAside']);
  });

  it.each([null, 'text', 7, [], {}, { version: 'two' }, { version: 0 }, { version: 2.5 }])(
    'of the whole book is told and kept: %j',
    async (settings) => {
      await areas.local.set({ settings });
      expect(await book.read()).toMatchObject({
        settings: DEFAULT_SETTINGS,
        trouble: { damaged: [{ part: 'settings', stored: settings }] },
      });
      await book.write(() => ({ notify: true }));
      expect((await book.read()).trouble.damaged).toMatchObject([{ part: 'settings', stored: settings }]);
    },
  );

  it('of what was set aside is somebody’s too', async () => {
    await areas.local.set({ settingsSetAside: 'no list' });
    await book.write(() => ({ notify: true }));
    expect((await book.read()).trouble.damaged).toMatchObject([{ stored: 'no list' }]);
  });
});
