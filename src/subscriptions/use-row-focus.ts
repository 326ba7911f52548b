import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Where in the table the keyboard is. */
interface Focus {
  /** The line's key. */
  readonly key: string;
  /** Where the line stood. */
  readonly index: number;
  /** The `data-control` of what has the focus; empty where it has none. */
  readonly control: string;
}

interface RowFocusParts {
  readonly body: RefObject<HTMLElement | null>;
  readonly count: number;
  readonly keyOf: (index: number) => string;
  /** How many lines the window shows. */
  readonly page: () => number;
}

/** A busy machine draws late. */
const FOLLOW_MS = 2_000;
/** Whoever moves the window by these wants it there. */
const MOVES_WINDOW = ['wheel', 'touchstart', 'pointerdown'] as const;

/** Keeps the keyboard in a table whose lines are drawn only while they are in sight. */
export interface RowFocus {
  /** The lines that are to be drawn for it, wherever the window is: that of the focus, and those that Tab leads to. */
  readonly held: readonly number[];
  readonly onFocusIn: (event: FocusEvent) => void;
  readonly onFocusOut: (event: FocusEvent) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * The line that has the focus stays drawn. Arrow keys, Page Up, Page Down, Home and End lead to the same control of another line. When
 * the line is gone, the focus goes to the one in its place.
 */
export function useRowFocus({ body, count, keyOf, page }: RowFocusParts): RowFocus {
  const [focus, setFocus] = useState<Focus | null>(null);
  /** What is to have the focus once it is drawn. */
  const wanted = useRef<Focus | null>(null);
  /** Until when the line that a key led to is kept in sight: lines turn out to be of another height once they are drawn. */
  const followUntil = useRef(0);
  /** What has it, or had it when its line went. */
  const element = useRef<HTMLElement | null>(null);
  const index = focus === null ? null : placeOf(focus);

  function placeOf({ key, index: before }: Focus): number {
    if (before < count && keyOf(before) === key) return before;
    for (let at = 0; at < count; at++) if (keyOf(at) === key) return at;
    return Math.min(before, count - 1);
  }

  useEffect(() => {
    const ended = new AbortController();
    const leave = () => {
      followUntil.current = 0;
    };
    for (const type of MOVES_WINDOW) addEventListener(type, leave, { passive: true, signal: ended.signal });
    return () => ended.abort();
  }, []);

  useLayoutEffect(() => {
    const root = body.current;
    if (root === null) return;
    const target = wanted.current;
    if (target !== null) {
      wanted.current = null;
      followUntil.current = performance.now() + FOLLOW_MS;
      focusOn(root, target.index, target.control, true);
      return;
    }
    if (performance.now() < followUntil.current) element.current?.scrollIntoView({ block: 'nearest' });
    if (focus === null || index === null || element.current === null || element.current.isConnected) return;
    // It fell to the page with its line; nobody took it elsewhere.
    if (document.activeElement === document.body) focusOn(root, index, focus.control, false);
  });

  return {
    held: index === null ? [] : [index - 1, index, index + 1],

    onFocusIn({ target }) {
      const found = focusIn(target);
      if (found === null || !(target instanceof HTMLElement)) return;
      element.current = target;
      setFocus({ ...found, key: keyOf(found.index) });
    },

    onFocusOut({ relatedTarget }) {
      if (relatedTarget instanceof Node) {
        if (!body.current?.contains(relatedTarget)) setFocus(null);
        return;
      }
      // It goes nowhere when its line goes, when another window comes to the front, or by a press beside everything.
      queueMicrotask(() => {
        const before = element.current;
        if (before?.isConnected && document.activeElement !== before) setFocus(null);
      });
    },

    onKeyDown(event) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const from = focusIn(event.target);
      if (from === null) return;
      const to = lineAfter(event.key, from.index, count, Math.max(1, page() - 1));
      if (to === null) return;
      event.preventDefault();
      const next = { key: keyOf(to), index: to, control: from.control };
      wanted.current = next;
      setFocus(next);
    },
  };
}

/** Where a key leads from a line; null where it leads nowhere. */
function lineAfter(key: string, from: number, count: number, page: number): number | null {
  switch (key) {
    case 'ArrowUp':
      return Math.max(0, from - 1);
    case 'ArrowDown':
      return Math.min(count - 1, from + 1);
    case 'PageUp':
      return Math.max(0, from - page);
    case 'PageDown':
      return Math.min(count - 1, from + page);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

function focusIn(target: EventTarget | null): { readonly index: number; readonly control: string } | null {
  if (!(target instanceof HTMLElement)) return null;
  const line = target.closest<HTMLElement>('[data-index]');
  // What only some lines have has none.
  const control = target.closest<HTMLElement>('[data-control]')?.dataset['control'] ?? '';
  return line === null ? null : { index: Number(line.dataset['index']), control };
}

/** The focus goes to that control of a line, or to its first where it has none such. */
function focusOn(root: HTMLElement, index: number, control: string, scrolls: boolean): void {
  const line = root.querySelector<HTMLElement>(`[data-index="${index}"]`);
  const to =
    line?.querySelector<HTMLElement>(`[data-control="${control}"]`) ??
    line?.querySelector<HTMLElement>('[data-control]');
  to?.focus({ preventScroll: true });
  if (scrolls) line?.scrollIntoView({ block: 'nearest' });
}
