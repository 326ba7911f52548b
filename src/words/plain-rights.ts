import type { NotPermitted } from '../domain/rights';
import { visibleText } from '../domain/visible-text';
import { notPermittedWords } from './rights';
import { t } from './words';

/** Why somebody may not change the partner, as one text; the service's own sentence alone where it is all that explains it. */
export function notPermittedText(notPermitted: NotPermitted): string {
  const { ours, said } = notPermittedWords(notPermitted, 'rights.why');
  if (said === null) return ours;
  const quoted = t('panel.reason', { reason: visibleText(said) });
  return notPermitted.role === null ? quoted : `${ours} ${quoted}`;
}
