import type { ComponentChildren } from 'preact';
import { trusted } from './trusted';

interface ButtonProps {
  readonly onPress: () => void;
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  /** Under way: shown with a spinner, still in the tab order, not to be pressed again. */
  readonly busy?: boolean;
  readonly children: ComponentChildren;
}

/** A button that only a person can press. */
export function Button({ onPress, kind = 'plain', busy = false, children }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button button-${kind}`}
      aria-disabled={busy ? 'true' : undefined}
      onClick={trusted(() => {
        if (!busy) onPress();
      })}
    >
      {busy && <span class="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}
