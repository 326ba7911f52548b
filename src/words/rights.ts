import { type NotPermitted, rolesThatMayChange } from '../domain/rights';
import { visibleText } from '../domain/visible-text';
import { listed, t } from './words';

/** Why somebody may not change the partner: their role and who may, and what the service says beyond that. */
export function notPermittedText({ role, reason }: NotPermitted): string {
  const why = role === null ? null : whyNotPermitted(role);
  // This project's service says the same sentence: it is said once.
  const said = reason === null || reason === why ? null : t('panel.reason', { reason: visibleText(reason) });
  const ours = why ?? (said === null ? t('panel.notPermitted') : null);
  return [ours, said].filter((sentence) => sentence !== null).join(' ');
}

function whyNotPermitted({ own, service }: NonNullable<NotPermitted['role']>): string {
  const may = rolesThatMayChange(service).map((role) => t(`rights.roles.${role}`));
  return t('rights.why', { role: t(`rights.roles.${own}`), may: listed(may, 'disjunction') });
}
