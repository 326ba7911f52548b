/** The UTF-8 text that is encoded, in either alphabet of base64 (RFC 4648, 4 and 5). @throws where none is */
export function decodedText(encoded: string): string {
  const bytes = Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}
