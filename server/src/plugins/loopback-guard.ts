import type { FastifyInstance } from 'fastify';
import { isHostOf, isLoopbackHost, isSameHost } from '../hosts';
import { Refusal } from '../refusal';
import { REFUSALS } from '../refusals';

/** Which names and pages are let in besides this machine's own. */
interface Guests {
  /** How callers reach the service from elsewhere, when a proxy on this machine hands their requests on. */
  readonly publicUrl: string | null;
  /** What else such a proxy may send as `Host`. */
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;
const EXTENSION_ORIGIN = /^(?:chrome|moz)-extension:\/\/[^/]+$/;
/** What a `Host` without a port means. */
const HTTP_PORT = 80;

/**
 * Guards a service that listens on loopback against pages in this machine's browsers. A page that had its own name resolve to loopback
 * still sends that name as `Host`, and a page of another origin sends its `Origin`: both are refused.
 */
export function addLoopbackGuard(app: FastifyInstance, { publicUrl, allowedHosts, allowedOrigins }: Guests): void {
  const guests = new Set([...allowedOrigins, publicUrl && new URL(publicUrl).origin]);

  const isGuest = (host: string | undefined) =>
    (publicUrl !== null && isHostOf(publicUrl, host)) || allowedHosts.some((name) => isSameHost(name, host));

  app.addHook('onRequest', async (request) => {
    const port = listeningPort(app);
    // The header as it came: a page can send an X-Forwarded-Host of its choice.
    const { host } = request.headers;
    // RFC 9112, 3.2: whoever listens. Only HTTP/1.0 knows none.
    if (host === undefined && request.raw.httpVersion === '1.1') {
      const sentence = REFUSALS.InvalidRequest.because.noHost(publicUrl, port);
      throw new Refusal('InvalidRequest', { sentence, target: 'Host' });
    }
    if (isOpenToOthers(app)) return;
    if (!isLoopbackHost(host, port) && !isGuest(host)) {
      const sentence = REFUSALS.HostNotAllowed.because.host(host, publicUrl, port);
      throw new Refusal('HostNotAllowed', { sentence, target: 'Host' });
    }
    const { origin } = request.headers;
    if (origin !== undefined && !guests.has(origin) && !isAllowedOrigin(origin, port)) {
      throw new Refusal('OriginNotAllowed', { target: 'Origin' });
    }
  });
}

/** The port the service listens on; while it does not, and is asked in this process, HTTP's own. */
export function listeningPort(app: FastifyInstance): number {
  const address = app.server.address();
  return typeof address === 'object' ? (address?.port ?? HTTP_PORT) : HTTP_PORT;
}

/** Whether other machines reach the service too: they call it by names that it does not know. */
function isOpenToOthers(app: FastifyInstance): boolean {
  const address = app.server.address();
  return typeof address === 'object' && address !== null && !LOOPBACK_ADDRESS.test(address.address);
}

function isAllowedOrigin(origin: string, port: number): boolean {
  return EXTENSION_ORIGIN.test(origin) || (origin.startsWith('http://') && isLoopbackHost(origin.slice(7), port));
}
