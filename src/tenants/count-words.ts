import type { TenantRow } from '../messaging/protocol';
import { t } from '../words/words';

/** In how many tenants these are: what several accounts reach is one. */
export function tenantsIn(rows: readonly TenantRow[]): number {
  return new Set(rows.map(({ target }) => target.tenant)).size;
}

type Counted = 'count' | 'selected' | 'link' | 'remove' | 'linkTitle' | 'removeTitle' | 'signInTo';

/** What is said of so many tenants; where several accounts are in one of them, of so many sign-ins too. */
export function countedText(of: Counted, rows: readonly TenantRow[]): string {
  const count = tenantsIn(rows);
  return rows.length === count
    ? t(`tenants.${of}`, { count })
    : t(`tenants.both.${of}`, { count, signIns: rows.length });
}

/** How many of all are shown. */
export function shownOfText(shown: readonly TenantRow[], rows: readonly TenantRow[]): string {
  const [count, all] = [tenantsIn(shown), tenantsIn(rows)];
  return rows.length === all
    ? t('tenants.shownOf', { count, all })
    : t('tenants.shownOfBoth', { count, all, signIns: shown.length, allSignIns: rows.length });
}
