import { visibleText } from '../domain/visible-text';
import { listed, t } from './words';

/** What each well-known scope lets an application know or do. */
const KNOWN = {
  openid: 'scopes.openid',
  profile: 'scopes.profile',
  email: 'scopes.email',
  offline_access: 'scopes.offlineAccess',
} as const;

/** Scopes in words, where they are known; the others as they are written. */
export function scopesText(scopes: readonly string[]): string {
  return listed(
    scopes.map((scope) => (isKnown(scope) ? t(KNOWN[scope]) : t('scopes.other', { scope: visibleText(scope) }))),
  );
}

function isKnown(scope: string): scope is keyof typeof KNOWN {
  return Object.hasOwn(KNOWN, scope);
}
