import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A dialog that is modal while it is drawn. Whoever had the focus before has it again afterwards. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const asker = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // Once it is out of the page: while it is there, nothing else can have the focus.
      if (asker instanceof HTMLElement) queueMicrotask(() => asker.focus());
    };
  }, []);
  return dialog;
}
