import { useId } from 'preact/hooks';
import { Button } from './button';
import { useModal } from './use-modal';
import { t } from '../words/words';

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  /** What the button that goes on says. */
  readonly yes: string;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

/** Asks before what can't be taken back. Escape and the first button leave everything as it is. */
export function Confirm({ title, text, yes, onYes, onNo }: ConfirmProps) {
  const id = useId();
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
        <p id={`${id}-text`}>{text}</p>
        <div class="row">
          <Button onPress={onNo}>{t('pages.cancel')}</Button>
          <Button kind="danger" onPress={onYes}>
            {yes}
          </Button>
        </div>
      </div>
    </dialog>
  );
}
