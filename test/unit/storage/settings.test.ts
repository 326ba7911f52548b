import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_SETTINGS, defaultConnectionOf, type Settings } from '../../../src/domain/settings';
import { browser } from '../../../src/platform/browser';
import {
  exportSettings,
  importSettings,
  managedParts,
  onPolicyChanged,
  onSettingsChanged,
  readSettings,
  type SettingsProblem,
  writeSettings,
} from '../../../src/storage/settings';
import { onlyConnection } from '../connection-list';
import { CONNECTION_ID } from './samples';
import { createStorageAreas } from './storage-areas';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

let areas: ReturnType<typeof createStorageAreas>;
beforeEach(() => {
  areas = createStorageAreas();
  Object.assign(browser, { storage: areas });
});

const chosen: Settings = {
  ...onlyConnection({
    id: CONNECTION_ID,
    name: 'Contoso partners',
    kind: 'service',
    address: 'https://records.example.com/v1',
    portals: [],
    tenants: [],
    signIn: 'accessToken',
  }),
  portals: { off: ['azure'], own: ['https://billing.example.com/subscriptions/:subscriptionId'] },
  retention: { maxAgeDays: 90, maxRows: null },
  notify: true,
  confirm: 'always',
};
const connection = async () => defaultConnectionOf(await readSettings());
const policy = { serviceUrl: 'https://policy.example.com/v1/', signIn: 'none' };

async function readWithProblems(): Promise<{ settings: Settings; problems: SettingsProblem[] }> {
  const problems: SettingsProblem[] = [];
  return { settings: await readSettings((problem) => problems.push(problem)), problems };
}

describe('readSettings', () => {
  it('answers the defaults when nothing is stored', async () => {
    expect(await readWithProblems()).toEqual({ settings: DEFAULT_SETTINGS, problems: [] });
  });

  it('answers what was written, part by part', async () => {
    await writeSettings(chosen);
    expect(await readSettings()).toEqual(chosen);
    await writeSettings({ notify: false, ...onlyConnection(null) });
    expect(await readSettings()).toEqual({ ...chosen, notify: false, ...onlyConnection(null) });
  });

  it('puts policy before the person, and the person before the default', async () => {
    await writeSettings({ notify: true, retention: chosen.retention });
    await areas.managed.set({ notify: false, connection: policy });
    const settings = await readSettings();
    expect(settings).toMatchObject({ notify: false, retention: chosen.retention, portals: DEFAULT_SETTINGS.portals });
    expect(defaultConnectionOf(settings)).toMatchObject({ address: 'https://policy.example.com/v1', signIn: 'none' });
    expect(await managedParts()).toEqual(new Set(['connections', 'notify']));
  });

  it('gives a connection of policy one id per address', async () => {
    const idFor = async (serviceUrl: string): Promise<string | undefined> => {
      await areas.managed.set({ connection: { ...policy, serviceUrl } });
      return (await connection())?.id;
    };
    const id = await idFor('https://policy.example.com/v1');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await idFor('https://policy.example.com/v1/')).toBe(id);
    expect(await idFor('https://policy.example.com/v2')).not.toBe(id);
  });

  it.each([
    ['is not there', () => Reflect.deleteProperty(areas, 'managed')],
    [
      'throws',
      () => {
        areas.managed.get = async () => Promise.reject(new Error('Managed storage manifest not found'));
      },
    ],
  ])('takes an area of policy that %s for none', async (_what, arrange) => {
    await writeSettings(chosen);
    arrange();
    expect(await readWithProblems()).toEqual({ settings: chosen, problems: [] });
    expect(await managedParts()).toEqual(new Set());
  });

  it('replaces a damaged part alone, and says which', async () => {
    await writeSettings(chosen);
    await areas.local.set({
      portals: { off: ['nowhere'], own: [] },
      connection: { ...chosen.connections[0], id: 'x' },
    });
    await areas.managed.set({ notify: 'yes', retention: { maxAgeDays: 0, maxRows: null } });
    const { settings, problems } = await readWithProblems();
    expect(settings).toEqual({ ...chosen, portals: DEFAULT_SETTINGS.portals, ...onlyConnection(null) });
    expect(problems.map(({ layer, part }) => `${layer} ${part}`).sort()).toEqual([
      'managed notify',
      'managed retention',
      'user connection',
      'user portals',
    ]);
    expect(problems.find(({ part }) => part === 'portals')?.detail).toMatch(/^off\.0: /);
    expect(await managedParts()).toEqual(new Set());
  });

  it('takes an identity provider from policy, and says when it lacks one', async () => {
    const wanted = { ...policy, signIn: 'openIdConnect', issuer: 'https://login.example.com', clientId: 'helper' };
    await areas.managed.set({ connection: wanted });
    expect(await connection()).toMatchObject({
      signIn: 'openIdConnect',
      issuer: 'https://login.example.com',
      clientId: 'helper',
      staySignedIn: false,
    });
    const { issuer: _issuer, ...without } = wanted;
    await areas.managed.set({ connection: without });
    const problems: SettingsProblem[] = [];
    expect(defaultConnectionOf(await readSettings((problem) => problems.push(problem)))).toBeNull();
    expect(problems).toMatchObject([{ part: 'connection', layer: 'managed' }]);
  });

  it('keeps a connection of a version that gave it no name, which is called by its host from then on', async () => {
    // As 0.1.0 wrote it; so did policies and settings files of its time.
    const address = 'https://records.example.com:8443/v1';
    const before = { id: CONNECTION_ID, kind: 'service', signIn: 'accessToken' };
    await areas.local.set({ connection: { ...before, serviceUrl: address } });
    const upgraded = { ...before, address, name: 'records.example.com:8443' };
    expect(await readWithProblems()).toMatchObject({ settings: { connections: [upgraded] }, problems: [] });
    const [file, own] = [JSON.parse(exportSettings(chosen)), await connection()];
    Reflect.deleteProperty(file.settings.connection, 'name');
    expect(importSettings(JSON.stringify(file))).toMatchObject({
      settings: { connection: { name: 'records.example.com' } },
    });
    await writeSettings(onlyConnection(own));
    expect(await connection()).toMatchObject(upgraded);
    await areas.managed.set({ connection: policy });
    expect(await connection()).toMatchObject({ name: 'policy.example.com' });
    await areas.managed.set({ connection: { ...policy, name: ' Contoso partners ' } });
    expect(await connection()).toMatchObject({ name: 'Contoso partners' });
  });

  it('does not take an address over plain http from policy', async () => {
    await areas.managed.set({ connection: { ...policy, serviceUrl: 'http://policy.example.com' } });
    expect(await connection()).toBeNull();
  });
});

describe('policy', () => {
  it('leaves out what it does not fix: a limit, a list, a portal that is not known', async () => {
    await areas.managed.set({ portals: { off: ['azure', 'not yet known'] }, retention: { maxAgeDays: 30 } });
    expect(await readWithProblems()).toMatchObject({
      settings: { portals: { off: ['azure'], own: [] }, retention: { maxAgeDays: 30, maxRows: null } },
      problems: [],
    });
    await areas.managed.set({ portals: {}, retention: {} });
    expect(await managedParts()).toEqual(new Set(['portals', 'retention']));
    expect((await readSettings()).portals).toEqual({ off: [], own: [] });
  });

  it('is taken whole as the documentation writes it, and both it and the browser’s schema know every key', async () => {
    const root = join(import.meta.dirname, '../../..');
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/policy.md'), 'utf8')) ?? [];
    const written = Object.values(JSON.parse(example)['3rdparty'].extensions)[0];
    await areas.managed.set(Object(written));
    const { settings, problems } = await readWithProblems();
    expect(problems).toEqual([]);
    const { serviceUrl: address, ...rest } = Object(written).connection;
    expect(defaultConnectionOf(settings)).toMatchObject({ address, ...rest });
    const { connection: _, ...others } = Object(written);
    expect(settings).toMatchObject(others);
    const schema = JSON.parse(readFileSync(join(root, 'public/managed-schema.json'), 'utf8'));
    const keys = ['confirm', 'connection', 'notify', 'portals', 'retention'];
    expect(Object.keys(schema.properties).toSorted()).toEqual(keys);
    expect(Object.keys(Object(written)).toSorted()).toEqual(keys);
  });

  it('says when changes are confirmed, over what the person chose', async () => {
    await writeSettings({ confirm: 'whenUnsure' });
    await areas.managed.set({ confirm: 'always' });
    expect((await readSettings()).confirm).toBe('always');
    await areas.managed.set({ confirm: 'sometimes' });
    const { settings, problems } = await readWithProblems();
    expect([settings.confirm, problems.map(({ part }) => part)]).toEqual(['whenUnsure', ['confirm']]);
  });

  it('keeps the id of a connection as long as the address is the same, whatever else it changes', async () => {
    await areas.managed.set({ connection: policy });
    const before = (await connection())?.id;
    await areas.managed.set({ connection: { ...policy, signIn: 'accessToken' }, notify: true });
    expect((await connection())?.id).toBe(before);
  });

  it('that changes is told with what was in force before', async () => {
    await writeSettings({ portals: chosen.portals });
    await areas.managed.set({ portals: { off: ['azure'], own: [] }, notify: true });
    const told: Settings[] = [];
    const failures: unknown[] = [];
    areas.onChanged.addListener = ((add) => (listener: Parameters<typeof add>[0]) => {
      add((changes, area) => {
        // As the browser does, each with what it was.
        const was = area === 'managed' ? { portals: { off: ['azure'], own: [] }, notify: true } : {};
        listener(
          Object.fromEntries(
            Object.entries(changes).map(([part, change]) => [part, { ...change, oldValue: Reflect.get(was, part) }]),
          ),
          area,
        );
      });
      return new Set();
    })(areas.onChanged.addListener);
    onPolicyChanged(
      async (before) => void told.push(before),
      (cause) => failures.push(cause),
    );
    await areas.managed.set({ portals: { off: ['microsoft365Admin'], own: [] } });
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told[0]).toMatchObject({ portals: { off: ['azure'], own: [] }, notify: true });
    await areas.local.set({ portals: { off: [], own: [] } });
    await areas.managed.set({ other: 1 });
    await areas.managed.remove('portals');
    await vi.waitFor(() => expect(told).toHaveLength(2));
    expect(failures).toEqual([]);
  });
});

describe('onSettingsChanged', () => {
  it('calls back for settings, by the person or by policy, until it is told to stop', async () => {
    const controller = new AbortController();
    const callback = vi.fn();
    onSettingsChanged(callback, controller.signal);
    await writeSettings({ notify: true });
    await areas.managed.set({ connection: policy });
    expect(callback).toHaveBeenCalledTimes(2);
    await areas.session.set({ connection: 'no setting' });
    await areas.local.set({ other: 1 });
    expect(callback).toHaveBeenCalledTimes(2);
    controller.abort();
    await writeSettings({ notify: false });
    expect(callback).toHaveBeenCalledTimes(2);
  });
});

describe('export and import', () => {
  const { connections, defaultConnection: __, ...others } = chosen;

  it('carry everything but the id of the connection', () => {
    const json = exportSettings(chosen);
    expect(json).not.toContain(CONNECTION_ID);
    const { id: _, ...portable } = connections[0] ?? { id: '' };
    expect(importSettings(json)).toEqual({ ok: true, settings: { ...others, connection: portable } });
  });

  it('carry settings without a connection', () => {
    const { connections: _, defaultConnection: ___, ...defaults } = DEFAULT_SETTINGS;
    expect(importSettings(exportSettings(DEFAULT_SETTINGS))).toEqual({
      ok: true,
      settings: { ...defaults, connection: null },
    });
  });

  it('export nothing that somebody added to the settings', () => {
    const withSecret = { ...chosen, connections: [{ ...connections[0], token: 'secret' }] } as unknown as Settings;
    expect(exportSettings(withSecret)).not.toContain('secret');
  });

  const changed = (change: (file: { format: string; version: number; settings: Record<string, unknown> }) => void) => {
    const file = JSON.parse(exportSettings(chosen));
    change(file);
    return JSON.stringify(file);
  };

  it.each([
    ['', 'notJson', ''],
    ['<xml/>', 'notJson', ''],
    ['{}', 'notSettings', 'format: '],
    ['null', 'notSettings', ''],
    [changed((file) => Object.assign(file, { version: 2 })), 'notSettings', 'version: '],
    [changed((file) => Reflect.deleteProperty(file.settings, 'notify')), 'notSettings', 'settings.notify: '],
    [
      changed((file) => Object.assign(file.settings, { connection: { serviceUrl: 'http://a.test', signIn: 'none' } })),
      'notSettings',
      'settings.connection.address: ',
    ],
  ])('import nothing of %.60s', (json, problem, detail) => {
    const imported = importSettings(json);
    expect(imported).toMatchObject({ ok: false, problem });
    expect(imported.ok ? '' : imported.detail).toContain(detail);
  });
});
