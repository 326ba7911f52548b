import type { EntraServer } from './entra-server';

/** The origin that an extension's requests come from. */
const EXTENSION = 'chrome-extension://helper';

/** The headers that an answer shows across origins to whoever has no permission for its host (Fetch, “CORS-safelisted response-header name”). */
const SHOWN = [
  'cache-control',
  'content-language',
  'content-length',
  'content-type',
  'expires',
  'last-modified',
  'pragma',
];

/** `fetch` of an extension in a world where Entra's host is the tests' server. Notes where everything went. */
export function createEntraFetch({ signIn, address }: Pick<EntraServer, 'signIn' | 'address'>) {
  const wentTo: string[] = [];
  const entraFetch: typeof fetch = async (input, init) => {
    const url = String(input);
    wentTo.push(url);
    const headers = new Headers(init?.headers);
    // A worker's POST names where it comes from (Chromium 156).
    if (init?.method === 'POST') headers.set('origin', EXTENSION);
    const { body, status, headers: all } = await fetch(url.replace(signIn, address), { ...init, headers });
    return new Response(body, { status, headers: [...all].filter(([name]) => SHOWN.includes(name)) });
  };
  return { fetch: entraFetch, wentTo };
}

/** A browser at Entra's pages: it keeps cookies, follows redirects, and picks an account where somebody is there to do so. */
export function createEntraVisitor({ signIn, address }: Pick<EntraServer, 'signIn' | 'address'>, redirectUri: string) {
  let cookie = '';

  async function request(url: string, form?: Record<string, string>): Promise<Response> {
    const response = await fetch(url.replace(signIn, address), {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) cookie = set.split(';')[0] ?? '';
    return response;
  }

  return {
    /** @param user whom the person picks where the page asks, by its home account ID; null when nobody is at the page */
    async goTo(url: string, user: string | null): Promise<string> {
      const first = await request(url);
      const response = first.status === 200 && user !== null ? await request(url, { user }) : first;
      const location = response.headers.get('location');
      if (location?.startsWith(redirectUri)) return location;
      throw new Error(user === null ? 'User interaction required. Try more.' : 'The user did not approve access.');
    },
    /** The browser's own session at Entra is gone. */
    forget() {
      cookie = '';
    },
  };
}
