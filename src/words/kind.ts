import { visibleText } from '../domain/visible-text';
import { t } from './words';

/** What a kind of backend is called where a person chooses one; a kind without words of ours by its own name. */
export function kindText(kind: string): string {
  return kind === 'service' ? t('kinds.service') : visibleText(kind);
}
