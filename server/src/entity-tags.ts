const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** Whether an `If-None-Match` header names the etag: weak ones count, and `*` names all. */
export function namesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === '*' || tagsIn(ifNoneMatch).some((tag) => tag.replace(/^W\//, '') === etag);
}

/** Whether an `If-Match` header holds for the etag. Weak ones never do, nor does `*`: a change says what it is based on. */
export function holdsForEtag(ifMatch: string, etag: string): boolean {
  return tagsIn(ifMatch).includes(etag);
}

function tagsIn(header: string): string[] {
  return header.match(ENTITY_TAG) ?? [];
}
