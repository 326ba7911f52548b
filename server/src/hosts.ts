/** Which names a `Host` may have. All are compared as the URL standard does: in any letter case, with or without the default port. */

const AUTHORITY = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d*)?$/i;
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const SCHEMES = ['http:', 'https:'];

function readAuthority(scheme: string, authority: string | undefined): URL | null {
  if (authority === undefined || !AUTHORITY.test(authority)) return null;
  const address = `${scheme}//${authority}`;
  return URL.canParse(address) ? new URL(address) : null;
}

/** Whether a text can be a `Host`: a name or an address, with a port or without. */
export function isHost(text: string): boolean {
  return readAuthority('http:', text) !== null;
}

/** Whether the host of an address, as `URL` has it, is this machine. */
export function isLoopbackName(hostname: string): boolean {
  // Of a scheme that it does not know, such as smtp, it leaves the letter case as it is.
  return LOOPBACK_NAMES.includes(hostname.toLowerCase());
}

/** Whether a `Host` names this machine itself, with the port that is listened on. */
export function isLoopbackHost(host: string | undefined, port: number): boolean {
  const url = readAuthority('http:', host);
  return url !== null && isLoopbackName(url.hostname) && Number(url.port || '80') === port;
}

/**
 * Whether a `Host` names the address that callers use. The address's port may be left out, as nginx's `$host` leaves it: a page
 * that has a name of its own resolve to here still sends that name.
 */
export function isHostOf(address: string, host: string | undefined): boolean {
  const { protocol, host: whole, hostname } = new URL(address);
  const named = readAuthority(protocol, host)?.host;
  return named === whole || named === hostname;
}

/** Whether a `Host` is the one named, whichever scheme its caller used. */
export function isSameHost(name: string, host: string | undefined): boolean {
  return SCHEMES.some((scheme) => {
    const named = readAuthority(scheme, host)?.host;
    return named !== undefined && named === readAuthority(scheme, name)?.host;
  });
}
