import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

const HALF_OF_IPV6 = 4;
/** As some proxies write it in `X-Forwarded-For`: with the port, an IPv6 address in brackets. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/;

/**
 * By what an address is counted: an IPv4 address by itself, also where it is written as an IPv6 one, and an IPv6 address by its
 * first 64 bits, within which whoever has one has all. Null for a text that is no address.
 */
export function countedAddress(text: string): string | null {
  const [, inBrackets, beforePort] = WITH_PORT.exec(text) ?? [];
  const bare = inBrackets ?? beforePort ?? text;
  if (isIP(bare) === 0) return null;
  const address = ipaddr.process(bare);
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = address.parts.slice(0, HALF_OF_IPV6).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}
