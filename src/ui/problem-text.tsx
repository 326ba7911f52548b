import { storageProblemIn } from '../domain/storage-problem';
import { visibleText } from '../domain/visible-text';
import { t } from '../words/words';

/**
 * What the extension itself failed over: its storage, or what no person can mend but may report. Of that the browser's own words
 * stand behind “Details”, since they are in no catalogue and say nothing to most.
 */
export function ProblemText({ cause }: { readonly cause: unknown }) {
  const storage = storageProblemIn(cause);
  if (storage !== null) return <>{t(`storage.${storage}`)}</>;
  return (
    <>
      {t('storage.other')}
      <details class="disclosure small">
        <summary>{t('pages.details')}</summary>
        <code>{visibleText(cause instanceof Error ? cause.message : String(cause))}</code>
      </details>
    </>
  );
}
