import { createContext } from 'preact';
import { useContext, useState } from 'preact/hooks';

/** What a press is for: it changes something, or needs to be seen only now, or can do no harm. */
export type Weight = 'changes' | 'glance' | 'free';

/** What components need where a page's own scripts stand around them. */
export interface OnPage {
  /**
   * Decides about a press: `act` when the person saw what they pressed, now or a moment later. `showEarly` shows whether it came
   * too early, until the next press.
   */
  press(event: Event, weight: Weight, act: () => void, showEarly: (early: boolean) => void): void;
  /** Whether the person's own key or pointer brought the focus to where it is. */
  focusIsPersons(): boolean;
}

/** Null on the extension's own pages. */
export const OnPageContext = createContext<OnPage | null>(null);

/** A press that acts only when it was seen; `early`: the last one was not. */
export function usePress(weight: Weight): {
  readonly press: (event: Event, act: () => void) => void;
  readonly early: boolean;
} {
  const onPage = useContext(OnPageContext);
  const [early, setEarly] = useState(false);
  const press = (event: Event, act: () => void) => {
    if (onPage === null) act();
    else onPage.press(event, weight, act, setEarly);
  };
  return { press, early };
}
