import { Button } from './button';
import { Question } from './question';
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
  return (
    <Question title={title} about={<p>{text}</p>} onNo={onNo}>
      <div class="row">
        <Button onPress={onNo}>{t('pages.cancel')}</Button>
        <Button kind="danger" onPress={onYes}>
          {yes}
        </Button>
      </div>
    </Question>
  );
}
