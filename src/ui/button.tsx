import type { ComponentChildren } from 'preact';
import { usePress, type Weight } from './on-page';
import { PressAgain } from './press-again';
import { trusted } from './trusted';

interface ButtonProps {
  readonly onPress: () => void;
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  /** Under way: shown with a spinner, still in the tab order, not to be pressed again. */
  readonly busy?: boolean;
  /** Not to be pressed just now; it stays in its place and in the tab order. */
  readonly off?: boolean;
  /** Whether what it opens is open; absent where it opens nothing. */
  readonly expanded?: boolean;
  /** Its name where it shows no words. */
  readonly label?: string;
  /** What it needs where a page stands around it: to have been seen for a while, unless it says less. */
  readonly weight?: Weight;
  readonly children: ComponentChildren;
}

/** A button that only a person can press. */
export function Button(props: ButtonProps) {
  const { onPress, kind = 'plain', busy = false, off = false, expanded, label, weight = 'changes', children } = props;
  const { press, early } = usePress(weight);
  const rests = busy || off;
  return (
    <>
      <button
        type="button"
        class={`button button-${kind}`}
        aria-disabled={rests ? 'true' : undefined}
        aria-expanded={expanded}
        aria-label={label}
        onClick={trusted((event: Event) => {
          if (!rests) press(event, onPress);
        })}
      >
        {busy && <span class="spinner" aria-hidden="true" />}
        {children}
      </button>
      {early && <PressAgain />}
    </>
  );
}
