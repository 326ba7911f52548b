import { expect, it } from 'vitest';
import { isSameAddress, isSameScopes, OWN_SCOPES, scopesFor } from '../../../src/domain/scopes';

const SERVICE = 'https://por.example.com/v1';

it.each([
  [SERVICE, true],
  [`${SERVICE}/`, true],
  ['https://POR.example.com:443/v1', true],
  ['https://por.example.com/V1', false],
  ['https://por.example.com/v1/more', false],
  ['https://por.example.com/', false],
  ['http://por.example.com/v1', false],
  ['https://por.example.com:8443/v1', false],
  ['https://por.example.com.evil.example/v1', false],
  ['https://por.example.com@evil.example/v1', false],
  ['https://por.example.com/v1?x=1', false],
  ['https://por.example.com/v1#x', false],
  ['por.example.com/v1', false],
  ['', false],
])('%s is the service’s address: %s', (address, same) => {
  expect(isSameAddress(address, SERVICE)).toBe(same);
  expect(isSameAddress(SERVICE, address)).toBe(same);
});

it.each([
  [['a', 'b'], ['b', 'a'], true],
  [['a', 'b', 'a'], ['b', 'a'], true],
  [['a'], ['a', 'b'], false],
  [['a', 'b'], ['a', 'c'], false],
  [[], [], true],
])('%j asks for what %j does: %s', (one, other, same) => {
  expect(isSameScopes(one, other)).toBe(same);
});

it('asks for what the service names, and who the person is', () => {
  expect(scopesFor({ kind: 'named', scopes: ['api://x/access', 'openid'] })).toEqual([
    'openid',
    'profile',
    'api://x/access',
  ]);
  expect(scopesFor({ kind: 'none' })).toEqual(OWN_SCOPES);
  expect(scopesFor({ kind: 'ignored', why: 'otherResource' })).toEqual(OWN_SCOPES);
  expect(scopesFor({ kind: 'away' })).toBeNull();
});
