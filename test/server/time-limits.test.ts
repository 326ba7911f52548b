import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IdentityProvider } from '../../server/src/callers/identity-provider';
import { listeningPort } from '../../server/src/plugins/loopback-guard';
import { invalidToken } from '../../server/src/callers/sign-in';
import { arrivalOptions, TIME_LIMITS } from '../../server/src/plugins/time-limits';
import { buildService, type Service } from '../../server/src/service';
import { within } from '../within';
import { databases } from './support/databases';
import { providerStandIn } from './support/provider-stand-in';
import { ADMIN, FABRIKAM, openWorld, type World } from './support/world';

const SHORT = { ...TIME_LIMITS, arriveWithinMs: 300, takenWithinMs: 300 };
/** More than any socket takes without its reader. */
const MUCH = Buffer.alloc(32 * 1024 * 1024);
const PAGE = new Map([['much', { type: 'text/plain', content: MUCH }]]);
/** For one limit to be seen at a stop: the other is longer than anything here is waited for. */
const WITHOUT_END = { ...TIME_LIMITS, finishWithinMs: 60_000 };
const PATIENT = { ...WITHOUT_END, restArrivesWithinMs: 60_000 };
const BEGUN = `{"partnerId": "${FABRIKAM.partnerId}`;
const BODY_BYTES = 1000;
const JWT = 'e30.e30.x';
const PROVIDER = providerStandIn(() => Promise.reject(new Error('Nobody asks for it')));

describe.each(databases.filter(({ name }) => name === 'PGlite'))('a service whose callers are slow', (kind) => {
  let world: World;
  let subscriptionId: string;
  let service: Service;
  const events = new EventEmitter();
  const sockets: Socket[] = [];
  /** Warnings and errors. */
  const logged: string[] = [];

  beforeAll(async () => {
    world = await openWorld(kind);
    subscriptionId = await world.subscription();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    logged.length = 0;
    await service.app.close();
  });
  afterAll(() => world.close());

  async function serve(limits = TIME_LIMITS, identityProvider: IdentityProvider | null = null): Promise<void> {
    service = buildService(
      { database: world.database, clock: () => world.time.now, partnerPage: PAGE, identityProvider },
      { level: 'warn', stream: { write: (line) => logged.push(line) } },
      undefined,
      limits,
    );
    service.app.addHook('preParsing', async () => {
      events.emit('signedIn');
    });
    service.app.addHook('onSend', async (_request, { statusCode }) => {
      events.emit('answered', statusCode);
    });
    await service.app.listen({ host: '127.0.0.1', port: 0 });
  }

  /** Says the beginning of something and nothing more, and never hangs up by itself. */
  function begin(bytes: string): Socket {
    const socket = connect({ port: listeningPort(service.app), host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    socket.on('error', () => undefined);
    if (bytes !== '') socket.write(bytes);
    return socket;
  }

  /** All that comes until the end. Whoever still sends meets a reset behind the answer, as soon as the service has hung up. */
  const heardOn = (socket: Socket) =>
    new Promise<string>((resolve) => {
      let heard = '';
      socket.setEncoding('utf8');
      socket.on('data', (chunk) => {
        heard += chunk;
      });
      for (const end of ['end', 'close']) socket.on(end, () => resolve(heard));
    });

  const head = (start: string, ...lines: string[]) =>
    [`${start} HTTP/1.1`, `host: localhost:${listeningPort(service.app)}`, ...lines].join('\r\n');
  const signedIn = () => `authorization: ${world.authorization(ADMIN).authorization}`;
  const halfChange = (authorization: string) =>
    head(
      `PUT /v1/subscriptions/${subscriptionId}/partnerOfRecord`,
      authorization,
      'if-match: "x"',
      `idempotency-key: ${randomUUID()}`,
      'content-type: application/json',
      `content-length: ${BODY_BYTES}`,
      '',
      BEGUN,
    );

  const connections = () =>
    new Promise<number>((resolve, reject) => {
      service.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });

  it('gives a request 30 seconds to arrive, and looks twice a second', async () => {
    await serve();
    expect(TIME_LIMITS).toEqual({
      arriveWithinMs: 30_000,
      takenWithinMs: 60_000,
      commitWithinMs: 25_000,
      finishWithinMs: 10_000,
      restArrivesWithinMs: 1000,
    });
    expect(arrivalOptions(TIME_LIMITS).http.connectionsCheckingInterval).toBe(500);
    const { requestTimeout, headersTimeout } = service.app.server;
    expect([requestTimeout, headersTimeout]).toEqual([30_000, 30_000]);
  });

  it.each<[string, () => string]>([
    ['nothing at all', () => ''],
    ['half a line', () => 'GET /v1/hea'],
    ['half of its headers', () => head('GET /v1/me', signedIn())],
    ['half of its body', () => halfChange(signedIn())],
  ])('ends a connection by which %s has come, and says so', async (_what, bytes) => {
    await serve(SHORT);
    const answer = await within('the end', heardOn(begin(bytes())));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"RequestTimeout"');
    await expect.poll(connections).toBe(0);
  });

  it('takes a caller who hangs up in the body for no fault of the service or its database', async () => {
    await serve();
    const [isIn, isAnswered] = [once(events, 'signedIn'), once(events, 'answered')];
    const socket = begin(halfChange(signedIn()));
    await within('the sign-in', isIn);
    socket.destroy();
    expect(await within('the end', isAnswered)).toEqual([400]);
    expect(logged).toEqual([]);
  });

  it('ends one that goes on sending, a byte at a time', async () => {
    await serve(SHORT);
    const socket = begin(`${head('GET /v1/me')}\r\nx: `);
    const trickle = setInterval(() => socket.write('x'), 20);
    const answer = await within('the end', heardOn(socket));
    clearInterval(trickle);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await expect.poll(connections).toBe(0);
  });

  it('ends one that was refused and goes on owing its body', async () => {
    await serve(SHORT);
    const answer = await within('the end', heardOn(begin(halfChange('x: y'))));
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    await expect.poll(connections).toBe(0);
  });

  it('breaks off with who does not take its answer', async () => {
    await serve(SHORT);
    const socket = begin(`${head('GET /partner/much')}\r\n\r\n`);
    await within('the beginning of the answer', once(socket, 'readable'));
    await expect.poll(connections).toBe(0);
  });

  describe('whose caller has gone', () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    it.each([
      ['before its answer', 1],
      ['with two more requests behind the one that is answered', 3],
      ['with more of them than Node has one thing listened to by', 12],
    ])('%s waits for nothing of it any more, and stops at once', async (_when, requests) => {
      let answerWhoItIs = (): void => undefined;
      const known = new Promise<void>((resolve) => {
        answerWhoItIs = resolve;
      });
      let asked = 0;
      await serve(
        { ...TIME_LIMITS, finishWithinMs: 100_000 },
        {
          ...PROVIDER,
          verify: async () => {
            asked++;
            await known;
            throw invalidToken('The access token has expired.');
          },
        },
      );
      const warned = vi.spyOn(process, 'emitWarning');
      let answered = 0;
      events.on('answered', () => {
        answered++;
      });
      const socket = begin(`${head('GET /v1/me', `authorization: Bearer ${JWT}`)}\r\n\r\n`.repeat(requests));
      await expect.poll(() => asked).toBe(requests);
      socket.destroy();
      await expect.poll(connections).toBe(0);
      // Those of which something is told here are counted, and none of them passes.
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      answerWhoItIs();
      await expect.poll(() => answered).toBe(requests);
      await expect.poll(() => vi.getTimerCount()).toBe(0);
      vi.useRealTimers();
      await within('the stop', service.stop());
      expect(warned).not.toHaveBeenCalled();
      warned.mockRestore();
      events.removeAllListeners('answered');
    });
  });

  describe('when it is told to stop', () => {
    it('says so in /health while it goes on answering, and ends each connection with its answer', async () => {
      await serve();
      const ask = async (start: string, ...lines: string[]) =>
        within('the answer', heardOn(begin(`${head(start, ...lines)}\r\n\r\n`)));
      const kept = begin(`${head('GET /v1/health')}\r\n\r\n`);
      kept.setEncoding('utf8');
      const [before] = await within('the answer', once(kept, 'data'));
      expect(before).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nconnection: keep-alive\r\n/i);

      await service.giveNotice(0);
      const unready = /^HTTP\/1\.1 503 [\s\S]*\r\nconnection: close\r\n[\s\S]*"Stopping"/;
      expect(await ask('GET /v1/health')).toMatch(unready);
      const rest = heardOn(kept);
      kept.write(`${head('GET /v1/health')}\r\n\r\n`);
      expect(await within('the answer', rest)).toMatch(unready);
      const last = /^HTTP\/1\.1 200 [\s\S]*\r\nconnection: close\r\n/;
      expect(await ask('GET /v1/me', signedIn())).toMatch(last);
      expect(await ask(`GET /v1/subscriptions/${subscriptionId}`, signedIn())).toMatch(last);
      // Refused before it has a route, and with it the hooks.
      expect(await ask('GET /v1/%zz')).toMatch(/^HTTP\/1\.1 400 [\s\S]*\r\nconnection: close\r\n/);
      await within('the stop', service.stop());
      expect(service.app.server.listening).toBe(false);
      expect(logged).toEqual([]);
    });

    it('refuses after a second whose body has not come, and does not wait for it', async () => {
      await serve(WITHOUT_END);
      const signingIn = once(events, 'signedIn');
      const socket = begin(halfChange(signedIn()));
      await within('the sign-in', signingIn);
      const answer = heardOn(socket);
      await within('the stop', service.stop());
      expect(await within('the end', answer)).toMatch(
        /^HTTP\/1\.1 503 [\s\S]*\r\nretry-after: 5\r\nconnection: close\r\n[\s\S]*"Stopping"/,
      );
      expect(logged).toEqual([]);
    });

    it('answers whose body comes before that', async () => {
      await serve(PATIENT);
      const signingIn = once(events, 'signedIn');
      const socket = begin(halfChange(signedIn()));
      await within('the sign-in', signingIn);
      const stopped = service.stop();
      socket.write('"}'.padEnd(BODY_BYTES - BEGUN.length));
      expect(await within('the answer', heardOn(socket))).toMatch(/^HTTP\/1\.1 412 [\s\S]*\r\nconnection: close\r\n/);
      await within('the stop', stopped);
    });

    it('refuses whose body has not come while it finds out who it is, and answers the others', async () => {
      let answerWhoItIs = (): void => undefined;
      const known = new Promise<void>((resolve) => {
        answerWhoItIs = resolve;
      });
      await serve(WITHOUT_END, {
        ...PROVIDER,
        verify: async () => {
          events.emit('asked');
          await known;
          throw invalidToken('The access token has expired.');
        },
      });
      const askedFor = async (bytes: string) => {
        const asked = once(events, 'asked');
        const socket = begin(bytes);
        await within('the question', asked);
        return socket;
      };
      const half = await askedFor(halfChange(`authorization: Bearer ${JWT}`));
      const whole = await askedFor(
        `${head('GET /v1/me', `authorization: Bearer ${JWT}`, 'connection: close')}\r\n\r\n`,
      );
      const stopped = service.stop();
      expect(await within('the refusal', heardOn(half))).toMatch(/^HTTP\/1\.1 503 /);
      answerWhoItIs();
      expect(await within('the answer', heardOn(whole))).toMatch(/^HTTP\/1\.1 401 /);
      await within('the stop', stopped);
      expect(logged).toEqual([]);
    });

    it.each([
      ['nothing', ''],
      ['half a line', 'GET /v1/hea'],
    ])('does not wait for a connection by which %s has come', async (_what, bytes) => {
      await serve(WITHOUT_END);
      const end = heardOn(begin(bytes));
      await expect.poll(connections).toBe(1);
      await within('the stop', service.stop());
      await within('the end', end);
    });
  });
});
