const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** How proxies mark the etag of what they compressed: Apache and Caddy write `"abc-gzip"`, others with another sign before it. */
const MARK = /^[-;:+]{1,2}(?:gzip|br|zstd|deflate)"$/;

/**
 * Whether an `If-None-Match` header names the etag: weak ones count, those that a proxy marked, and `*` names all. All our etags
 * are of one length, so none is another one with a mark.
 */
export function namesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const open = etag.slice(0, -1);
  const isNamed = (tag: string) => tag === etag || (tag.startsWith(open) && MARK.test(tag.slice(open.length)));
  return tagsIn(ifNoneMatch).some((tag) => isNamed(tag.replace(/^W\//, '')));
}

/** Whether an `If-Match` header holds for the etag. Weak ones never do, nor marked ones, nor `*`: a change says what it is based on. */
export function holdsForEtag(ifMatch: string, etag: string): boolean {
  return tagsIn(ifMatch).includes(etag);
}

function tagsIn(header: string): string[] {
  return header.match(ENTITY_TAG) ?? [];
}
