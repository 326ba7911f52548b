/**
 * A browser at an identity provider, as far as signing in goes: cookies, redirects, and the provider's two forms. It goes until
 * the provider sends it back to the redirect URI, and stops where a person would have to act and none is there.
 */
export function createVisitor(redirectUri: string) {
  const cookies = new Map<string, string>();

  async function request(url: string, form?: Record<string, string>): Promise<Response> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  return {
    /** @param person who signs in and allows what is asked; null when nobody is at the page */
    async goTo(address: string, person: string | null): Promise<string> {
      let url = address;
      for (let steps = 0; steps < 20; steps += 1) {
        const response = await request(url);
        let location = response.headers.get('location');
        if (location === null) {
          if (person === null) throw new Error('User interaction required. Try setting more.');
          const page = await response.text();
          const prompt = page.includes('name="login"') ? 'login' : 'consent';
          const form = prompt === 'login' ? { prompt, login: person, password: 'any' } : { prompt };
          location = (await request(url, form)).headers.get('location');
        }
        if (location === null) throw new Error(`The provider stays at ${url}`);
        url = new URL(location, url).href;
        if (url.startsWith(redirectUri)) return url;
      }
      throw new Error('The provider sends us round and round');
    },
    /** Whoever comes next is not known. */
    forget: () => cookies.clear(),
  };
}
