import { t } from '../words/words';

/** Beside what was pressed too early to have been seen; everything stayed as it was. */
export function PressAgain() {
  return (
    <span class="label small" role="alert">
      {t('panel.pressAgain')}
    </span>
  );
}
