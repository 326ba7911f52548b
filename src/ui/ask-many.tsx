import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from './button';
import { Question } from './question';
import { TextField } from './text-field';
import { t } from '../words/words';

interface AskManyProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** How many are at stake: of many the person types how many. */
  readonly count: number;
  readonly onAnswer: (sure: boolean) => void;
}

/** Up to so many are a slip that one can look over. */
const FEW = 100;

/** The question before something is done to many. The focus begins on No; Escape is No. */
export function AskMany({ title, children, count, onAnswer }: AskManyProps) {
  const no = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const isTyped = count > FEW;
  // A modal dialog gives the focus to the first that can have it, which is the box.
  useEffect(() => no.current?.querySelector('button')?.focus(), []);
  const yes = () => {
    if (isTyped && Number(typed.replace(/\D/g, '')) !== count) setWrong(true);
    else onAnswer(true);
  };
  return (
    <Question title={title} about={children} onNo={() => onAnswer(false)}>
      {isTyped && (
        <TextField
          label={t('bulk.typeCount', { number: count })}
          value={typed}
          inputMode="numeric"
          onType={(text) => {
            setTyped(text);
            setWrong(false);
          }}
          onEnter={yes}
          problem={wrong ? t('bulk.wrongCount') : null}
        />
      )}
      <div class="row" ref={no}>
        <Button onPress={() => onAnswer(false)}>{t('panel.no')}</Button>
        <Button kind="danger" onPress={yes}>
          {t('panel.yes')}
        </Button>
      </div>
    </Question>
  );
}

interface AskRemovalProps extends Pick<AskManyProps, 'count' | 'onAnswer'> {
  /** The partners are told of it. */
  readonly mails: boolean;
  /** Who they are. */
  readonly children?: ComponentChildren;
}

/** The question before the partners of many are removed. */
export function AskRemoval({ count, mails, onAnswer, children }: AskRemovalProps) {
  return (
    <AskMany title={t('bulk.removeTitle', { count })} count={count} onAnswer={onAnswer}>
      <p>{t('bulk.removeText', { count })}</p>
      {children}
      {mails && <p class="muted small">{t('bulk.partnersTold')}</p>}
    </AskMany>
  );
}

interface AskConflictsProps extends Pick<AskManyProps, 'count' | 'onAnswer'> {
  readonly answer: 'overwrite' | 'keep';
}

/** The question before all conflicts of a batch are answered alike. */
export function AskConflicts({ answer, count, onAnswer }: AskConflictsProps) {
  return (
    <AskMany title={t(`batch.${answer}AllTitle`, { count })} count={count} onAnswer={onAnswer}>
      <p>{t(`batch.${answer}AllText`)}</p>
    </AskMany>
  );
}
