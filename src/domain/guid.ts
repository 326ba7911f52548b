const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A GUID, as Microsoft writes the IDs of tenants, accounts and applications, in lower case; null for any other text. */
export function parseGuid(text: string): string | null {
  const guid = text.trim().toLowerCase();
  return GUID.test(guid) ? guid : null;
}
