import { useState } from 'preact/hooks';
import type { Retention } from '../domain/settings';
import { call } from '../messaging/call';
import { Confirm } from '../ui/confirm';
import { t } from '../words/words';

interface Question {
  readonly removes: number;
  readonly answer: (sure: boolean) => void;
}

/**
 * Saves how long the history is kept. When that would remove more rows than the person agreed to, `question` (to be shown)
 * asks first. `save` answers whether it was saved.
 */
export function useSaveRetention() {
  const [question, setQuestion] = useState<Question | null>(null);

  const save = async (retention: Retention, agreedTo: number): Promise<boolean> => {
    let mayRemove = agreedTo;
    for (;;) {
      const answer = await call('retention.save', { retention, mayRemove });
      if (answer.ok) return true;
      const { removes } = answer;
      const sure = await new Promise<boolean>((resolve) => setQuestion({ removes, answer: resolve }));
      setQuestion(null);
      if (!sure) return false;
      mayRemove = removes;
    }
  };

  return {
    save,
    question: question !== null && (
      <Confirm
        title={t('options.removeRows')}
        text={t('options.removeRowsText', { count: question.removes })}
        yes={t('options.removeRowsYes')}
        onYes={() => question.answer(true)}
        onNo={() => question.answer(false)}
      />
    ),
  };
}
