import type { ComponentChildren, Ref } from 'preact';
import { useContext, useRef, useState } from 'preact/hooks';
import { OnPageContext, usePress } from './on-page';
import { PressAgain } from './press-again';
import { t } from '../words/words';
import { trusted } from './trusted';
import { useUniqueId } from './use-unique-id';

/** Each as a type of its own: which role an input has hangs on it. */
const TYPES = {
  text: { type: 'text' },
  password: { type: 'password' },
  search: { type: 'search' },
  url: { type: 'url' },
} as const;

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onType: (text: string) => void;
  readonly onEnter?: () => void;
  /** Said beneath it; a problem is read out and marks the field as invalid. */
  readonly hint?: ComponentChildren;
  readonly problem?: string | null;
  readonly inputMode?: 'text' | 'numeric' | 'url' | 'search';
  readonly type?: keyof typeof TYPES;
  readonly readOnly?: boolean;
  readonly maxLength?: number;
  /** Not to be altered just now; it stays in its place and keeps the focus. */
  readonly off?: boolean;
  readonly placeholder?: string;
  readonly inputRef?: Ref<HTMLInputElement>;
  /** Stands beside the input, on its line. */
  readonly beside?: ComponentChildren;
}

/** One line of text with its label, a hint and what is wrong with it. */
export function TextField(props: TextFieldProps) {
  const id = useUniqueId();
  const { label, value, onType, onEnter, hint, problem = null, type = 'text', off = false, beside } = props;
  const { press, early } = usePress('glance');
  const { onBeforeInput, onInput, forged } = useOwnTyping(value, onType);
  const described = [problem && `${id}-problem`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <div class="field-line">
        <input
          id={id}
          class="input"
          {...TYPES[type]}
          value={value}
          inputMode={props.inputMode ?? 'text'}
          readOnly={off || (props.readOnly ?? false)}
          aria-disabled={off ? 'true' : undefined}
          maxLength={props.maxLength}
          placeholder={props.placeholder ?? ''}
          autocomplete="off"
          spellcheck={false}
          ref={props.inputRef ?? null}
          aria-invalid={problem === null ? undefined : 'true'}
          aria-describedby={described === '' ? undefined : described}
          onBeforeInput={onBeforeInput}
          onInput={onInput}
          onKeyDown={trusted((event: KeyboardEvent) => {
            // Enter that ends a composition chooses a character.
            if (event.key === 'Enter' && !event.isComposing && !off && onEnter !== undefined) press(event, onEnter);
          })}
        />
        {beside}
      </div>
      {early && <PressAgain />}
      {forged && (
        <p class="problem small" role="alert">
          {t('panel.typedByOthers')}
        </p>
      )}
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

/**
 * Takes what the person types. A page can type into a field of ours by `execCommand`, which fires an `input` that is trusted
 * without the `beforeinput` before it that every key, paste and composition has: that is undone.
 */
function useOwnTyping(value: string, onType: (text: string) => void) {
  const onPage = useContext(OnPageContext) !== null;
  const announced = useRef(false);
  const [forged, setForged] = useState(false);
  return {
    forged,
    onBeforeInput(event: Event): void {
      announced.current = event.isTrusted && !event.defaultPrevented;
    },
    onInput({ currentTarget }: { readonly currentTarget: HTMLInputElement }): void {
      const isForged = onPage && !announced.current;
      announced.current = false;
      setForged(isForged);
      if (isForged) currentTarget.value = value;
      else onType(currentTarget.value);
    },
  };
}
