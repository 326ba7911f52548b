import type { CloudService } from './cloud-service';

/** What a caller is to a subscription. */
export const CALLER_ROLES = [
  'AccountAdministrator',
  'SubscriptionAdministrator',
  'Contributor',
  'ServiceAdministrator',
  'CoAdministrator',
  'DelegatedAdministrator',
  'Reader',
] as const;
export type CallerRole = (typeof CALLER_ROLES)[number];

/** The caller's rights as the backend states them; `reason` is the backend's own sentence when it refuses. */
export interface Caller {
  readonly role: CallerRole;
  readonly canChangePartner: boolean;
  readonly reason?: string;
}

/** What a caller may do to a target; `role` and `reason` null where the backend says neither. */
export interface Rights {
  readonly mayChange: boolean;
  readonly role: CallerRole | null;
  /** The backend's own sentence when it refuses. */
  readonly reason: string | null;
}

const EVERYWHERE: readonly CallerRole[] = ['AccountAdministrator'];
const ON_AZURE: readonly CallerRole[] = ['AccountAdministrator', 'SubscriptionAdministrator', 'Contributor'];

/** The roles that may attach, change or remove a partner on that kind of subscription (the domain's rule 4). */
export function rolesThatMayChange(service: CloudService): readonly CallerRole[] {
  return service === 'azure' ? ON_AZURE : EVERYWHERE;
}

/** Whether that role may attach, change or remove the partner (rule 4). The backend decides by this; the extension only explains. */
export function mayChangePartner(role: CallerRole, service: CloudService): boolean {
  return rolesThatMayChange(service).includes(role);
}

/** Why somebody who may not change the partner may not. */
export interface NotPermitted {
  /** The caller's own role where it is the reason; null where the backend refuses a role that could, which only its own sentence explains. */
  readonly role: { readonly own: CallerRole; readonly service: CloudService } | null;
  /** What the backend says, in its own words; null when it says nothing. */
  readonly reason: string | null;
}

/** As much of a target's state as says what the caller may do; `subscription` null: its kind is not known. */
interface Permitting {
  readonly rights: Rights;
  readonly subscription: { readonly service: CloudService } | null;
}

/** Why the caller may not change the partner there; null where they may. */
export function notPermitted({ rights, subscription }: Permitting): NotPermitted | null {
  const { mayChange, role, reason } = rights;
  if (mayChange) return null;
  const service = subscription?.service ?? null;
  const isReason = role !== null && service !== null && !mayChangePartner(role, service);
  return { role: isReason ? { own: role, service } : null, reason };
}
