import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_SETTINGS, defaultConnectionOf, type Settings } from '../../../src/domain/settings';
import { browser } from '../../../src/platform/browser';
import { onPolicyChanged, onSettingsChanged, readSettings, readSettingsWhole } from '../../../src/storage/settings';
import { writeSettings } from '../../support/write-settings';
import { POLICY_KEYS } from '../../../src/storage/policy';
import { aConnection, anEntraConnection, CONNECTION_ID, onlyConnection } from '../../support/connections';
import { WANTED } from '../../support/partners';
import { createStorageAreas } from '../../support/storage-areas';
import { uuid } from '../../support/targets';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));
const built = vi.hoisted((): { clientIds: Record<string, string> } => ({ clientIds: {} }));
vi.mock('../../../src/platform/built-in-client-ids', () => ({
  get BUILT_IN_CLIENT_IDS() {
    return built.clientIds;
  },
}));

let areas: ReturnType<typeof createStorageAreas>;
beforeEach(() => {
  areas = createStorageAreas();
  built.clientIds = {};
  Object.assign(browser, { storage: areas });
});

const chosen: Settings = {
  ...onlyConnection(aConnection({ address: 'https://records.example.com/v1' })),
  portals: { off: ['azure'], own: ['https://billing.example.com/subscriptions/:subscriptionId'] },
  retention: { maxAgeDays: 90, maxRows: null },
  notify: true,
  confirm: 'always',
  watch: 'hour',
  watched: 'starred',
  ownPartnerId: WANTED.partnerId,
  azureClientIds: DEFAULT_SETTINGS.azureClientIds,
};
const connection = async () => defaultConnectionOf(await readSettings());
const policy = { serviceUrl: 'https://policy.example.com/v1/', signIn: 'none' };

async function readWithProblems() {
  const { settings, trouble } = await readSettingsWhole();
  return { settings, problems: [...trouble.damaged.map(({ part }) => part), ...trouble.policy.map(({ key }) => key)] };
}
const managedParts = async () => (await readSettingsWhole()).managed;

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

  it('leaves out a part of policy that is damaged, and says which', async () => {
    await writeSettings(chosen);
    await areas.managed.set({ notify: 'yes', retention: { maxAgeDays: 0, maxRows: null } });
    expect(await readWithProblems()).toEqual({ settings: chosen, problems: ['retention', 'notify'] });
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
    expect(await connection()).toBeNull();
    expect((await readWithProblems()).problems).toEqual(['connection']);
  });

  it('takes a connection to Azure from policy, whose kind need not be said, and says when it is to no cloud of Azure', async () => {
    const { name, address, signIn, clientId } = anEntraConnection({ address: 'https://management.usgovcloudapi.net' });
    await areas.managed.set({ connections: [{ name, address, signIn, clientId }] });
    const connections = async () => (await readSettings()).connections;
    expect(await connections()).toMatchObject([{ kind: 'azurePal', address, clientId, staySignedIn: false }]);
    await areas.managed.set({ connections: [{ name, address: 'https://azure.example.com', signIn, clientId }] });
    const { trouble } = await readSettingsWhole();
    expect(trouble.policy).toMatchObject([
      { key: 'connections', detail: expect.stringMatching(/^address: Not a cloud of Azure/), address: null },
    ]);
    expect(await connections()).toEqual([]);
  });

  it('calls a connection by its host that policy gives no name', async () => {
    await areas.managed.set({ connection: policy });
    expect(await connection()).toMatchObject({ name: 'policy.example.com' });
    await areas.managed.set({ connection: { ...policy, name: ' Contoso partners ' } });
    expect(await connection()).toMatchObject({ name: 'Contoso partners' });
  });

  it('takes a list of connections from policy, each by itself, with the default that it says', async () => {
    const [first, second] = [
      { address: 'https://first.example.com', signIn: 'none', portals: ['azure'], tenants: ['Contoso.com'] },
      { address: 'https://second.example.com/v1/', signIn: 'accessToken', name: 'Second' },
    ];
    await writeSettings(chosen);
    await areas.managed.set({ connections: [first, { signIn: 'none' }, second] });
    const { settings, problems } = await readWithProblems();
    expect(settings.connections).toMatchObject([
      { name: 'first.example.com', kind: 'service', portals: ['azure'], tenants: ['contoso.com'] },
      { name: 'Second', address: 'https://second.example.com/v1', portals: [], tenants: [] },
    ]);
    expect([settings.defaultConnection, problems]).toEqual([settings.connections[0]?.id, ['connections']]);
    expect(await managedParts()).toEqual(new Set(['connections']));
    await areas.managed.set({ connections: [first, second], defaultConnection: 'https://second.example.com/v1' });
    expect((await connection())?.name).toBe('Second');
    // The form of the first version stands beside it for ever.
    await areas.managed.remove('defaultConnection');
    await areas.managed.set({ connection: policy });
    expect((await readSettings()).connections.map(({ name }) => name)).toEqual([
      'policy.example.com',
      'first.example.com',
      'Second',
    ]);
    expect((await connection())?.name).toBe('policy.example.com');
  });

  it('keeps the id of the person’s own connection where policy names its address', async () => {
    await writeSettings(chosen);
    await areas.managed.set({ connections: [{ address: 'https://records.example.com/v1/', signIn: 'none' }] });
    expect(await connection()).toMatchObject({ id: CONNECTION_ID, signIn: 'none' });
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
    const { defaultConnection, ...others } = Object(written);
    expect(settings).toMatchObject(others);
    expect(defaultConnectionOf(settings)?.address).toBe(defaultConnection);
    const schema = JSON.parse(readFileSync(join(root, 'public/policy.json'), 'utf8'));
    expect(Object.keys(schema.properties).toSorted()).toEqual([...POLICY_KEYS].toSorted());
  });

  it('says when changes are confirmed, over what the person chose', async () => {
    await writeSettings({ confirm: 'whenUnsure' });
    await areas.managed.set({ confirm: 'always' });
    expect((await readSettings()).confirm).toBe('always');
    await areas.managed.set({ confirm: 'sometimes' });
    const { settings, problems } = await readWithProblems();
    expect([settings.confirm, problems]).toEqual(['whenUnsure', ['confirm']]);
  });

  it('names one’s own Partner ID, over what the person chose, or says that it cannot be read', async () => {
    await writeSettings({ ownPartnerId: WANTED.partnerId });
    await areas.managed.set({ ownPartnerId: '300003' });
    expect((await readSettings()).ownPartnerId).toBe('300003');
    expect(await managedParts()).toEqual(new Set(['ownPartnerId']));
    await areas.managed.set({ ownPartnerId: 'Contoso' });
    const { settings, problems } = await readWithProblems();
    expect([settings.ownPartnerId, problems]).toEqual([WANTED.partnerId, ['ownPartnerId']]);
  });

  it('names applications at Microsoft Entra by cloud, in place of all that this build has', async () => {
    const [ofBuild, ofPolicy] = [uuid(1), uuid(2)];
    built.clientIds = { public: ofBuild };
    expect((await readSettings()).azureClientIds).toEqual({ public: ofBuild, usGovernment: null, china: null });
    expect(await managedParts()).toEqual(new Set());
    await areas.managed.set({ azureClientIds: { china: ofPolicy.toUpperCase() } });
    expect((await readSettings()).azureClientIds).toEqual({ public: null, usGovernment: null, china: ofPolicy });
    expect(await managedParts()).toEqual(new Set(['azureClientIds']));
    await areas.managed.set({ azureClientIds: { public: 'helper' } });
    const { settings, problems } = await readWithProblems();
    expect([settings.azureClientIds.public, problems]).toEqual([ofBuild, ['azureClientIds']]);
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
