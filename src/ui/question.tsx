import type { ComponentChildren } from 'preact';
import { useModal } from './use-modal';
import { useUniqueId } from './use-unique-id';

interface QuestionProps {
  readonly title: string;
  /** What it is about. */
  readonly about: ComponentChildren;
  readonly onNo: () => void;
  /** What answers it. */
  readonly children: ComponentChildren;
}

/** A question over the page, to be answered before anything else. Escape is No. */
export function Question({ title, about, onNo, children }: QuestionProps) {
  const id = useUniqueId();
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      class="dialog card"
      role="alertdialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onCancel={(event) => {
        event.preventDefault();
        onNo();
      }}
    >
      <div class="stack">
        <h2 id={`${id}-title`}>{title}</h2>
        <div id={`${id}-text`} class="stack-tight">
          {about}
        </div>
        {children}
      </div>
    </dialog>
  );
}
