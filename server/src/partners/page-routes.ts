import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopbackHost } from '../hosts';
import type { IdentityProvider, ProviderMetadata } from '../callers/identity-provider';
import type { PartnerPage } from './page';
import { listeningPort } from '../plugins/loopback-guard';
import { BASE_PATH, PARTNER_PATH, publicAddressOf } from '../plugins/public-address';

/** The page on which a partner's own people see what customers share with them; nothing on it is of another origin. */
export function partnerPageRoutes(app: FastifyInstance, page: PartnerPage, provider: IdentityProvider | null): void {
  const clientId = provider?.configuration.clientId ?? null;

  for (const [name, { type, content }] of page) {
    const isPage = name === 'index.html';
    app.get(isPage ? PARTNER_PATH : `${PARTNER_PATH}/${name}`, async (request, reply) => {
      const mayConnectTo = isPage && provider !== null && clientId !== null ? await originsOf(provider) : [];
      guard(reply, addressesOf(request), mayConnectTo);
      // Small, and right after an update at once.
      reply.type(type).header('cache-control', 'no-cache');
      return reply.send(content);
    });
  }

  /** Whoever has only the service's address is a person with a browser; by a relative address, whatever a proxy has before it. */
  const leadTo = (address: string) => async (_request: FastifyRequest, reply: FastifyReply) =>
    reply.header('cache-control', 'no-cache').redirect(address, 302);
  app.get('/', leadTo(PARTNER_PATH.slice(1)));
  app.get(`${PARTNER_PATH}/`, leadTo(`..${PARTNER_PATH}`));

  /** How one signs in here: nothing in it is a secret. */
  app.get(`${PARTNER_PATH}/sign-in.json`, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    if (provider === null || clientId === null) return { kind: 'accessToken' };
    // A token for as long as the tab is open is all that the page needs.
    const scopes = (provider.configuration.scopes ?? []).filter((scope) => scope !== 'offline_access');
    return {
      kind: 'openIdConnect',
      clientId,
      scope: [...new Set(['openid', ...scopes])].join(' '),
      provider: await provider.metadata(),
    };
  });
}

/** Where the browser may have the page from: as callers reach the service, and by a name of this machine without the proxy. */
function addressesOf(request: FastifyRequest): string[] {
  const { host } = request.headers;
  const direct = isLoopbackHost(host, listeningPort(request.server)) ? [`http://${host}`] : [];
  return [...new Set([publicAddressOf(request), ...direct])];
}

/** A file of the page's own, or a folder by a slash at its end, as a policy names it. */
function sourceOf(address: string, path: string): string {
  const { hostname } = new URL(address);
  // A policy cannot name an address of another kind (Content Security Policy 3, 6.7.2.10).
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 && hostname !== '127.0.0.1') return "'self'";
  return address + path;
}

function guard(reply: FastifyReply, addresses: readonly string[], mayConnectTo: readonly string[]): void {
  const own = (path: string) => addresses.map((address) => sourceOf(address, path));
  const policy = [
    "default-src 'none'",
    `script-src ${own(`${PARTNER_PATH}/page.js`).join(' ')}`,
    `style-src ${own(`${PARTNER_PATH}/page.css`).join(' ')}`,
    `img-src ${own(`${PARTNER_PATH}/icon.svg`).join(' ')}`,
    `connect-src ${[...own(`${PARTNER_PATH}/sign-in.json`), ...own(`${BASE_PATH}/`), ...mayConnectTo].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ];
  reply.headers({
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  });
}

/** Where the page itself calls the provider: to change the code it came back with for a token, and to end that. */
async function originsOf(provider: IdentityProvider): Promise<string[]> {
  const endpoints = ({ token_endpoint, revocation_endpoint }: ProviderMetadata) => [
    token_endpoint,
    revocation_endpoint,
  ];
  const urls = await provider.metadata().then(endpoints, () => [provider.configuration.issuer]);
  return [...new Set(urls.flatMap((url) => (url === undefined ? [] : [new URL(url).origin])))];
}
