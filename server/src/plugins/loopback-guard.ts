import type { FastifyInstance } from 'fastify';
import { Refusal } from '../refusal';

/** Which names and pages are let in besides this machine's own. */
interface Guests {
  /** How callers reach the service from elsewhere, when a proxy on this machine hands their requests on. */
  readonly publicUrl: string | null;
  readonly allowedOrigins: readonly string[];
}

const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?$/i;
const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;
const EXTENSION_ORIGIN = /^(?:chrome|moz)-extension:\/\/[^/]+$/;
const HTTP_PORT = 80;

/**
 * Guards a service that listens on loopback against pages in this machine's browsers. A page that had its own name resolve to loopback
 * still sends that name as `Host`, and a page of another origin sends its `Origin`: both are refused.
 */
export function addLoopbackGuard(app: FastifyInstance, { publicUrl, allowedOrigins }: Guests): void {
  const publicHost = publicUrl && new URL(publicUrl).host;
  const guests = new Set([...allowedOrigins, publicUrl && new URL(publicUrl).origin]);

  app.addHook('onRequest', async (request) => {
    if (isOpenToOthers(app)) return;
    const port = listeningPort(app) ?? HTTP_PORT;
    // The header as it came: a page can send an X-Forwarded-Host of its choice.
    if (request.headers.host !== publicHost && !isLoopback(request.headers.host, port)) {
      const address = publicUrl ?? `http://localhost:${port}`;
      throw new Refusal('HostNotAllowed', `Call this service as ${address}.`, { target: 'Host' });
    }
    const { origin } = request.headers;
    if (origin !== undefined && !guests.has(origin) && !isAllowedOrigin(origin, port)) {
      throw new Refusal('OriginNotAllowed', 'Pages of other origins may not call this service.', { target: 'Origin' });
    }
  });
}

/** The port the service listens on; null while it does not. */
export function listeningPort(app: FastifyInstance): number | null {
  const address = app.server.address();
  return typeof address === 'object' ? (address?.port ?? null) : null;
}

/** Whether other machines reach the service too: they call it by names that it does not know. */
function isOpenToOthers(app: FastifyInstance): boolean {
  const address = app.server.address();
  return typeof address === 'object' && address !== null && !LOOPBACK_ADDRESS.test(address.address);
}

function isAllowedOrigin(origin: string, port: number): boolean {
  return EXTENSION_ORIGIN.test(origin) || (origin.startsWith('http://') && isLoopback(origin.slice(7), port));
}

function isLoopback(authority: string | undefined, port: number): boolean {
  const match = LOOPBACK_HOST.exec(authority ?? '');
  return match !== null && Number(match[1] ?? HTTP_PORT) === port;
}
