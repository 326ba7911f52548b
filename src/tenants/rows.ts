import type { PartnerId } from '../domain/partner';
import { causeOf } from '../domain/phase';
import { targetKey } from '../domain/target';
import type { Failure } from '../domain/failure';
import type { TenantRow } from '../messaging/protocol';

export const SHOWS = ['all', 'without', 'others', 'signIn', 'failed', 'ignored'] as const;
/**
 * Which tenants are shown; of those that are ignored none, but by `ignored`. `others`: linked to a partner that is not the person's own.
 * `failed`: the newest change there has not come to its end as wished.
 */
export type Show = (typeof SHOWS)[number];

export function keyOfRow({ target }: TenantRow): string {
  return targetKey(target);
}

/** What people call a tenant. */
export function tenantName({ name, domain, target }: TenantRow): string {
  return name ?? domain ?? target.tenant;
}

/** By what people call the tenants, of one tenant by account. */
export function inOrder(rows: readonly TenantRow[]): readonly TenantRow[] {
  const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return rows.toSorted(
    (one, other) => compare(tenantName(one), tenantName(other)) || compare(one.account.name, other.account.name),
  );
}

/** Whether a row is among those shown. @param own the person's own Partner ID; null where they have not said */
export function isShown(row: TenantRow, show: Show, own: PartnerId | null): boolean {
  if (row.ignored !== (show === 'ignored')) return false;
  switch (show) {
    case 'all':
    case 'ignored':
      return true;
    case 'without':
      return row.view.state !== null && row.view.state.partnerOfRecord === null;
    case 'others':
      return isOthers(row, own);
    case 'signIn':
      return row.needsSignIn;
    case 'failed':
      return hasFailed(row);
  }
}

/** Whether a link names another partner than the person's own, for all that is known. */
export function isOthers({ view }: TenantRow, own: PartnerId | null): boolean {
  const partner = view.state?.partnerOfRecord ?? null;
  return own !== null && partner !== null && partner.partnerId !== own;
}

/** Whether the newest change has ended otherwise than was wished, and nobody has answered that. */
export function hasFailed({ view: { standing } }: TenantRow): boolean {
  switch (standing?.at.phase) {
    case 'refused':
    case 'unknown':
      return true;
    case 'conflict':
      return standing.at.answer === null;
    default:
      return false;
  }
}

/** Why nothing can be read or sent there; null where nobody knows of anything. */
export function causeIn({ view: { standing, failure } }: TenantRow): Failure | null {
  return (standing && causeOf(standing.at)) ?? failure;
}

/** What went wrong with the last read there, where that says more than that somebody has to sign in. */
export function toldFailure({ view: { failure }, needsSignIn }: TenantRow): Failure | null {
  return needsSignIn && failure?.detail === undefined ? null : failure;
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
