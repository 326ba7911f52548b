import { AZURE_KIND } from '../domain/azure-cloud';
import { visibleText } from '../domain/visible-text';
import { t } from './words';

/** What a kind of backend is called where a person chooses one; a kind without words of ours by its own name. */
export function kindText(kind: string): string {
  if (kind === 'service') return t('kinds.service');
  return kind === AZURE_KIND ? t('kinds.azurePal') : visibleText(kind);
}

/** What such a record is, in a sentence; null of a kind without words of ours. */
export function kindHint(kind: string): string | null {
  if (kind === 'service') return t('kinds.hints.service');
  return kind === AZURE_KIND ? t('kinds.hints.azurePal') : null;
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
