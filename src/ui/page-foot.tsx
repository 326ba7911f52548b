import { t } from '../words/words';

export interface PageFootProps {
  /** The extension's version, as its manifest has it. */
  readonly version: string;
  /** The address of the help. */
  readonly help: string;
}

/** What ends each page of the extension: its version, and the way to help. */
export function PageFoot({ version, help }: PageFootProps) {
  return (
    <p class="row small muted">
      <a href={help} target="_blank" rel="noreferrer">
        {t('help.link')}
      </a>
      <span>{t('help.version', { version })}</span>
    </p>
  );
}
