import { useState } from 'preact/hooks';
import { call } from '../messaging/call';
import type { MessageInput } from '../messaging/protocol';
import { Confirm } from '../ui/confirm';
import { t } from '../words/words';

type WithoutAnswer<T> = T extends unknown ? Omit<T, 'abandonOpenChanges'> : never;
type Form = WithoutAnswer<MessageInput<'connection.save'>>;

interface Question {
  readonly openChanges: number;
  readonly answer: (giveUp: boolean) => void;
}

/**
 * Saves a connection. When changes of the present one have not ended, `question` (to be shown) asks first.
 * `save` answers whether it was saved.
 */
export function useSaveConnection() {
  const [question, setQuestion] = useState<Question | null>(null);

  const save = async (form: Form): Promise<boolean> => {
    const answer = await call('connection.save', { ...form, abandonOpenChanges: false });
    if (answer.ok) return true;
    const giveUp = await new Promise<boolean>((resolve) => setQuestion({ openChanges: answer.count, answer: resolve }));
    setQuestion(null);
    return giveUp && (await call('connection.save', { ...form, abandonOpenChanges: true })).ok;
  };

  return {
    save,
    question: question !== null && (
      <Confirm
        title={t('options.openChanges')}
        text={t('options.openChangesText', { count: question.openChanges })}
        yes={t('options.giveUpChanges')}
        onYes={() => question.answer(true)}
        onNo={() => question.answer(false)}
      />
    ),
  };
}
