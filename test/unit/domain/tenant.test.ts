import { expect, test } from 'vitest';
import { parseTenant } from '../../../src/domain/tenant';

const GUID = '6f1a9f3c-2b8d-4e57-9c40-d1e7a2b35c68';

test.each([
  ['contoso.com', 'contoso.com'],
  [' Contoso.OnMicrosoft.com ', 'contoso.onmicrosoft.com'],
  [GUID.toUpperCase(), GUID],
  ['3com.example', '3com.example'],
  ['Bücher.example', 'xn--bcher-kva.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['I.example', 'i.example'],
])('the tenant %j is %j', (text, tenant) => {
  expect(parseTenant(text)).toBe(tenant);
  expect(parseTenant(tenant)).toBe(tenant);
});

test.each([
  '',
  '@',
  'contoso',
  'signin',
  `${GUID}0`,
  'contoso.com.',
  '.contoso.com',
  'contoso..com',
  '127.0.0.1',
  '1.2',
  '0x7f.0x1',
  'contoso.com:443',
  'contoso.com/x',
  'user@contoso.com',
  'contoso com',
  'con%74oso.com',
  'contoso.com?x',
  'contoso.com#x',
  'contoso\u200b.com',
])('%j names no tenant', (text) => {
  expect(parseTenant(text)).toBeNull();
});
