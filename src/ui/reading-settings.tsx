import { t } from '../words/words';

/**
 * Stands where a page's content comes once the settings are read. Chromium 156 answers for those that policy sets only some three
 * seconds after its start; a moment passes before it shows, so that it is not seen where they come at once.
 */
export function ReadingSettings() {
  return (
    <p class="reading row muted" role="status">
      <span class="spinner" aria-hidden="true" />
      {t('pages.readingSettings')}
    </p>
  );
}
