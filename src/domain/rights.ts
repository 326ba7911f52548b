import type { Service, SubscriptionRecord } from './subscription';

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

const EVERYWHERE: readonly CallerRole[] = ['AccountAdministrator'];
const ON_AZURE: readonly CallerRole[] = ['AccountAdministrator', 'SubscriptionAdministrator', 'Contributor'];

/** The roles that may attach, change or remove a partner on that kind of subscription (the domain's rule 4). */
export function rolesThatMayChange(service: Service): readonly CallerRole[] {
  return service === 'azure' ? ON_AZURE : EVERYWHERE;
}

/** Whether that role may attach, change or remove the partner (rule 4). The backend decides by this; the extension only explains. */
export function mayChangePartner(role: CallerRole, service: Service): boolean {
  return rolesThatMayChange(service).includes(role);
}

const ROLE_NAMES: Record<CallerRole, string> = {
  AccountAdministrator: 'account administrator',
  SubscriptionAdministrator: 'subscription administrator',
  Contributor: 'contributor',
  ServiceAdministrator: 'service administrator',
  CoAdministrator: 'co-administrator',
  DelegatedAdministrator: 'partner with delegated administration',
  Reader: 'reader',
};

/** The role in the words that people meet. */
export function roleName(role: CallerRole): string {
  return ROLE_NAMES[role];
}

/** One sentence naming the caller's role and who may change the partner there, for a caller who may not. */
export function whyNotPermitted(role: CallerRole, service: Service): string {
  const may = new Intl.ListFormat('en', { type: 'disjunction' }).format(rolesThatMayChange(service).map(roleName));
  return `You are a ${roleName(role)} here. Only the ${may} can change the partner of record.`;
}

/** Why somebody who may not change the partner may not. */
export interface NotPermitted {
  /** In our own words; null where the backend refuses a role that could, which only its own sentence explains. */
  readonly why: string | null;
  /** What the backend says beyond that, in its own words. */
  readonly reason: string | null;
}

/** Why the caller of a record may not change its partner, each thing said once: this project's service says the same sentence. */
export function whyRefused({ caller, service }: Pick<SubscriptionRecord, 'caller' | 'service'>): NotPermitted {
  const why = mayChangePartner(caller.role, service) ? null : whyNotPermitted(caller.role, service);
  return { why, reason: caller.reason === undefined || caller.reason === why ? null : caller.reason };
}
