import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/domain/connection';

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
    ['https://exa mple.com', 'notAnAddress'],
    ['http://por.example.com', 'notHttps'],
    ['http://localhost.example.com', 'notHttps'],
    ['http://localhost.:8787', 'notHttps'],
    ['http://127.0.0.1.example.com', 'notHttps'],
    ['http://127.0.0.2:8787', 'notHttps'],
    ['http://10.0.0.7', 'notHttps'],
    // The manifest's permissions and its policy name neither of these.
    ['http://[::1]:8787', 'notHttps'],
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
