import { parseTenantId } from '../domain/tenant';
import { decodedText } from './base64url';

/** One parameter after another, so that what is quoted in the one is not taken for the next. */
const PARAMETERS = /(?<![\w.-])([\w.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/g;

/** A parameter of what `WWW-Authenticate` asks (RFC 9110, 11.6.1), without quotes and escapes; null where it has none of that name. */
function parameterOf(challenge: string | null, name: string): string | null {
  for (const [, key, quoted, bare] of (challenge ?? '').matchAll(PARAMETERS)) {
    if (key?.toLowerCase() === name) return quoted?.replace(/\\(.)/g, '$1') ?? bare ?? null;
  }
  return null;
}

/**
 * The claims that a refused token lacked: JSON, as it goes back to the provider; null where the refusal names none. Azure writes them
 * in base64 (Microsoft, “Claims challenges, claims requests, and client capabilities”).
 */
export function claimsWanted(challenge: string | null): string | null {
  const encoded = parameterOf(challenge, 'claims');
  if (encoded === null) return null;
  try {
    const json = decodedText(encoded);
    const claims: unknown = JSON.parse(json);
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? json : null;
  } catch {
    // Nobody can tell what is wanted, so it is a refusal like any other.
    return null;
  }
}

/** The tenant in whose sign-in a resource is to be asked for, by its ID; null where the refusal names none. */
export function tenantWanted(challenge: string | null): string | null {
  const address = parameterOf(challenge, 'authorization_uri') ?? parameterOf(challenge, 'authorization');
  if (address === null || !URL.canParse(address)) return null;
  return parseTenantId(new URL(address).pathname.split('/')[1] ?? '');
}
