import { createHash, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { type LemonLdap, PERSON, REDIRECT } from '../counterparts/lemonldap';
import { within } from '../../test/within';

const tokensSchema = v.object({ access_token: v.string(), id_token: v.string() });
/** What a client is given when somebody has signed in. */
export type Tokens = v.InferOutput<typeof tokensSchema>;

/** Signs the demonstration's person in as a browser does, on the portal's own form: authorization code with PKCE. */
export async function signIn({ issuer }: LemonLdap, clientId: string): Promise<Tokens> {
  const cookies = new Map<string, string>();
  const verifier = randomBytes(32).toString('base64url');
  const request = new URL('oauth2/authorize', issuer);
  request.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    scope: 'openid profile offline_access',
    state: randomBytes(8).toString('hex'),
    nonce: randomBytes(8).toString('hex'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();

  const form = await (await browse(request)).text();
  const fields = new URLSearchParams([...hiddenFields(form), ['user', PERSON.login], ['password', PERSON.login]]);
  const answer = await browse(request, { method: 'POST', body: fields });
  const location = answer.headers.get('location');
  const code = location?.startsWith(REDIRECT) ? new URL(location).searchParams.get('code') : null;
  if (code === null) throw new Error(`The portal answers ${answer.status} and leads to ${location}, without a code.`);

  // From a page of another origin, as the partner's page asks: without cookies, with which the portal refuses.
  const tokens = await within(
    "the portal's tokens",
    fetch(new URL('oauth2/token', issuer), {
      method: 'POST',
      headers: { origin: new URL(REDIRECT).origin },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT,
        client_id: clientId,
        code_verifier: verifier,
      }),
    }),
  );
  if (tokens.headers.get('access-control-allow-origin') !== '*') {
    throw new Error('The token endpoint does not let pages of other origins in, and so not the partner page.');
  }
  const text = await tokens.text();
  if (tokens.status !== 200) throw new Error(`The token endpoint answers ${tokens.status} ${text}`);
  return v.parse(tokensSchema, JSON.parse(text));

  async function browse(url: URL, init: RequestInit = {}): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', cookie, ...init.headers };
    const response = await within(
      `${url.pathname} of the portal`,
      fetch(url, { redirect: 'manual', ...init, headers }),
    );
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    return response;
  }
}

/** What the portal's form carries besides what a person types. */
function hiddenFields(page: string): [name: string, value: string][] {
  return [...page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].flatMap(([input]) => {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    return name === undefined ? [] : [[name, /value="([^"]*)"/.exec(input)?.[1] ?? '']];
  });
}
