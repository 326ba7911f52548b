import { storageProblemIn } from '../domain/storage-problem';
import { visibleText } from '../domain/visible-text';
import { t } from './words';

/** What the extension itself failed over: its storage, or what no person can mend but may report. */
export function problemText(cause: unknown): string {
  const storage = storageProblemIn(cause);
  if (storage !== null) return t(`storage.${storage}`);
  const detail = cause instanceof Error ? cause.message : String(cause);
  return t('storage.other', { detail: visibleText(detail) });
}
