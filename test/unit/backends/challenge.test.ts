import { describe, expect, it } from 'vitest';
import { claimsWanted, tenantWanted } from '../../../src/backends/challenge';
import { testGuid } from '../../azure/directory';

const CLAIMS = '{"access_token":{"acrs":{"essential":true,"value":"c1"},"nbf":{"value":"1763856000"}}}';
const encoded = (text: string) => Buffer.from(text).toString('base64');
const TENANT = testGuid('a', 1);

describe('The claims that a refusal asks for', () => {
  it.each([
    ['as Azure writes them', `Bearer realm="", error="insufficient_claims", claims="${encoded(CLAIMS)}"`],
    ['first of all', `Bearer claims="${encoded(CLAIMS)}", error="insufficient_claims"`],
    ['of an invalid token', `Bearer error="invalid_token",claims="${encoded(CLAIMS)}"`],
    ['with other letters and spaces', `bearer Error = "insufficient_claims" ,\tCLAIMS = "${encoded(CLAIMS)}"`],
    ['in base64 for addresses', `Bearer claims="${Buffer.from(CLAIMS).toString('base64url')}"`],
    ['behind words that speak of claims', `Bearer error_description="it says claims=", claims="${encoded(CLAIMS)}"`],
    ['without quotes', `Bearer error=insufficient_claims, claims=${encoded(CLAIMS)}, realm=x`],
    ['without quotes and padding', `Bearer claims=${encoded(CLAIMS).replaceAll('=', '')}`],
    [
      'behind a challenge of another kind',
      `Negotiate YII=, Bearer error="insufficient_claims", claims="${encoded(CLAIMS)}"`,
    ],
    ['behind words with commas', `Bearer error_description="MFA, or more, claims", claims="${encoded(CLAIMS)}"`],
    ['behind words in quotes', `Bearer error_description="say \\"claims\\"", claims="${encoded(CLAIMS)}"`],
  ])('are read %s', (_how, challenge) => {
    expect(claimsWanted(challenge)).toBe(CLAIMS);
  });

  it.each([
    ['no challenge', null],
    ['none', 'Bearer error="invalid_token"'],
    ['none, in words that speak of them', `Bearer error_description="claims=\\"${encoded(CLAIMS)}\\""`],
    ['none that ends', `Bearer claims="${encoded(CLAIMS)}`],
    ['none, in words behind another', `Bearer error="x claims=${encoded(CLAIMS)}"`],
    ['no base64', 'Bearer claims="{}"'],
    ['no JSON', `Bearer claims="${encoded('claims')}"`],
    ['a list', `Bearer claims="${encoded('[]')}"`],
    ['null', `Bearer claims="${encoded('null')}"`],
    ['bytes that are no text', `Bearer claims="${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64')}"`],
  ])('are not there: %s', (_what, challenge) => {
    expect(claimsWanted(challenge)).toBeNull();
  });

  it('are looked for in a header of any length without delay', () => {
    const before = process.cpuUsage();
    expect(claimsWanted(`Bearer ${'a'.repeat(200_000)} ${'b="'.repeat(20_000)}`)).toBeNull();
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });
});

describe('The tenant that a refusal names', () => {
  it.each([
    [
      'as Azure Resource Manager does',
      `Bearer authorization_uri="https://login.windows.net/${TENANT}", error="invalid_token"`,
    ],
    [
      'with a path behind it',
      `Bearer authorization_uri="https://login.microsoftonline.com/${TENANT}/oauth2/authorize"`,
    ],
    ['in capitals', `Bearer authorization_uri="https://login.windows.net/${TENANT.toUpperCase()}"`],
    ['without quotes', `Bearer authorization_uri=https://login.windows.net/${TENANT}, error=invalid_token`],
    [
      'by the other name',
      `Bearer authorization="https://login.windows.net/${TENANT}", resource="https://vault.azure.net"`,
    ],
  ])('is read %s', (_how, challenge) => {
    expect(tenantWanted(challenge)).toBe(TENANT);
  });

  it.each([
    ['no challenge', null],
    ['none', 'Bearer error="invalid_token"'],
    ['that of everybody', 'Bearer authorization_uri="https://login.windows.net/common"'],
    ['a domain', 'Bearer authorization_uri="https://login.windows.net/contoso.com"'],
    ['no address', `Bearer authorization_uri="${TENANT}"`],
  ])('is not there: %s', (_what, challenge) => {
    expect(tenantWanted(challenge)).toBeNull();
  });
});
