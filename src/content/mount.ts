import { createHost } from './host';
import type { Place } from './placement';
import { keepPlaced } from './placing';
import { BELIEVED_AFTER_MS, CAN_TELL, createSightWatch, wasSeen } from './visibility';

interface Mounting {
  /** Where the panel goes inline, as `anchorsFor` says. */
  readonly selectors: readonly string[];
  readonly styles: string;
  readonly onPlace: (place: Place) => void;
  readonly onReplaced: () => void;
  readonly onReopened: () => void;
}

interface Mounted {
  /** The element to render into. */
  readonly surface: HTMLElement;
  /**
   * Decides about a press on the panel: `act` when it was seen, `refuse` when something covers it or did a moment ago. Where
   * the browser can't tell, every press counts.
   */
  readonly whenSeen: (act: () => void, refuse: () => void) => void;
}

/**
 * Puts one host element with a closed shadow root on the page and keeps it there until `signal` is aborted: inline when there is
 * an anchor, docked when there is none or when something covers it there, back again when a re-render of the page has taken it
 * away.
 */
export function mountPanel(mounting: Mounting, signal: AbortSignal): Mounted {
  const { selectors, styles, onPlace, onReplaced, onReopened } = mounting;
  const host = createHost(styles);
  let place: Place | null = null;
  let undecided: (() => void) | null = null;

  const own = createSightWatch(() => {
    if (own.sight.state === 'covered') placer.look();
    undecided?.();
  }, signal);
  const placer = keepPlaced(
    {
      host,
      selectors,
      unseenFor: (now) => (own.sight.state === 'covered' ? now - own.sight.since : null),
      onMoved(next) {
        if (place !== next) onPlace(next);
        place = next;
        own.watch(host.surface);
      },
      onReplaced,
      onReopened,
    },
    signal,
  );

  function whenSeen(act: () => void, refuse: () => void): void {
    if (!CAN_TELL) {
      act();
      return;
    }
    const giveUp = setTimeout(() => end(refuse), BELIEVED_AFTER_MS);
    const decide = () => {
      const seen = wasSeen(own.sight, performance.now());
      if (seen === 'yes') end(act);
      if (seen === 'no') end(refuse);
    };
    const end = (outcome: () => void) => {
      clearTimeout(giveUp);
      if (undecided === decide) undecided = null;
      if (outcome === refuse) placer.look({ pressRefused: true });
      if (!signal.aborted) outcome();
    };
    undecided = decide;
    decide();
  }

  placer.look();
  return { surface: host.surface, whenSeen };
}
