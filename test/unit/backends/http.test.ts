import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { BackendError } from '../../../src/backends/backend';
import { exchange, fetchBounded, firstDetail, type HttpAnswer, readBody, refusal } from '../../../src/backends/http';
import { failureSchema } from '../../../src/domain/schemas';
import { LIMIT_MS } from '../../within';
import { serveLocally } from './local-server';

const NOW = Date.UTC(2026, 0, 1);
const never = new AbortController().signal;

function get(url: string, timeoutMs = LIMIT_MS, signal: AbortSignal = never): Promise<HttpAnswer> {
  return exchange({ method: 'GET', url, headers: {} }, { fetch, now: () => NOW, timeoutMs }, signal);
}

async function failureOf(answer: Promise<unknown>): Promise<BackendError> {
  const cause = await answer.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (cause instanceof BackendError) return cause;
  throw new Error(`Not a BackendError: ${cause}`);
}

const CUT_SHORT = { reason: 'noAnswer', status: 200, detail: { code: 'cutShort' } };

describe('exchange', () => {
  it('calls a reset before the answer no answer', async () => {
    const { url } = await serveLocally((request) => request.socket.destroy());
    expect((await failureOf(get(url))).failure).toEqual({ reason: 'noAnswer' });
  });

  it('calls a port where nobody listens no answer', async () => {
    expect((await failureOf(get('http://127.0.0.1:1/'))).failure.reason).toBe('noAnswer');
  });

  it.each([
    [200, 'head'],
    [429, 'body'],
    [503, 'body'],
  ] as const)('tells whoever waits for room of an answer of %i by its %s', async (status, known) => {
    const events: string[] = [];
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(status, { 'content-length': '2' });
      response.write('{');
      // The rest comes once somebody has told of the head, where somebody is to.
      const timer = setInterval(() => {
        if (known === 'head' && events.length === 0) return;
        clearInterval(timer);
        response.end('}');
      }, 5);
    });
    const request = { method: 'PUT', url, headers: {}, onTaken: () => events.push('taken') } as const;
    await exchange(request, { fetch, now: () => NOW, timeoutMs: LIMIT_MS }, never);
    expect(events).toEqual(known === 'head' ? ['taken'] : []);
  });

  it('tells half an announced body as cut short', async () => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"half":', () => response.socket?.destroy());
    });
    expect((await failureOf(get(url))).failure).toEqual(CUT_SHORT);
  });

  it('tells half a chunked body as cut short', async () => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(200);
      response.write('{"half":', () => response.socket?.destroy());
    });
    expect((await failureOf(get(url))).failure).toEqual(CUT_SHORT);
  });

  it('notices a short body even where the browser does not', async () => {
    const lenient: typeof fetch = async () => new Response('{}', { headers: { 'content-length': '100' } });
    const answer = exchange(
      { method: 'GET', url: 'https://a.test/', headers: {} },
      { fetch: lenient, now: () => NOW, timeoutMs: LIMIT_MS },
      never,
    );
    expect((await failureOf(answer)).failure).toEqual(CUT_SHORT);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect %i', async (status) => {
    const { url, requests } = await serveLocally((_request, response) => {
      response.writeHead(status, { location: '/elsewhere', 'x-request-id': 'r1' });
      response.end();
    });
    expect((await failureOf(get(url))).failure).toEqual({ reason: 'redirected', status, requestId: 'r1' });
    expect(requests).toHaveLength(1);
  });

  it('knows the redirect that a browser hides', async () => {
    const hidden = new Response(null);
    Object.defineProperties(hidden, { type: { value: 'opaqueredirect' }, status: { value: 0 } });
    const answer = exchange(
      { method: 'GET', url: 'https://a.test/', headers: {} },
      { fetch: async () => hidden, now: () => NOW, timeoutMs: LIMIT_MS },
      never,
    );
    expect((await failureOf(answer)).failure).toEqual({ reason: 'redirected' });
  });

  it('stops at 5 MB of a body of any length', async () => {
    let sent = 0;
    const piece = Buffer.alloc(1_000_000, 'a');
    const { url } = await serveLocally((_request, response) => {
      response.on('error', () => response.destroy());
      const more = (): void => {
        while (!response.destroyed && sent < 200_000_000) {
          sent += piece.length;
          if (!response.write(piece)) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    expect((await failureOf(get(url))).failure).toEqual({ reason: 'tooLarge', status: 200 });
    expect(sent).toBeLessThan(50_000_000);
  });

  it('reads no more of a body than it said, however much goes on behind that', async () => {
    let pieces = 0;
    const body = new ReadableStream({
      pull(controller) {
        pieces += 1;
        if (pieces > 100) controller.close();
        else controller.enqueue(new TextEncoder().encode('{}'));
      },
    });
    const longer: typeof fetch = async () => new Response(body, { headers: { 'content-length': '4' } });
    await exchange(
      { method: 'GET', url: 'https://a.test/', headers: {} },
      { fetch: longer, now: () => NOW, timeoutMs: LIMIT_MS },
      never,
    );
    expect(pieces).toBeLessThan(5);
  });

  it('believes a content-length that is too large', async () => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(200, { 'content-length': '5000001' });
      response.write('{');
    });
    expect((await failureOf(get(url))).failure.reason).toBe('tooLarge');
  });

  it('reads a body of just under 5 MB', async () => {
    const { url } = await serveLocally((_request, response) => response.end(JSON.stringify('é'.repeat(2_400_000))));
    expect(readBody(await get(url), v.string())).toHaveLength(2_400_000);
  });

  it.each(['before the answer', 'in the middle of it'])('gives up on a server that stalls %s', async (when) => {
    const { url } = await serveLocally((_request, response) => {
      if (when === 'in the middle of it') response.writeHead(200).write('{');
    });
    expect((await failureOf(get(url, 100))).failure.reason).toBe('timedOut');
  });

  it.each(['before the answer', 'in the middle of it'])(
    'ends with the reason of the caller that aborts %s',
    async (when) => {
      const controller = new AbortController();
      const reason = new Error('Route changed');
      const { url } = await serveLocally((_request, response) => {
        if (when === 'in the middle of it') response.writeHead(404).write('{');
        setTimeout(() => controller.abort(reason), 20);
      });
      await expect(get(url, LIMIT_MS, controller.signal)).rejects.toBe(reason);
    },
  );

  it('does not send what was aborted before', async () => {
    const { url, requests } = await serveLocally((_request, response) => response.end('{}'));
    await expect(get(url, LIMIT_MS, AbortSignal.abort('over'))).rejects.toBe('over');
    expect(requests).toHaveLength(0);
  });

  it.each([
    ['seconds', '120', 120_000],
    ['a date', new Date(NOW + 90_000).toUTCString(), 90_000],
    ['a date gone by', new Date(NOW - 90_000).toUTCString(), 0],
    ['neither', 'soon', null],
    ['a negative number', '-5', null],
    ['nothing', undefined, null],
  ])('reads a Retry-After that is %s', async (_what, header, expected) => {
    const { url } = await serveLocally((_request, response) => {
      response.sendDate = false;
      response.writeHead(503, header === undefined ? {} : { 'retry-after': header });
      response.end();
    });
    expect((await get(url)).retryAfterMs).toBe(expected);
  });

  const HOUR = 60 * 60_000;
  const inHttp = (at: number) => new Date(at).toUTCString();
  it.each([
    ['two hours behind', -2 * HOUR],
    ['two hours ahead', 2 * HOUR],
    ['a year ahead', 365 * 24 * HOUR],
    ['right', 0],
  ])('measures a Retry-After date from the answer’s own Date, with our clock %s', async (_clock, ahead) => {
    const theirs = NOW - ahead;
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(503, { date: inHttp(theirs), 'retry-after': inHttp(theirs + 90_000) }).end();
    });
    expect((await get(url)).retryAfterMs).toBe(90_000);
  });

  it.each([
    ['a cache kept the answer for a minute', { date: inHttp(NOW - 60_000), age: '60' }, 90_000, 90_000],
    ['there is no Date', {}, 2 * HOUR, 15 * 60_000],
    ['the Date can not be read', { date: 'yesterday' }, 2 * HOUR, 15 * 60_000],
    ['the Date is another year’s', { date: inHttp(0) }, 90_000, 90_000],
    ['the Date is another year’s, and so may ours be', { date: inHttp(0) }, 2 * HOUR, 15 * 60_000],
    ['the Date is later', { date: inHttp(NOW + 3 * HOUR) }, 2 * HOUR, 0],
    ['the wait is long and the Date is there', { date: inHttp(NOW) }, 20 * HOUR, 20 * HOUR],
  ])('waits for a Retry-After date where %s', async (_what, dates, from, expected) => {
    const { url } = await serveLocally((_request, response) => {
      response.sendDate = false;
      response.writeHead(503, { ...dates, 'retry-after': inHttp(NOW + from) }).end();
    });
    expect((await get(url)).retryAfterMs).toBe(expected);
  });

  it('sends no cookie and no referrer', async () => {
    const { url, requests } = await serveLocally((_request, response) => response.end('{}'));
    await get(url);
    expect(requests[0]?.headers).not.toHaveProperty('cookie');
    expect(requests[0]?.headers).not.toHaveProperty('referer');
  });
});

describe('an answer', () => {
  it('to a PATCH is one to a body whose length was told', async () => {
    const { url, requests } = await serveLocally((_request, response) => response.end('{}'));
    const request = { method: 'PATCH', url, headers: {}, body: { partnerId: '123456' } } as const;
    expect((await exchange(request, { fetch, now: () => NOW, timeoutMs: LIMIT_MS }, never)).ok).toBe(true);
    expect(requests[0]).toMatchObject({
      method: 'PATCH',
      body: '{"partnerId":"123456"}',
      headers: { 'content-length': '22', 'content-type': 'application/json' },
    });
  });

  it.each([200, 204])('to a DELETE may be empty with %i', async (status) => {
    const { url } = await serveLocally((_request, response) => response.writeHead(status).end());
    const request = { method: 'DELETE', url, headers: {} } as const;
    const answer = await exchange(request, { fetch, now: () => NOW, timeoutMs: LIMIT_MS }, never);
    expect(answer).toMatchObject({ status, ok: true, json: undefined });
  });

  it('keeps what is asked of whoever sent the request', async () => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer error="insufficient_claims"' }).end();
    });
    expect((await get(url)).challenge).toBe('Bearer error="insufficient_claims"');
  });

  it.each([
    ['nothing', {}, null],
    ['reads', { 'x-ms-ratelimit-remaining-tenant-reads': '11999' }, 11_999],
    ['writes', { 'x-ms-ratelimit-remaining-tenant-writes': '0' }, 0],
    ['removals', { 'x-ms-ratelimit-remaining-tenant-deletes': '7' }, 7],
    ['several', { 'x-ms-ratelimit-remaining-tenant-reads': '5', 'x-ms-ratelimit-remaining-tenant-writes': '2' }, 2],
    ['no number', { 'x-ms-ratelimit-remaining-tenant-reads': 'some' }, null],
  ])('tells how many more are taken, where the backend says %s', async (_what, headers, left) => {
    const { url } = await serveLocally((_request, response) => response.writeHead(200, headers).end('{}'));
    expect((await get(url)).left).toBe(left);
  });
});

describe('readBody', () => {
  const schema = v.object({ a: v.object({ b: v.string() }), c: v.optional(v.string()) });
  async function read(body: string): Promise<v.InferOutput<typeof schema>> {
    const { url } = await serveLocally((_request, response) => {
      response.setHeader('x-request-id', 'r1');
      response.end(body);
    });
    return readBody(await get(url), schema);
  }

  it.each([
    ['', null],
    ['<xml/>', null],
    ['null', '$'],
    ['[]', 'a'],
    ['{"a":{}}', 'a.b'],
    ['{"a":{"b":5}}', 'a.b'],
    [`{"a":{"b":"x"},"c":{"d":"${'y'.repeat(10_000)}"}}`, 'c'],
    [`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'a.b'],
  ])('names the field of %.40s', async (body, field) => {
    const detail = field === null ? { code: 'notJson' } : { code: 'fieldUnreadable', field };
    const { failure } = await failureOf(read(body));
    expect(failure).toEqual({ reason: 'unreadable', status: 200, requestId: 'r1', detail });
  });

  it.each(['text/html', 'Text/HTML; charset=utf-8', 'application/xhtml+xml'])(
    'tells a web page apart, as a sign-in page is: %s',
    async (type) => {
      const { url } = await serveLocally((_request, response) => {
        response.setHeader('content-type', type);
        response.end('<!doctype html><title>Sign in</title>');
      });
      const answer = await get(url);
      expect((await failureOf((async () => readBody(answer, schema))())).failure).toEqual({
        reason: 'unreadable',
        status: 200,
        detail: { code: 'webPage' },
      });
    },
  );

  it.each([['{"a":{"b":"x"'], ['{"a":{"b":"x'], ['  [{"a":"}]"}'], ['{"a":"\\"}'], ['['.repeat(1_000_000)]])(
    'tells what ends in its middle as cut short, though its length is as announced: %.40s',
    async (body) => {
      const { failure } = await failureOf(read(body));
      expect(failure).toEqual({ ...CUT_SHORT, requestId: 'r1' });
    },
  );

  it.each(['', 'Bad gateway', '{"a":}', '[1]]', '{"a":1}{', '"text'])(
    'does not call what is no JSON at all cut short: %s',
    async (body) => {
      expect((await failureOf(read(body))).failure.detail).toEqual({ code: 'notJson' });
    },
  );

  it('knows a web page that does not say its type', async () => {
    for (const page of [
      '<!DOCTYPE html><title>Sign in</title>',
      '\n<html lang="en">',
      '<?xml version="1.0"?>\n<html>',
    ]) {
      expect((await failureOf(read(page))).failure.detail).toEqual({ code: 'webPage' });
    }
  });

  it.each<[status: number, reason: string, isTold: boolean]>([
    [401, 'signInNeeded', true],
    [403, 'refused', true],
    [502, 'serverError', false],
  ])('tells a web page with status %i as that where it may be a sign-in page', async (status, reason, isTold) => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' });
      response.end('<h1>Sign in</h1>');
    });
    expect(refusal(await get(url))).toEqual({ reason, status, ...(isTold && { detail: { code: 'webPage' } }) });
  });

  it('knows a web page that is not in UTF-8 by its type', async () => {
    const { url } = await serveLocally((_request, response) => {
      response.setHeader('content-type', 'text/html; charset=iso-8859-1');
      response.end(Buffer.from('<title>Für Gäste</title>', 'latin1'));
    });
    expect((await failureOf(get(url))).failure).toEqual({
      reason: 'unreadable',
      status: 200,
      detail: { code: 'webPage' },
    });
  });

  it('tells an answer that ends within a letter as cut short', async () => {
    const { url } = await serveLocally((_request, response) => response.end(Buffer.from('{"a":"ä').subarray(0, -1)));
    expect((await failureOf(get(url))).failure).toEqual(CUT_SHORT);
  });

  it('takes no prototype from a body', async () => {
    const body =
      '{"a":{"b":"x","__proto__":{"polluted":1}},"__proto__":{"c":"inherited"},"constructor":{"prototype":{}}}';
    const taken = await read(body);
    expect(taken.c).toBeUndefined();
    expect(Object.hasOwn(taken, '__proto__')).toBe(false);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('does not read what is not UTF-8', async () => {
    const { url } = await serveLocally((_request, response) => response.end(Buffer.from([0x22, 0xff, 0xfe, 0x22])));
    expect((await failureOf(get(url))).failure).toMatchObject({
      reason: 'unreadable',
      detail: { code: 'notUtf8' },
    });
  });
});

describe('refusal', () => {
  const said = { code: 'NotPermitted', message: 'Readers may not.', target: 'x', details: [] };
  const envelope = JSON.stringify({ error: said });

  it.each([
    [400, 'refused'],
    [401, 'signInNeeded'],
    [403, 'refused'],
    [404, 'refused'],
    [408, 'serverError'],
    [409, 'refused'],
    [412, 'refused'],
    [422, 'refused'],
    [428, 'refused'],
    [429, 'busy'],
    [500, 'serverError'],
    [503, 'serverError'],
    [599, 'serverError'],
  ])('reads %i as %s, with what the body says', async (status, reason) => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(status, { 'x-request-id': 'r7' });
      response.end(envelope);
    });
    const expected = { reason, status, code: 'NotPermitted', said: 'Readers may not.', requestId: 'r7' };
    expect(refusal(await get(url))).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['another envelope', '{"message":"no"}'],
    ['other types', '{"error":{"code":5,"message":{},"details":"x"}}'],
    ['null', 'null'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe])],
    ['6 MB', 'x'.repeat(6_000_000)],
  ])('decides by the status when the body is %s', async (_what, body) => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(403);
      response.end(body);
    });
    expect(refusal(await get(url))).toEqual({ reason: 'refused', status: 403 });
  });

  it('takes the words of a refusal that has no envelope', async () => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(409);
      response.end('{"code":"Conflict","message":"It is linked.","details":"x"}');
    });
    expect(refusal(await get(url))).toEqual({
      reason: 'refused',
      status: 409,
      code: 'Conflict',
      said: 'It is linked.',
    });
  });

  it.each([
    ['the service’s own', { 'x-request-id': 'a', 'x-ms-request-id': 'b', 'request-id': 'd' }, 'a'],
    ['Azure’s', { 'request-id': 'd', 'x-ms-correlation-request-id': 'c', 'x-ms-request-id': 'b' }, 'b'],
    ['that of all that belongs together', { 'request-id': 'd', 'x-ms-correlation-request-id': 'c' }, 'c'],
    ['the one that there is', { 'request-id': 'd' }, 'd'],
  ])('names the request by %s', async (_whose, headers, requestId) => {
    const { url } = await serveLocally((_request, response) => response.writeHead(403, headers).end());
    expect(refusal(await get(url)).requestId).toBe(requestId);
  });

  it('decides by the status when the body is cut off', async () => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(403, { 'content-length': '100' });
      response.write('{"error"', () => response.socket?.destroy());
    });
    expect(refusal(await get(url))).toEqual({ reason: 'refused', status: 403 });
  });

  it('takes what can be read of a body in part', async () => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(403);
      response.end('{"error":{"code":"NotPermitted","message":5}}');
    });
    expect(refusal(await get(url))).toEqual({ reason: 'refused', status: 403, code: 'NotPermitted' });
  });

  it('holds nothing of the access token, should the service repeat it', async () => {
    const token = 'por_0123456789abcdefghij';
    const { url } = await serveLocally((request, response) => {
      const said = String(request.headers.authorization);
      response.writeHead(401, { 'x-request-id': said, 'www-authenticate': `Bearer error_description="${said}"` });
      response.end(JSON.stringify({ error: { code: said, message: `Not valid: ${said}` } }));
    });
    const request = { method: 'GET', url, headers: { authorization: `Bearer ${token}` } } as const;
    const answer = await exchange(request, { fetch, now: () => NOW, timeoutMs: LIMIT_MS }, never);
    expect(JSON.stringify([answer, refusal(answer)])).not.toContain(token);
    expect(refusal(answer).said).toBe('Not valid: Bearer [access token]');
  });

  const TOKEN = 'por_0123/456+789-abcdef==';
  const escaped = (digits: (hex: string) => string) =>
    Array.from(TOKEN, (character) => `\\u00${digits(character.charCodeAt(0).toString(16))}`).join('');

  it.each([
    ['its last two characters escaped', TOKEN.replaceAll('=', '\\u003d')],
    ['its slash escaped', TOKEN.replaceAll('/', '\\/')],
    ['each character escaped', escaped((hex) => hex)],
    ['each character escaped in capitals', escaped((hex) => hex.toUpperCase())],
    ['as an address writes it', encodeURIComponent(TOKEN)],
  ])('finds the access token with %s, in whatever field', async (_how, written) => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(412);
      response.end(
        `{"error":{"code":"${written}","message":"Not ${written}.","details":[{"deep":["${written}"],"__proto__":{"a":"${written}"}}]}}`,
      );
    });
    const request = { method: 'GET', url, headers: { authorization: `Bearer ${TOKEN}` } } as const;
    const answer = await exchange(request, { fetch, now: () => NOW, timeoutMs: LIMIT_MS }, never);
    const { code, said } = refusal(answer);
    expect([code, said]).toEqual(['[access token]', 'Not [access token].']);
    expect(JSON.stringify([answer, firstDetail(answer), refusal(answer)])).not.toContain(TOKEN);
    expect(JSON.stringify(firstDetail(answer))).toContain('[access token]');
  });

  it('holds nothing of an escaped access token in what it says of a field that can not be read', async () => {
    const { url } = await serveLocally((_request, response) =>
      response.end(`{"a":"${TOKEN.replaceAll('=', '\\u003d')}"}`),
    );
    const request = { method: 'GET', url, headers: { authorization: `Bearer ${TOKEN}` } } as const;
    const answer = await exchange(request, { fetch, now: () => NOW, timeoutMs: LIMIT_MS }, never);
    const failed = failureOf(Promise.resolve().then(() => readBody(answer, v.object({ a: v.number() }))));
    expect(JSON.stringify((await failed).failure)).not.toContain(TOKEN);
  });

  it('keeps words of any length short enough for the history', async () => {
    const long = 'w'.repeat(100_000);
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(403, { 'x-request-id': 'i'.repeat(8000) });
      response.end(JSON.stringify({ error: { code: long, message: long } }));
    });
    expect(v.is(failureSchema, refusal(await get(url)))).toBe(true);
  });
});

describe('A library that reads answers itself', () => {
  const plain = (url: string) => fetchBounded(url, { method: 'GET', headers: {}, signal: never }, fetch);

  it('gets a whole answer with its status', async () => {
    const { url } = await serveLocally((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end('{"error":"invalid_grant"}');
    });
    const response = await plain(url);
    expect([response.status, await response.json()]).toEqual([400, { error: 'invalid_grant' }]);
  });

  it('gets none that is endless, cut off or elsewhere', async () => {
    const endless = await serveLocally((_request, response) => response.end('x'.repeat(6_000_000)));
    expect((await failureOf(plain(endless.url))).failure.reason).toBe('tooLarge');
    const moved = await serveLocally((_request, response) => response.writeHead(302, { location: '/b' }).end());
    expect((await failureOf(plain(moved.url))).failure.reason).toBe('redirected');
  });

  const SECRET = 'a-secret/of=twenty-letters';

  it.each(['code', 'code_verifier', 'refresh_token', 'token', 'claims'])(
    'gets a refusal without the %s that was sent along, however it is written there',
    async (name) => {
      const words = [SECRET, SECRET.replace('=', '\\u003d'), encodeURIComponent(SECRET)];
      for (const refused of [
        `{"error":"invalid_grant","error_description":"Not ${words.join(' ')}"}`,
        `Not ${SECRET}`,
      ]) {
        const { url } = await serveLocally((_request, response) => response.writeHead(400).end(refused));
        const body = new URLSearchParams({ client_id: 'the-application-itself', [name]: SECRET });
        const response = await fetchBounded(url, { method: 'POST', headers: {}, body, signal: never }, fetch);
        expect(response.status).toBe(400);
        expect(decodeURIComponent(await response.text())).toMatch(/^(?!.*a-secret).*Not \[access token\]/);
      }
    },
  );

  it('gets what it asked for as it came', async () => {
    const { url } = await serveLocally((_request, response) => response.end(`{"refresh_token": "${SECRET}"}`));
    const body = new URLSearchParams({ refresh_token: SECRET });
    const response = await fetchBounded(url, { method: 'POST', headers: {}, body, signal: never }, fetch);
    expect(await response.text()).toBe(`{"refresh_token": "${SECRET}"}`);
  });
});
