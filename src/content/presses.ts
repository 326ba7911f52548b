import type { OnPage } from '../ui/on-page';
import type { Host } from './host';
import type { Sampler } from './sampler';
import { judgePress, type OwnScroll, type Press } from './seeing';
import { BELIEVED_AFTER_MS, SAYS_WHAT_IT_SHOWS, type Sight } from './visibility';

const REMEMBERED_MS = 2000;
/** A key moves the focus within so much; what the panel itself does in answer takes no longer. */
const FOCUS_FOLLOWS_MS = 300;
/** From a key's first moment to the press that it makes. */
const KEY_GOES_ON_MS = 1000;
const SCROLL_KEYS = /^( |Arrow|Page|Home|End)/;

interface Presses extends OnPage {
  /** What the browser shows has become known: a press that waits for it is judged again. */
  judgeAgain(): void;
}

interface Watching {
  readonly host: Host;
  readonly sampler: Sampler;
  readonly sight: () => Sight;
  readonly onRefused: () => void;
}

/** Follows what the person does at the page and judges their presses on the panel by it, until `signal` is aborted. */
export function watchPresses({ host, sampler, sight, onRefused }: Watching, signal: AbortSignal): Presses {
  const { root } = host;
  let scrolls: readonly OwnScroll[] = [];
  let lastKeyOrPointer = Number.NEGATIVE_INFINITY;
  let lastKeyDown: KeyboardEvent | null = null;
  let focusedByPerson: EventTarget | null = null;
  let undecided: (() => void) | null = null;
  let lastShown: ((early: boolean) => void) | null = null;

  const listen = <E extends Event>(type: string, on: (event: E) => void, target: EventTarget = window) =>
    target.addEventListener(type, (event) => event.isTrusted && on(event as E), {
      capture: true,
      passive: true,
      signal,
    });

  function scrolled(by: OwnScroll['by']): void {
    const at = performance.now();
    scrolls = [...scrolls.filter((scroll) => scroll.at > at - REMEMBERED_MS), { at, by }];
  }

  // Firefox (since 88) gives pixels to whoever does not read `deltaMode`.
  listen<WheelEvent>('wheel', ({ deltaX, deltaY }) => scrolled({ x: deltaX, y: deltaY }));
  listen('touchmove', () => scrolled(null));
  listen<KeyboardEvent>('keydown', (event) => {
    if (SCROLL_KEYS.test(event.key)) scrolled(null);
    if (event.key === 'Tab') lastKeyOrPointer = performance.now();
  });
  for (const type of ['keydown', 'pointerdown', 'click']) {
    listen(
      type,
      (event) => {
        lastKeyOrPointer = performance.now();
        if (event instanceof KeyboardEvent) lastKeyDown = event;
      },
      root,
    );
  }
  listen(
    'focusin',
    ({ target }) => {
      const persons = performance.now() - lastKeyOrPointer < FOCUS_FOLLOWS_MS;
      // Put back where the page took it away, it is the person's as before.
      if (persons) focusedByPerson = target;
      else if (target !== focusedByPerson) focusedByPerson = null;
    },
    root,
  );

  // Whoever presses elsewhere has left: a page that brings the focus back does so by itself.
  listen('pointerdown', ({ target }) => {
    if (target !== host.element) focusedByPerson = null;
  });

  const focusIsPersons = () => root.activeElement !== null && root.activeElement === focusedByPerson;

  function pressOf(event: Event, weight: Press['weight']): Press {
    const pressed = event.currentTarget instanceof Element ? event.currentTarget : null;
    const part = pressed?.closest<HTMLElement>('[data-about]') ?? null;
    const byPointer = event instanceof MouseEvent && event.detail > 0;
    // Assistive technology presses without a key; it needs no focus.
    const key = lastKeyDown !== null && event.timeStamp - lastKeyDown.timeStamp < KEY_GOES_ON_MS ? lastKeyDown : null;
    return {
      at: performance.now(),
      weight,
      by: byPointer ? 'pointer' : 'key',
      about: part?.dataset['about'] ?? null,
      repeated: key?.repeat === true,
      focusIsPersons: key === null || focusIsPersons(),
    };
  }

  return {
    focusIsPersons,
    press(event, weight, act, showEarly) {
      lastShown?.(false);
      lastShown = showEarly;
      sampler.take();
      const press = pressOf(event, weight);
      const giveUp = setTimeout(() => end(false), BELIEVED_AFTER_MS);
      const decide = () => {
        const { samples } = sampler;
        const verdict = judgePress(press, { samples, scrolls, sight: SAYS_WHAT_IT_SHOWS ? sight() : null });
        if (verdict !== 'wait') end(verdict === 'counts');
      };
      const end = (counts: boolean) => {
        clearTimeout(giveUp);
        if (undecided === decide) undecided = null;
        if (signal.aborted) return;
        if (counts) return act();
        onRefused();
        showEarly(true);
      };
      undecided = decide;
      decide();
    },
    judgeAgain: () => undecided?.(),
  };
}
