import { type CallerRole, rolesThatMayChange } from '../../../src/domain/rights';
import type { CloudService } from '../../../src/domain/cloud-service';

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
export function whyNotPermitted(role: CallerRole, service: CloudService): string {
  const may = new Intl.ListFormat('en', { type: 'disjunction' }).format(rolesThatMayChange(service).map(roleName));
  return `You are a ${roleName(role)} here. Only the ${may} can change the partner of record.`;
}
