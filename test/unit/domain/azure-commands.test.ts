import { describe, expect, it } from 'vitest';
import { isWithoutConsent, linkCommands } from '../../../src/domain/azure-commands';
import { partnerId } from '../../support/partners';

const TENANT = '0000000a-0000-4000-8000-000000000001';
const ONE = partnerId('4711001');
const OTHER = partnerId('4852013');
const at = { cloud: 'public', tenant: TENANT } as const;

describe('The commands for a tenant that does not let the extension in', () => {
  it.each([
    ['make a link where there is none', { before: null, after: ONE }, 'create --partner-id 4711001'],
    ['alter the one there is', { before: OTHER, after: ONE }, 'update --partner-id 4711001'],
    [
      'remove the one there is, by the partner that it names',
      { before: OTHER, after: null },
      'delete --partner-id 4852013',
    ],
    ['show it where nobody has said what is wanted', { before: null }, 'show'],
    ['show it where none is to be removed, for all that is known', { before: null, after: null }, 'show'],
  ])('%s', (_what, wish, command) => {
    expect(linkCommands({ ...at, ...wish })).toBe(
      `az login --tenant ${TENANT} --allow-no-subscriptions\naz managementpartner ${command}\n`,
    );
  });

  it.each([
    ['usGovernment', 'AzureUSGovernment'],
    ['china', 'AzureChinaCloud'],
  ] as const)('choose the cloud first, of %s', (cloud, name) => {
    expect(linkCommands({ ...at, cloud, before: null, after: ONE })).toMatch(`az cloud set --name ${name}\naz login`);
  });

  it.each(['contoso.com', `${TENANT}; rm -rf ~`, `$(id)`, '', `${TENANT}\naz account clear`])(
    'are none for what is no GUID: %j',
    (tenant) => {
      expect(linkCommands({ ...at, tenant, before: null, after: ONE })).toBeNull();
    },
  );
});

it.each([
  [65001, true],
  [90094, true],
  [50076, false],
])('AADSTS%i tells that consent is missing: %s', (number, isSo) => {
  expect(isWithoutConsent({ reason: 'signInNeeded', detail: { code: 'entra', number } })).toBe(isSo);
});

it('another failure, or none, does not tell that consent is missing', () => {
  expect([null, { reason: 'noAnswer' } as const].map(isWithoutConsent)).toEqual([false, false]);
});
