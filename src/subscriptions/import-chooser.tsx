import { useRef, useState } from 'preact/hooks';
import { Button } from '../ui/button';
import { useUniqueId } from '../ui/use-unique-id';
import { t } from '../words/words';
import type { ImportSource } from '../ui/import-source';

interface ImportChooserProps {
  readonly onSource: (source: ImportSource) => void;
}

/** Where the rows come from: a file, or what is pasted or typed. */
export function ImportChooser({ onSource }: ImportChooserProps) {
  const id = useUniqueId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  return (
    <div class="stack-tight">
      <p id={`${id}-hint`} class="muted small">
        {t('imports.hint')}
      </p>
      <div class="row">
        <Button kind="primary" onPress={() => input.current?.click()}>
          {t('imports.choose')}
        </Button>
        <span class="muted small">{t('imports.drop')}</span>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.txt,.tsv,text/csv,text/plain,text/tab-separated-values"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // Else the same file could not be chosen again, once it was put right.
          currentTarget.value = '';
          if (file !== undefined) onSource({ is: 'file', file });
        }}
      />
      <div class="field">
        <label class="label" for={id}>
          {t('imports.box')}
        </label>
        <textarea
          id={id}
          class="input"
          rows={3}
          value={typed}
          autocomplete="off"
          spellcheck={false}
          aria-describedby={`${id}-hint`}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {typed.trim() !== '' && (
        <div class="row">
          <Button onPress={() => onSource({ is: 'pasted', text: typed })}>{t('imports.take')}</Button>
        </div>
      )}
    </div>
  );
}

/** What a drop or a paste carries: its first file, else its text; null where it has neither. */
export function sourceIn(carried: DataTransfer | null): ImportSource | null {
  const file = carried?.files[0];
  if (file !== undefined) return { is: 'file', file };
  const text = carried?.getData('text/plain') ?? '';
  return text === '' ? null : { is: 'pasted', text };
}
