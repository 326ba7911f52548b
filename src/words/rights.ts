import { type NotPermitted, rolesThatMayChange } from '../domain/rights';
import { listed, t } from './words';

/** Why somebody may not change the partner. */
export interface NotPermittedWords {
  /** Their role and who may; that they are not let where their role could. */
  readonly ours: string;
  /** What the service says beyond that; null when it says nothing more. */
  readonly said: string | null;
}

/** @param of how the role is told: `rights.whyInLine` where there is little room */
export function notPermittedWords({ role, reason }: NotPermitted, of: Why): NotPermittedWords {
  if (role === null) return { ours: t('panel.notPermitted'), said: reason };
  // This project's service says the same sentence: it is said once.
  return { ours: why(role, of), said: reason === why(role, 'rights.why') ? null : reason };
}

type Why = 'rights.why' | 'rights.whyInLine';

function why({ own, service }: NonNullable<NotPermitted['role']>, of: Why): string {
  const may = rolesThatMayChange(service).map((role) => t(`rights.roles.${role}`));
  return t(of, { role: t(`rights.roles.${own}`), may: listed(may, 'disjunction') });
}
