import { visibleText } from '../domain/visible-text';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Button } from '../ui/button';
import { Name } from '../ui/partner-name';
import { t } from '../words/words';
import type { SettingChange } from './settings-changes';

interface SettingsPreviewProps {
  readonly file: string;
  readonly changes: readonly SettingChange[];
  /** What the present connection was opened with is forgotten. */
  readonly signsOut: boolean;
  /** How many rows of the history would go. */
  readonly removes: number;
  readonly onDismiss: () => void;
  /** What takes the file over; not there when it changes nothing. */
  readonly children: ComponentChildren;
}

/** Says what a settings file will do before it does it. */
export function SettingsPreview({ file, changes, signsOut, removes, onDismiss, children }: SettingsPreviewProps) {
  const id = useId();
  const dismiss = <Button onPress={onDismiss}>{t('options.dismissFile')}</Button>;
  if (changes.length === 0 && removes === 0)
    return (
      <div class="stack-tight">
        <p role="status">{t('options.importChangesNothing', { file: visibleText(file) })}</p>
        <div class="row">{dismiss}</div>
      </div>
    );
  return (
    <div class="stack-tight">
      <p>{t('options.importReady', { file: visibleText(file) })}</p>
      <h3 id={id}>{t('options.importChanges')}</h3>
      <ul class="lines" aria-labelledby={id}>
        {changes.map(({ what, from, to }) => (
          <li key={what}>
            <Name text={what} />: <Name text={from} /> →{' '}
            <strong>
              <Name text={to} />
            </strong>
          </li>
        ))}
        {signsOut && <li>{t('options.importSignsOut')}</li>}
        {removes > 0 && <li class="problem">{t('options.importRemoves', { count: removes })}</li>}
      </ul>
      <div class="row">
        {children}
        {dismiss}
      </div>
    </div>
  );
}
