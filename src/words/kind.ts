import { visibleText } from '../domain/visible-text';
import { t } from './words';

/** What a kind of backend is called where a person chooses one; a kind without words of ours by its own name. */
export function kindText(kind: string): string {
  return kind === 'service' ? t('kinds.service') : visibleText(kind);
}

/** What the field for a backend's address is called, what stands below it, and what is said while it is empty. */
export function addressWords(kind: string): {
  readonly label: string;
  readonly hint: string;
  readonly missing: string;
} {
  return kind === 'service'
    ? { label: t('options.serviceUrl'), hint: t('options.serviceUrlHint'), missing: t('options.serviceUrlMissing') }
    : { label: t('options.address'), hint: t('options.addressHint'), missing: t('options.addressMissing') };
}
