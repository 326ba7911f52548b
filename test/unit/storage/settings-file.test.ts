import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/domain/settings';
import { exportSettings, importSettings } from '../../../src/storage/settings-file';
import { anEntraConnection, CONNECTION_ID } from '../../support/connections';
import { WANTED } from '../../support/partners';

const AZURE = anEntraConnection({ id: '0c000000-0000-4000-8000-000000000003' });
const OTHER_ID = '0c000000-0000-4000-8000-000000000002';
const chosen: Omit<Settings, 'azureClientIds'> = {
  connections: [
    {
      id: CONNECTION_ID,
      name: 'Contoso partners',
      kind: 'service',
      address: 'https://records.example.com/v1',
      portals: ['azure'],
      tenants: ['contoso.com'],
      signIn: 'accessToken',
    },
    {
      id: OTHER_ID,
      name: 'Northwind',
      kind: 'later',
      address: 'https://northwind.example',
      portals: [],
      tenants: [],
      signIn: 'openIdConnect',
      issuer: 'https://login.example.com',
      clientId: 'helper',
      staySignedIn: true,
      scopes: ['openid'],
      sendResource: true,
    },
    AZURE,
  ],
  defaultConnection: OTHER_ID,
  portals: { off: ['azure'], own: ['https://billing.example.com/subscriptions/:subscriptionId'] },
  retention: { maxAgeDays: 90, maxRows: null },
  notify: true,
  confirm: 'always',
  watch: 'sixHours',
  watched: 'starred',
  ownPartnerId: WANTED.partnerId,
};

describe('a settings file', () => {
  it('carries everything but the ids of connections', () => {
    const json = exportSettings(chosen);
    for (const id of [CONNECTION_ID, OTHER_ID, AZURE.id]) expect(json).not.toContain(id);
    const connections = chosen.connections.map(({ id: _, ...portable }) => portable);
    expect(importSettings(json)).toEqual({
      ok: true,
      settings: { ...chosen, connections, defaultConnection: 'https://northwind.example' },
    });
  });

  it('carries settings without a connection', () => {
    const { azureClientIds: _notThePersons, ...settings } = DEFAULT_SETTINGS;
    expect(importSettings(exportSettings(DEFAULT_SETTINGS))).toEqual({ ok: true, settings });
  });

  it('holds nothing that somebody added to the settings', () => {
    const [first] = chosen.connections;
    const withSecret = { ...chosen, connections: [{ ...first, token: 'secret' }] } as unknown as Settings;
    expect(exportSettings(withSecret)).not.toContain('secret');
  });

  it('of version 1 is read, and what it lacks is left open', () => {
    const file = readFileSync(join(import.meta.dirname, 'fixtures/settings/file-version-1.json'), 'utf8');
    expect(importSettings(file)).toEqual({
      ok: true,
      settings: {
        connections: [
          {
            name: null,
            kind: 'service',
            address: 'https://records.example.com/v1',
            portals: [],
            tenants: [],
            signIn: 'openIdConnect',
            issuer: 'https://login.example.com',
            clientId: 'helper',
            staySignedIn: true,
            scopes: null,
            sendResource: false,
          },
        ],
        defaultConnection: 'https://records.example.com/v1',
        portals: { off: ['azure'], own: [] },
        retention: { maxAgeDays: 90, maxRows: null },
        notify: true,
      },
    });
    const { settings, ...head } = JSON.parse(file);
    expect(importSettings(JSON.stringify({ ...head, settings: { ...settings, connection: null } }))).toMatchObject({
      settings: { connections: [], defaultConnection: null },
    });
  });

  it('of version 2 is read, and what it lacks is left open', () => {
    const file = readFileSync(join(import.meta.dirname, 'fixtures/settings/file-version-2.json'), 'utf8');
    expect(importSettings(file)).toEqual({ ok: true, settings: JSON.parse(file).settings });
    expect(JSON.parse(file).settings).not.toHaveProperty('ownPartnerId');
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
    ['{"format":"partner-of-record-settings","version":1,"settings":null}', 'notSettings', ''],
    ['{"format":"partner-of-record-settings","version":1,"settings":{"connection":7}}', 'notSettings', ''],
    [changed((file) => Object.assign(file, { version: 4 })), 'later', '4'],
    [changed((file) => Object.assign(file, { version: 0 })), 'notSettings', 'version: '],
    [changed((file) => Reflect.deleteProperty(file.settings, 'notify')), 'notSettings', 'notify: '],
    [
      changed((file) => Object.assign(file.settings, { connections: [{ address: 'http://a.test', signIn: 'none' }] })),
      'notSettings',
      'connections.0.address: ',
    ],
    [
      changed((file) => Object.assign(file.settings, { connections: [{ ...AZURE, kind: 'service' }] })),
      'notSettings',
      'connections.0.kind: ',
    ],
    [changed((file) => Object.assign(file.settings, { ownPartnerId: 'none' })), 'notSettings', 'ownPartnerId: '],
  ])('is taken whole or not at all: %.60s', (json, problem, detail) => {
    const imported = importSettings(json);
    expect(imported).toMatchObject({ ok: false, problem });
    expect(imported.ok ? '' : imported.detail).toContain(detail);
  });
});
