/** What is asked of a provider where nobody names more: who the person is, their name, and to stay signed in. No API opens by it. */
export const OWN_SCOPES: readonly string[] = ['openid', 'profile', 'offline_access'];

/** What a service's own metadata (RFC 9728) say should be asked for. */
export type NamedScopes =
  | { readonly kind: 'named'; readonly scopes: readonly string[] }
  /** It has none, or names no scopes. */
  | { readonly kind: 'none' }
  /** They are another resource's, or can not be read: nothing in them is followed. */
  | { readonly kind: 'ignored'; readonly why: 'otherResource' | 'unreadable' }
  /** Nobody answered, so it is not known. */
  | { readonly kind: 'away' };

/** What would be asked for if the person agreed to what the service names, with who they are; null while that is not known. */
export function scopesFor(named: NamedScopes): readonly string[] | null {
  switch (named.kind) {
    case 'named':
      return [...new Set(['openid', 'profile', ...named.scopes])];
    case 'none':
    case 'ignored':
      return OWN_SCOPES;
    case 'away':
      return null;
  }
}

/** Whether both lists ask for the same; their order plays no part. */
export function isSameScopes(one: readonly string[], other: readonly string[]): boolean {
  const [first, second] = [new Set(one), new Set(other)];
  return first.size === second.size && [...first].every((scope) => second.has(scope));
}

/** Whether two addresses name one resource: spelling of host and port, and a slash at the end, play no part. */
export function isSameAddress(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) return false;
  const [first, second] = [new URL(one), new URL(other)];
  for (const url of [first, second]) url.pathname = url.pathname.replace(/\/+$/, '');
  return first.href === second.href;
}
