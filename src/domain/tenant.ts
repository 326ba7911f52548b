import { parseGuid } from './guid';

/** A tenant's ID in lower case; null for any other text, a domain too. */
export const parseTenantId = parseGuid;

/** Labels between dots, in any script; an IP address is none. */
const DOMAIN = /^(?:[\p{L}\p{M}\p{N}_-]+\.)+[\p{L}\p{M}\p{N}-]*\p{L}[\p{L}\p{M}\p{N}-]*$/u;

/**
 * A tenant as people and addresses name it, a domain or a GUID, in the one spelling by which tenants are compared: lower case,
 * and a domain of another script as browsers write it (`xn--…`). Null for any other text.
 */
export function parseTenant(text: string): string | null {
  const guid = parseGuid(text);
  if (guid !== null) return guid;
  const name = text.trim().toLowerCase();
  const address = `https://${name}`;
  if (!DOMAIN.test(name) || !URL.canParse(address)) return null;
  const { hostname } = new URL(address);
  // Browsers read `0x7f.0x1` as an IP address.
  return DOMAIN.test(hostname) ? hostname : null;
}
