import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { CHANGE_STATES } from '../../../src/domain/change';
import { rowOutcome } from '../../../src/domain/history';
import { stateOf } from '../../../src/domain/partner-state';
import { nameOfPerson } from '../../../src/domain/person';
import {
  changeSchema,
  connectionSchema,
  historyRowSchema,
  loggedChangeSchema,
  LONGEST_ADDRESS,
  partnerStateSchema,
  portalSettingsSchema,
  retentionSchema,
  settingsSchema,
  subscriptionRecordSchema,
  uuidSchema,
} from '../../../src/domain/schemas';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/domain/settings';
import { ROWS } from '../../support/rows';
import { aChange, aRequest } from '../../support/changes';
import { aConnection, anEntraConnection, onlyConnection } from '../../support/connections';
import { attached, partner, WANTED } from '../../support/partners';
import { ADA } from '../../support/persons';
import { aRecord, outcome } from '../../support/records';

const HELD = aRecord({ partnerOfRecord: attached(WANTED) });
const accepts = (schema: v.GenericSchema, value: unknown): boolean => v.safeParse(schema, value).success;

/** The value with one field, however deep, replaced or, without `to`, left out. */
function withField(value: unknown, path: string, ...to: [unknown?]): unknown {
  const [first = '', ...rest] = path.split('.');
  const copy: Record<string, unknown> = { ...Object(value) };
  if (rest.length > 0) copy[first] = withField(copy[first], rest.join('.'), ...to);
  else if (to.length > 0) copy[first] = to[0];
  else delete copy[first];
  return copy;
}

/** Every path to a field of a value. */
function paths(value: unknown, before = ''): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${before}${key}`, ...paths(inner, `${before}${key}.`)]);
}

describe('a blank name', () => {
  const BLANK = ' \u00a0\n';
  const held = { ...attached(WANTED), name: BLANK, assignedBy: BLANK };
  const nameless = { ...attached(WANTED), name: null, assignedBy: null };

  test('is none where a backend holds a partner of record, and where one was kept', () => {
    const shown = stateOf(aRecord({ partnerOfRecord: held }));
    expect(shown.partnerOfRecord).toEqual(nameless);
    expect(v.parse(partnerStateSchema, { ...shown, partnerOfRecord: held })).toEqual(shown);
  });

  test('is none in a row, in a log of changes, and of a person', () => {
    const ref = { partnerId: WANTED.partnerId, name: BLANK };
    const row = v.parse(changeSchema, { ...aChange(), before: ref, after: ref });
    expect([row.before?.name, row.after?.name]).toEqual([null, null]);
    const logged = { kind: 'change', before: ref, after: ref, at: '2026-01-02T03:04:05Z', by: BLANK };
    expect(v.parse(loggedChangeSchema, logged)).toMatchObject({
      before: { name: null },
      after: { name: null },
      by: null,
    });
    expect(nameOfPerson({ ...ADA, name: BLANK })).toBeNull();
  });
});

describe('rows of the history', () => {
  test('the samples have every state of a change', () => {
    const states = ROWS.flatMap((row) => (row.type === 'change' ? [row.change.life.state] : []));
    expect(new Set(states)).toEqual(new Set(CHANGE_STATES));
  });

  test.each(ROWS.map((row) => [row.type, rowOutcome(row), row] as const))(
    '%s, %s: comes back as written: %#',
    (_t, _o, row) => {
      expect(v.parse(historyRowSchema, structuredClone(row))).toEqual(row);
      expect(v.parse(historyRowSchema, JSON.parse(JSON.stringify(row)))).toEqual(row);
    },
  );

  test.each(ROWS.map((row) => [row.type, rowOutcome(row), row] as const))(
    '%s, %s: a field that is missing or of another type is refused, an additional one ignored: %#',
    (_t, _o, row) => {
      for (const path of paths(row)) {
        expect([path, accepts(historyRowSchema, withField(row, path, Symbol('no value')))]).toEqual([path, false]);
        expect(v.parse(historyRowSchema, withField(row, `${path}More`, 'more'))).toEqual(row);
        if (OPTIONAL.test(path)) continue;
        expect([path, accepts(historyRowSchema, withField(row, path))]).toEqual([path, false]);
      }
    },
  );
});

/** Fields that need not be there. */
const OPTIONAL =
  /\.(?:location|(?:failure|lastFailure)\.(?:status|code|said|detail|requestId))$|^foreign\.(?:by|version|seen)$/;

describe('`__proto__` as a field', () => {
  const polluted = (inner: string) => JSON.parse(`{"__proto__": ${inner}, ${inner.slice(1)}`) as unknown;

  test('is ignored like any other that is not asked for, and alters no prototype', () => {
    const text = JSON.stringify(HELD);
    const read = v.parse(subscriptionRecordSchema, polluted(text));
    expect(read).toEqual(HELD);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(Object.hasOwn(read, '__proto__')).toBe(false);
    expect(Object.hasOwn(Object.prototype, 'etag')).toBe(false);
  });

  test('stands in for no field that is missing', () => {
    const whole = JSON.stringify(HELD);
    expect(accepts(subscriptionRecordSchema, JSON.parse(`{"__proto__": ${whole}}`))).toBe(false);
    expect(accepts(historyRowSchema, JSON.parse(`{"__proto__": ${JSON.stringify(ROWS[0])}}`))).toBe(false);
  });

  test('is no state, kind or role', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(accepts(changeSchema, withField(aChange(), 'life.state', name))).toBe(false);
      expect(accepts(changeSchema, withField(aChange(), 'target.kind', name))).toBe(false);
      expect(accepts(subscriptionRecordSchema, withField(aRecord(), 'caller.role', name))).toBe(false);
    }
  });
});

describe('a date in a record', () => {
  test.each([
    '2026-01-02T03:04:05Z',
    '2026-01-02T03:04:05.1Z',
    '2026-01-02T03:04:05.123Z',
    '2026-01-02T03:04:05.123456Z',
    '2026-01-02T03:04:05.123456789Z',
    '2026-01-02T03:04:05+00:00',
    '2026-01-02T03:04:05-00:00',
    '2026-01-02T03:04:05.123+00:00',
    '2024-02-29T23:59:59Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('can be %s', (startDate) => {
    expect(v.parse(subscriptionRecordSchema, { ...aRecord(), startDate }).startDate).toBe(startDate);
    expect(Number.isNaN(Date.parse(startDate))).toBe(false);
  });

  test.each([
    '',
    'soon',
    '2026-01-02',
    '2026-01-02T03:04Z',
    '2026-01-02T03:04:05',
    '02.01.2026 03:04:05',
    '2026-13-02T03:04:05Z',
    '2026-01-32T03:04:05Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02T03:60:05Z',
    'Fri, 02 Jan 2026 03:04:05 GMT',
    ' 2026-01-02T03:04:05Z',
    '2026-01-02T03:04:05Z\n',
    1_767_323_045_000,
    null,
  ])('cannot be %j', (startDate) => {
    expect(accepts(subscriptionRecordSchema, { ...aRecord(), startDate })).toBe(false);
  });
});

describe('a record', () => {
  test('is read with its fields only, its IDs normalised', () => {
    const sent = { ...HELD, subscriptionId: ' ABC ', more: 1, caller: { ...aRecord().caller, more: 1 } };
    expect(v.parse(subscriptionRecordSchema, sent)).toEqual({ ...HELD, subscriptionId: 'abc' });
  });

  test('names the field that is wrong', () => {
    const parsed = v.safeParse(subscriptionRecordSchema, withField(HELD, 'partnerOfRecord.assignedAt', 'soon'));
    expect(parsed.issues?.map((issue) => v.getDotPath(issue))).toEqual(['partnerOfRecord.assignedAt']);
  });

  test.each([
    ['etag', '7'],
    ['etag', 'W/"7"'],
    ['etag', '"7'],
    ['etag', '"7"8"'],
    ['etag', '"7\r\nx: y"'],
    ['etag', '"ü"'],
    ['etag', `"${'7'.repeat(1023)}"`],
    ['service', 'windows'],
    ['caller.role', 'Owner'],
    ['caller.canChangePartner', 'true'],
    ['caller.reason', null],
    ['partnerOfRecord', undefined],
    ['partnerOfRecord.partnerId', 200002],
    ['partnerOfRecord.partnerId', '12'],
    ['subscriptionId', ' '],
    ['displayName', 'x'.repeat(4097)],
    ['customer', []],
  ])('is refused for %s %j', (path, value) => {
    expect(accepts(subscriptionRecordSchema, withField(HELD, path, value))).toBe(false);
  });

  test.each(['""', '"7"', '"a!#~"', `"${'7'.repeat(1022)}"`])('may have the etag %j', (etag) => {
    expect(accepts(subscriptionRecordSchema, aRecord({ etag }))).toBe(true);
  });
});

test('a change made of the longest that can arrive can be read again', () => {
  const etag = `"${'7'.repeat(1022)}"`;
  const name = 'x'.repeat(4096);
  const longest = aRequest({
    targetName: name,
    page: 'x'.repeat(LONGEST_ADDRESS),
    after: partner('200002', name),
    basedOn: etag,
  });
  const life = { state: 'done', attempts: 1, endedAt: 1, outcome: outcome(partner('200002', name), etag) } as const;
  const change = { ...longest, sentAs: null, life };
  expect(v.parse(changeSchema, change)).toEqual(change);
});

describe('numbers of a stored row', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, '1', null])('a time is never %s', (askedAt) => {
    expect(accepts(changeSchema, { ...aChange(), askedAt })).toBe(false);
  });
  test.each([1.5, -1, Number.NaN, '1'])('a count is never %s', (attempts) => {
    expect(accepts(changeSchema, withField(aChange(), 'life.attempts', attempts))).toBe(false);
  });
});

test('a UUID is one in either case, and nothing around it', () => {
  const id = 'A1b2c3d4-0000-4000-8000-00000000ABcd';
  expect(accepts(uuidSchema, id)).toBe(true);
  for (const other of [` ${id}`, `${id}\n`, `{${id}}`, id.replaceAll('-', ''), id.replace('A', 'G'), '', 7]) {
    expect(accepts(uuidSchema, other)).toBe(false);
  }
});

describe('settings', () => {
  const settings: Settings = {
    ...onlyConnection(aConnection()),
    portals: { off: ['azure'], own: ['https://b.example/:subscriptionId'] },
    retention: { maxAgeDays: 30, maxRows: 1000 },
    notify: true,
    confirm: 'always',
    watch: 'day',
    watched: 'starred',
    ownPartnerId: WANTED.partnerId,
    azureClientIds: { public: '0a000000-0000-4000-8000-000000000001', usGovernment: null, china: null },
  };

  test('come back as written', () => {
    expect(v.parse(settingsSchema, structuredClone(settings))).toEqual(settings);
    expect(v.parse(settingsSchema, structuredClone(DEFAULT_SETTINGS))).toEqual(DEFAULT_SETTINGS);
  });

  test.each([
    ['id', 'first'],
    ['name', 7],
    ['name', 'x'.repeat(81)],
    ['kind', ''],
    ['portals', ['gcp']],
    ['tenants', ['']],
    ['address', 'http://por.example.com'],
    ['address', `https://por.example.com/${'x'.repeat(4096)}`],
    ['signIn', 'password'],
  ])('a connection is refused for %s %s', (field, value) => {
    expect(accepts(connectionSchema, withField(settings.connections[0], field, value))).toBe(false);
  });

  test('a connection to Azure comes back as written, and its application’s ID in lower case', () => {
    for (const address of ['https://management.azure.com', 'https://management.usgovcloudapi.net']) {
      const connection = anEntraConnection({ address });
      expect(v.parse(connectionSchema, structuredClone(connection))).toEqual(connection);
    }
    const { kind: _kind, ...said } = anEntraConnection({ address: 'https://management.chinacloudapi.cn/' });
    const clientId = ` {${said.clientId}} `.replace(/[{}]/g, '').toUpperCase();
    expect(v.parse(connectionSchema, { ...said, clientId })).toEqual({
      ...anEntraConnection({ address: 'https://management.chinacloudapi.cn' }),
      clientId: said.clientId,
    });
  });

  test.each([
    ['kind', 'service', /^The sign-in entra is for azurePal/],
    ['kind', 'later', /^The sign-in entra is for azurePal/],
    ['address', 'https://por.example.com', /^Not a cloud of Azure: https:\/\/management\.azure\.com, /],
    ['address', 'https://management.azure.com/subscriptions', /^Not a cloud of Azure/],
    ['address', 'https://management.core.usgovcloudapi.net', /^Not a cloud of Azure/],
    ['address', 'http://management.azure.com', /^Not a backend’s address: notHttps/],
    ['clientId', 'helper', /^Not an application \(client\) ID/],
    ['clientId', '', /^Not an application \(client\) ID/],
    ['signIn', 'none', /^azurePal has the sign-in entra and no other/],
    ['signIn', 'accessToken', /^azurePal has the sign-in entra and no other/],
  ])('a connection to Azure is refused for %s %s', (field, value, why) => {
    const parsed = v.safeParse(connectionSchema, withField(anEntraConnection(), field, value));
    expect(parsed.issues?.[0].message).toMatch(why);
  });

  test('a connection to Azure is refused with an identity provider of another kind', () => {
    const provider = { signIn: 'openIdConnect', issuer: 'https://login.microsoftonline.com/common' };
    expect(accepts(connectionSchema, { ...anEntraConnection(), ...provider })).toBe(false);
  });

  test.each([
    [{ off: ['gcp'], own: [] }],
    [{ off: [], own: [''] }],
    [{ off: [], own: ['x'.repeat(2049)] }],
    [{ off: [], own: Array.from({ length: 101 }, () => 'https://b.example/:subscriptionId') }],
    [{ off: {}, own: [] }],
  ])('portals are refused: %#', (portals) => {
    expect(accepts(portalSettingsSchema, portals)).toBe(false);
  });

  test.each([0, -1, 1.5, 10_000_001, '30', undefined, Number.NaN])('nothing is kept for %s days', (maxAgeDays) => {
    expect(accepts(retentionSchema, { maxAgeDays, maxRows: null })).toBe(false);
  });
});

test.each(['2026-02-01T10:00:00+05', '2026-02-01T10:00:00.123456789+05'])(
  'a record with a time that no browser reads, %s, is refused, since it could not be shown',
  (at) => {
    const assigned = HELD;
    expect(accepts(subscriptionRecordSchema, assigned)).toBe(true);
    expect(accepts(subscriptionRecordSchema, withField(assigned, 'partnerOfRecord.assignedAt', at))).toBe(false);
  },
);
