import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { freePort } from '../../../scripts/counterparts/free-port';
import { within } from '../../within';
import { listen } from './listen';

/** One request as the proxy saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query, below the service's base path. */
  readonly path: string;
  readonly idempotencyKey: string | null;
  readonly ifMatch: string | null;
  /** The access token that it carried; hidden from what prints the request. */
  token(): string | null;
  /** What the service answered; null while it has not, and when it was never asked. */
  serviceStatus: number | null;
  /** When it was handed on to the service, in milliseconds since the epoch; null while it was not. */
  forwardedAt: number | null;
  /** When nothing was left to do about it: it was answered, or its connection destroyed. */
  endedAt: number | null;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Nothing is answered before it resolves. */
  readonly released?: Promise<void>;
}

/**
 * What to do with a request in place of handing it on and its answer back.
 *
 * - `answer`: this answer, and the service never hears of it (a refusal, garbage, a redirect, a `Retry-After`)
 * - `resetBefore`: the connection is destroyed before the service hears of it
 * - `resetAfter`: the service acts, then the connection is destroyed without an answer
 * - `halfBody`: the service acts, then its headers and half of its body arrive, and the connection is destroyed
 * - `edit`: the service acts, its JSON answer is replaced by what `change` makes of it
 * - `holdBefore`, `holdAfter`: nothing goes on before (after) the service has acted until `released` resolves
 */
export type Fault =
  | ({ readonly kind: 'answer' } & Answer)
  | { readonly kind: 'resetBefore' }
  | { readonly kind: 'resetAfter' }
  | { readonly kind: 'halfBody' }
  | { readonly kind: 'edit'; readonly change: (body: unknown) => unknown }
  | { readonly kind: 'holdBefore' | 'holdAfter'; readonly released: Promise<void> };

/** How long a planned fault may wait for the request that it is for: above what an alarm takes to start a dead worker. */
const MET_LIMIT_MS = 90_000;

type Matcher = (request: SeenRequest) => boolean;

interface PlannedFault {
  readonly matches: Matcher;
  readonly fault: Fault;
  timesLeft: number;
  readonly met: (request: SeenRequest) => void;
}

export interface Hold {
  /** Resolves when a request is being held. */
  readonly arrived: Promise<SeenRequest>;
  /** Lets it, and all that came since, go on. */
  release(): void;
}

export interface FaultProxy {
  /** The Service URL to configure: the service's own base path on the proxy's port. */
  readonly url: string;
  /** Every request so far, in order. */
  readonly requests: readonly SeenRequest[];
  /** The requests so far that would change something. */
  writes(): SeenRequest[];
  /** Whether something is left to do about a request of the change that has this key. */
  isUnderWay(idempotencyKey: string): boolean;
  /**
   * Plans a fault for the next `times` matching requests; resolves when the first one meets it, and rejects when none has come
   * within 90 s. Earlier plans go first.
   */
  plan(matches: Matcher, fault: Fault, times?: number): Promise<SeenRequest>;
  /** Holds matching requests before or after the service has acted on them. */
  hold(when: 'before' | 'after', matches: Matcher): Hold;
  /** Draws a fault, or none, for every request that meets no planned one. */
  draw(fault: (request: SeenRequest) => Fault | undefined): void;
  /** Cuts every connection, and each new one as it comes, as a wire pulled out does, until the function answered mends it. */
  unplug(): () => void;
  /** Closes the port, so that every connection is refused, until the function answered opens it again. */
  leave(): Promise<() => Promise<void>>;
  /** Forgets all faults, planned and drawn, and all requests seen. */
  reset(): void;
  close(): Promise<void>;
}

export const isWrite: Matcher = ({ method }) => method === 'PUT' || method === 'DELETE';
export const isRead: Matcher = ({ method, path }) => method === 'GET' && path.startsWith('/subscriptions');
export const always: Matcher = () => true;

/**
 * Starts a proxy on loopback in front of the service, which counts and records every request and causes the faults planned.
 * @param serviceUrl the service's base address, such as `http://localhost:8787/v1`
 */
export async function startFaultProxy(serviceUrl: string): Promise<FaultProxy> {
  const target = new URL(serviceUrl);
  const requests: SeenRequest[] = [];
  let plans: PlannedFault[] = [];
  let drawn: (request: SeenRequest) => Fault | undefined = () => undefined;

  const server = createServer((incoming, outgoing) => {
    // The browser may leave at any moment; what became of the service's part stands in `requests`.
    outgoing.on('error', () => outgoing.destroy());
    handle(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const seen: SeenRequest = {
      method: incoming.method ?? '',
      path: (incoming.url ?? '').slice(target.pathname.length),
      idempotencyKey: headerOf(incoming, 'idempotency-key'),
      ifMatch: headerOf(incoming, 'if-match'),
      token: () => headerOf(incoming, 'authorization')?.replace(/^Bearer /, '') ?? null,
      serviceStatus: null,
      forwardedAt: null,
      endedAt: null,
    };
    requests.push(seen);
    try {
      await answer(incoming, outgoing, seen);
    } finally {
      seen.endedAt = Date.now();
    }
  }

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse, seen: SeenRequest): Promise<void> {
    const body = await bodyOf(incoming);
    const fault = faultFor(seen);

    if (fault?.kind === 'answer') {
      await fault.released;
      outgoing.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body ?? '');
      return;
    }
    if (fault?.kind === 'resetBefore') {
      incoming.socket.destroy();
      return;
    }
    if (fault?.kind === 'holdBefore') await fault.released;
    seen.forwardedAt = Date.now();
    const answer = await forward(incoming, body);
    seen.serviceStatus = answer.status;
    if (fault?.kind === 'holdAfter') await fault.released;
    if (fault?.kind === 'resetAfter') {
      incoming.socket.destroy();
      return;
    }
    if (fault?.kind === 'halfBody') {
      outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
      outgoing.write(answer.body.subarray(0, answer.body.length / 2), () => incoming.socket.destroy());
      return;
    }
    const sent = fault?.kind === 'edit' ? edited(answer.body, fault.change) : answer.body;
    outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': sent.length }).end(sent);
  }

  function faultFor(seen: SeenRequest): Fault | undefined {
    const planned = plans.find(({ matches, timesLeft }) => timesLeft > 0 && matches(seen));
    if (planned === undefined) return drawn(seen);
    planned.timesLeft -= 1;
    planned.met(seen);
    return planned.fault;
  }

  function forward(incoming: IncomingMessage, body: Buffer) {
    const answered = new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
      (resolve, reject) => {
        const request = httpRequest(
          {
            host: target.hostname,
            port: target.port,
            method: incoming.method,
            path: incoming.url,
            headers: { ...incoming.headers, host: target.host },
          },
          (response) => {
            bodyOf(response).then((raw) => {
              // The service names itself in `nextLink`; from the browser's side it is the proxy.
              const text = raw.toString('utf8').replaceAll(target.origin, new URL(proxy.url).origin);
              const { 'transfer-encoding': _, connection: __, ...headers } = response.headers;
              resolve({ status: response.statusCode ?? 0, headers, body: Buffer.from(text) });
            }, reject);
          },
        );
        request.once('error', reject);
        request.end(body);
      },
    );
    return within(`the service to answer ${incoming.method} ${incoming.url}`, answered);
  }

  let unplugged = false;
  server.on('connection', (socket) => {
    if (unplugged) socket.destroy();
  });
  // It comes back to it after it has left: no port that the system gives to somebody else meanwhile.
  let { port, close } = await listen(server, await freePort());
  const plan = (matches: Matcher, fault: Fault, times = 1): Promise<SeenRequest> => {
    const coming = new Promise<SeenRequest>((met) => plans.push({ matches, fault, timesLeft: times, met }));
    const met = within(`a request that meets the fault “${fault.kind}”`, coming, MET_LIMIT_MS);
    // Who plans a fault without waiting for it has not failed when no request meets it.
    met.catch(() => undefined);
    return met;
  };

  const proxy: FaultProxy = {
    url: `http://localhost:${port}${target.pathname}`,
    requests,
    writes: () => requests.filter(isWrite),
    isUnderWay: (key) => requests.some(({ idempotencyKey, endedAt }) => idempotencyKey === key && endedAt === null),
    plan,
    hold(when, matches) {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const kind = when === 'before' ? 'holdBefore' : 'holdAfter';
      return { arrived: plan(matches, { kind, released }, Infinity), release: () => release() };
    },
    draw(fault) {
      drawn = fault;
    },
    unplug() {
      unplugged = true;
      server.closeAllConnections();
      return () => {
        unplugged = false;
      };
    },
    async leave() {
      await close();
      return async () => {
        ({ port, close } = await listen(server, port));
      };
    },
    reset() {
      plans = [];
      drawn = () => undefined;
      requests.length = 0;
    },
    close: () => close(),
  };
  return proxy;
}

function headerOf(incoming: IncomingMessage, name: string): string | null {
  const value = incoming.headers[name];
  return typeof value === 'string' ? value : null;
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function edited(body: Buffer, change: (body: unknown) => unknown): Buffer {
  return Buffer.from(JSON.stringify(change(JSON.parse(body.toString('utf8')))));
}
