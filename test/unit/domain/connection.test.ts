import { describe, expect, test } from 'vitest';
import {
  type Connection,
  connectionFor,
  parseAddress,
  parseIssuer,
  type ServedPage,
} from '../../../src/domain/connection';

describe('a service address', () => {
  test.each([
    ['https://por.example.com', 'https://por.example.com', 'https://por.example.com'],
    ['https://por.example.com/', 'https://por.example.com', 'https://por.example.com'],
    ['https://por.example.com/v1', 'https://por.example.com/v1', 'https://por.example.com'],
    ['https://por.example.com/v1///', 'https://por.example.com/v1', 'https://por.example.com'],
    ['  https://por.example.com/v1\n', 'https://por.example.com/v1', 'https://por.example.com'],
    ['HTTPS://POR.Example.COM/V1', 'https://por.example.com/V1', 'https://por.example.com'],
    ['https://por.example.com:443/v1', 'https://por.example.com/v1', 'https://por.example.com'],
    ['https://por.example.com:8443/v1', 'https://por.example.com:8443/v1', 'https://por.example.com:8443'],
    ['https://por.example.com/a/../b', 'https://por.example.com/b', 'https://por.example.com'],
    ['https://bücher.example', 'https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
    ['https://[2001:db8::1]:8443/v1', 'https://[2001:db8::1]:8443/v1', 'https://[2001:db8::1]:8443'],
    ['https://10.0.0.7/v1', 'https://10.0.0.7/v1', 'https://10.0.0.7'],
    ['http://localhost:8787/v1', 'http://localhost:8787/v1', 'http://localhost:8787'],
    ['http://localhost', 'http://localhost', 'http://localhost'],
    ['http://LOCALHOST:80/v1', 'http://localhost/v1', 'http://localhost'],
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['http://127.1:8787', 'http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['https://localhost:8787', 'https://localhost:8787', 'https://localhost:8787'],
    ['\u202ahttps://por.example.com/\u200bv1\u202c', 'https://por.example.com/v1', 'https://por.example.com'],
    ['“https://por.example.com/v1”', 'https://por.example.com/v1', 'https://por.example.com'],
  ])('%j is %s', (typed, address, origin) => {
    expect(parseAddress(typed)).toEqual({ ok: true, address, origin });
  });

  test.each([
    ['', 'notAnAddress'],
    ['   ', 'notAnAddress'],
    ['por.example.com', 'notAnAddress'],
    ['//por.example.com', 'notAnAddress'],
    ['https://', 'notAnAddress'],
    ['https://por.example.com:99999', 'notAnAddress'],
    ['https://exa mple.com', 'hasSpaces'],
    ['https://por.example.com/v1\nhttps://por.example.org/v1', 'hasSpaces'],
    ['https://por.example.com\t/v1', 'hasSpaces'],
    ['https://por.\u202eexample.com', 'reordered'],
    ['http://por.example.com', 'notHttps'],
    ['http://localhost.example.com', 'notHttps'],
    ['http://localhost.:8787', 'notHttps'],
    ['http://127.0.0.1.example.com', 'notHttps'],
    ['http://127.0.0.2:8787', 'notHttps'],
    ['http://10.0.0.7', 'notHttps'],
    ['http://[::1]:8787', 'loopbackInBrackets'],
    ['https://[::1]', 'loopbackInBrackets'],
    ['http://[0:0:0:0:0:0:0:1]:8787/v1', 'loopbackInBrackets'],
    ['https://[::0001]/v1', 'loopbackInBrackets'],
    ['http://[::ffff:127.0.0.1]:8787', 'loopbackInBrackets'],
    ['http://[::2]:8787', 'notHttps'],
    // The manifest's permissions and its policy do not name it.
    ['http://0.0.0.0:8787', 'notHttps'],
    ['localhost:8787', 'notHttps'],
    ['ftp://localhost', 'notHttps'],
    ['ws://localhost:8787', 'notHttps'],
    ['javascript:alert(1)', 'notHttps'],
    ['data:application/json,{}', 'notHttps'],
    ['file:///etc/passwd', 'notHttps'],
    ['chrome-extension://abc/page.html', 'notHttps'],
    ['https://ada@por.example.com', 'hasCredentials'],
    ['https://ada:secret@por.example.com', 'hasCredentials'],
    ['https://:secret@por.example.com', 'hasCredentials'],
    ['https://por.example.com@evil.example', 'hasCredentials'],
    ['https://por.example.com/v1?key=1', 'hasQueryOrHash'],
    ['https://por.example.com/v1#top', 'hasQueryOrHash'],
    ['https://por.example.com/v1?', 'hasQueryOrHash'],
    ['https://por.example.com/v1#', 'hasQueryOrHash'],
    ['https://por.example.com/v1?#', 'hasQueryOrHash'],
  ])('%j is refused: %s', (typed, problem) => {
    expect(parseAddress(typed)).toEqual({ ok: false, problem });
  });

  test('that was read is read again as itself', () => {
    for (const typed of ['https://a.example//b//', 'http://127.1/x/', 'https://a.example/%2f/']) {
      const once = parseAddress(typed);
      expect(parseAddress(once.ok ? once.address : '')).toEqual(once);
    }
  });
});

describe('an issuer', () => {
  test('stays as it was typed, but for what came along with the paste', () => {
    const issuer = 'https://login.example.com/tenant/';
    for (const typed of [issuer, ` \u200b${issuer}\u00a0`, `<https://login.example.com/\u00adtenant/>`]) {
      expect(parseIssuer(typed)).toEqual({ ok: true, issuer, origin: 'https://login.example.com' });
    }
  });

  test.each([
    ['http://[::1]:9000', 'loopbackInBrackets'],
    ['https://login.example.com/\u202etenant', 'reordered'],
    ['https://login.example.com /tenant', 'hasSpaces'],
  ])('%j is refused: %s', (typed, problem) => {
    expect(parseIssuer(typed)).toEqual({ ok: false, problem });
  });
});

const connection = (name: string, portals: Connection['portals'], tenants: Connection['tenants']): Connection => ({
  id: name,
  name,
  kind: 'service',
  address: `https://${name}.example`,
  portals,
  tenants,
  signIn: 'none',
});

describe('The connection that serves a page', () => {
  const anywhere = connection('anywhere', [], []);
  const other = connection('other', [], []);
  const azure = connection('azure', ['azure'], []);
  const own = connection('own', ['own', 'microsoft365Admin'], []);
  const contoso = connection('contoso', [], ['contoso.com', 'fabrikam.com']);
  const contosoInAzure = connection('contosoInAzure', ['azure'], ['contoso.com']);
  const fabrikamElsewhere = connection('fabrikamElsewhere', ['accountCentre'], ['fabrikam.com']);
  const all = [other, azure, own, contoso, contosoInAzure, fabrikamElsewhere, anywhere];
  const at = (portal: ServedPage['portal'], tenant: string | null = null): ServedPage => ({ portal, tenant });

  test.each<
    [
      what: string,
      page: ServedPage | null,
      connections: readonly Connection[],
      defaultId: string | null,
      is: Connection | null,
    ]
  >([
    ['none where there is none', at('azure'), [], 'anywhere', null],
    ['the only one, whatever the page', at('own', 'contoso.com'), [anywhere], 'anywhere', anywhere],
    ['the only one, though it names another portal', at('own'), [azure], 'azure', azure],
    ['the only one, though it names another tenant', at('own', 'else.com'), [contoso], 'contoso', contoso],
    ['the default without a page', null, all, 'anywhere', anywhere],
    ['the first without a page and a default', null, all, null, other],
    ['the first where the default is gone', null, all, 'gone', other],
    ['the default where none names the page', at('accountCentre'), all, 'anywhere', anywhere],
    ['the one that names the portal', at('azure'), all, 'anywhere', azure],
    ['the one that names the portal among others', at('microsoft365Admin', 'else.com'), all, 'anywhere', own],
    [
      'the one that names the tenant, before one that names the portal',
      at('own', 'contoso.com'),
      all,
      'anywhere',
      contoso,
    ],
    [
      'the one that names both, before one that names the tenant',
      at('azure', 'contoso.com'),
      all,
      'anywhere',
      contosoInAzure,
    ],
    ['none that names the tenant but another portal', at('azure', 'fabrikam.com'), all, 'anywhere', contoso],
    [
      'none that names the portal but another tenant',
      at('azure', 'else.com'),
      [anywhere, contosoInAzure],
      'anywhere',
      anywhere,
    ],
    [
      'none that names a tenant where the page names none',
      at('azure'),
      [anywhere, contosoInAzure],
      'anywhere',
      anywhere,
    ],
    [
      'the default of two that fit as well',
      at('azure'),
      [azure, connection('too', ['azure'], [])],
      'too',
      connection('too', ['azure'], []),
    ],
    [
      'the first of two that fit as well',
      at('azure'),
      [anywhere, azure, connection('too', ['azure'], [])],
      'anywhere',
      azure,
    ],
  ])('is %s', (_what, page, connections, defaultId, is) => {
    expect(connectionFor(page, connections, defaultId)).toEqual(is);
  });
});
