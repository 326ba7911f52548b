import type { FastifyInstance, FastifyReply } from 'fastify';
import type { IdentityProvider, ProviderMetadata } from '../identity-provider';
import type { PartnerPage } from '../partner-page';

/** Where the page is, below the service's address. */
export const PARTNER_PAGE_PATH = '/partner';

/** The page on which a partner's own people see what customers share with them; nothing on it is of another origin. */
export function partnerPageRoutes(app: FastifyInstance, page: PartnerPage, provider: IdentityProvider | null): void {
  const clientId = provider?.configuration.clientId ?? null;

  for (const [name, { type, content }] of page) {
    const isPage = name === 'index.html';
    app.get(isPage ? PARTNER_PAGE_PATH : `${PARTNER_PAGE_PATH}/${name}`, async (_request, reply) => {
      const mayConnectTo = isPage && provider !== null && clientId !== null ? await originsOf(provider) : [];
      guard(reply, mayConnectTo);
      // Small, and right after an update at once.
      reply.type(type).header('cache-control', 'no-cache');
      return reply.send(content);
    });
  }

  /** Whoever has only the service's address is a person with a browser; by a relative address, whatever a proxy has before it. */
  app.get('/', async (_request, reply) =>
    reply.header('cache-control', 'no-cache').redirect(PARTNER_PAGE_PATH.slice(1), 302),
  );

  /** How one signs in here: nothing in it is a secret. */
  app.get(`${PARTNER_PAGE_PATH}/sign-in.json`, async (_request, reply) => {
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

function guard(reply: FastifyReply, mayConnectTo: readonly string[]): void {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${["'self'", ...mayConnectTo].join(' ')}`,
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
