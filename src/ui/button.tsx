import type { ComponentChildren } from 'preact';
import { usePress, type Weight } from './on-page';
import { PressAgain } from './press-again';
import { trusted } from './trusted';

interface ButtonProps {
  readonly onPress: () => void;
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  /** Under way: shown with a spinner, still in the tab order, not to be pressed again. */
  readonly busy?: boolean;
  /** What it needs where a page stands around it: to have been seen for a while, unless it says less. */
  readonly weight?: Weight;
  readonly children: ComponentChildren;
}

/** A button that only a person can press. */
export function Button({ onPress, kind = 'plain', busy = false, weight = 'changes', children }: ButtonProps) {
  const { press, early } = usePress(weight);
  return (
    <>
      <button
        type="button"
        class={`button button-${kind}`}
        aria-disabled={busy ? 'true' : undefined}
        onClick={trusted((event: Event) => {
          if (!busy) press(event, onPress);
        })}
      >
        {busy && <span class="spinner" aria-hidden="true" />}
        {children}
      </button>
      {early && <PressAgain />}
    </>
  );
}
