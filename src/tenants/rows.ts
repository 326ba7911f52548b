import type { PartnerId } from '../domain/partner';
import { targetKey } from '../domain/target';
import type { TenantRow } from '../messaging/protocol';

export const SHOWS = ['all', 'without', 'others', 'signIn'] as const;
/** Which tenants are shown. `others`: those linked to a partner that is not the person's own. */
export type Show = (typeof SHOWS)[number];

export function keyOfRow({ target }: TenantRow): string {
  return targetKey(target);
}

/** What people call a tenant. */
export function tenantName({ name, domain, target }: TenantRow): string {
  return name ?? domain ?? target.tenant;
}

/** Whether a row is among those shown. @param own the person's own Partner ID; null where they have not said */
export function isShown(row: TenantRow, show: Show, own: PartnerId | null): boolean {
  const { state } = row.view;
  switch (show) {
    case 'all':
      return true;
    case 'without':
      return state !== null && state.partnerOfRecord === null;
    case 'others':
      return state?.partnerOfRecord != null && state.partnerOfRecord.partnerId !== own;
    case 'signIn':
      return row.needsSignIn;
  }
}

/** Whether a row has that text in anything that people know it by. */
export function hasText(row: TenantRow, text: string): boolean {
  const { name, domain, target, account, view } = row;
  const partner = view.state?.partnerOfRecord;
  const known = [name, domain, target.tenant, account.name, partner?.name, partner?.partnerId];
  const wanted = text.trim().toLowerCase();
  return wanted === '' || known.some((one) => one?.toLowerCase().includes(wanted) === true);
}

/** What a link to that partner, or none, would change in some rows: how many, of how many others, and how many wait for a sign-in. */
export function planOf(rows: readonly TenantRow[], partnerId: PartnerId | null) {
  const changing = rows.filter(({ view: { state }, needsSignIn }) => {
    if (state === null) return partnerId !== null && needsSignIn;
    return (state.partnerOfRecord?.partnerId ?? null) !== partnerId;
  });
  return {
    changing,
    replaced: changing.filter(({ view }) => view.state?.partnerOfRecord != null).length,
    waiting: changing.filter(({ needsSignIn }) => needsSignIn).length,
  };
}
