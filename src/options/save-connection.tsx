import { useState } from 'preact/hooks';
import { call } from '../messaging/call';
import type { MessageInput, SaveAnswer } from '../messaging/protocol';
import { Confirm } from '../ui/confirm';
import { t } from '../words/words';

type WithoutAnswer<T> = T extends unknown ? Omit<T, 'abandonOpenChanges'> : never;
type Form = WithoutAnswer<MessageInput<'connection.save'>>;

interface Question {
  readonly openChanges: number;
  readonly answer: (giveUp: boolean) => void;
}

/**
 * Saves connections. When changes of those that go have not ended, `question` (to be shown) asks first. Each answers whether it
 * was saved.
 */
export function useSaveConnection() {
  const [question, setQuestion] = useState<Question | null>(null);

  /** Asks before changes that have not ended are given up for what is sent. */
  const asking = async (send: (abandonOpenChanges: boolean) => Promise<SaveAnswer>): Promise<boolean> => {
    const answer = await send(false);
    if (answer.ok) return true;
    const giveUp = await new Promise<boolean>((resolve) => setQuestion({ openChanges: answer.count, answer: resolve }));
    setQuestion(null);
    return giveUp && (await send(true)).ok;
  };

  return {
    save: (form: Form) => asking((abandonOpenChanges) => call('connection.save', { ...form, abandonOpenChanges })),
    /** Puts these in the place of all connections that there are. */
    replaceAll: (forms: readonly MessageInput<'connection.test'>[], defaultAddress: string | null) =>
      asking((abandonOpenChanges) =>
        call('connections.import', { forms: [...forms], defaultAddress, abandonOpenChanges }),
      ),
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
