import type { ComponentChildren, Ref } from 'preact';
import { useId } from 'preact/hooks';

interface SelectFieldProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, words: string])[];
  readonly onChoose: (value: T) => void;
  readonly hint?: ComponentChildren;
  /** Is read out and marks the field as invalid. */
  readonly problem?: string | null;
  readonly disabled?: boolean;
  readonly selectRef?: Ref<HTMLSelectElement>;
}

/** One of a few, as the browser's own list. */
export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const { label, value, options, onChoose, hint, problem = null, disabled = false } = props;
  const id = useId();
  const described = [problem && `${id}-problem`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <select
        id={id}
        class="input"
        value={value}
        disabled={disabled}
        ref={props.selectRef ?? null}
        aria-invalid={problem === null ? undefined : 'true'}
        aria-describedby={described === '' ? undefined : described}
        onChange={(event) => {
          const chosen = options[event.currentTarget.selectedIndex];
          if (chosen) onChoose(chosen[0]);
        }}
      >
        {options.map(([option, words]) => (
          <option key={option} value={option} selected={option === value}>
            {words}
          </option>
        ))}
      </select>
      {problem !== null && (
        <p id={`${id}-problem`} class="problem small" role="alert">
          {problem}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} class="muted small">
          {hint}
        </p>
      )}
    </div>
  );
}

interface CheckFieldProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onToggle: (checked: boolean) => void;
  /** `switch` for what takes effect at once. */
  readonly kind?: 'checkbox' | 'switch';
  readonly hint?: ComponentChildren;
  readonly disabled?: boolean;
}

/** On or off. What is shown is `checked`, whatever was clicked. */
export function CheckField({ label, checked, onToggle, kind = 'checkbox', hint, disabled = false }: CheckFieldProps) {
  const id = useId();
  return (
    <div class="check">
      <input
        id={id}
        class={kind}
        type="checkbox"
        role={kind === 'switch' ? 'switch' : undefined}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onToggle(event.currentTarget.checked)}
      />
      <div>
        <label for={id}>{label}</label>
        {hint && (
          <p id={`${id}-hint`} class="muted small">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

interface RadioRowProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, words: string])[];
  readonly onChoose: (value: T) => void;
}

/** One of a few, all of which are seen. */
export function RadioRow<T extends string>({ label, value, options, onChoose }: RadioRowProps<T>) {
  const name = useId();
  return (
    <div class="shows" role="radiogroup" aria-label={label}>
      {options.map(([option, words]) => (
        <label key={option} class="show">
          <input type="radio" name={name} checked={option === value} onChange={() => onChoose(option)} />
          {words}
        </label>
      ))}
    </div>
  );
}
