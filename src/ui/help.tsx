import { t } from '../words/words';

interface AnsweredProps {
  /** What people ask themselves before they act. */
  readonly about: 'partnerId' | 'who' | 'whom';
  readonly answer: string;
}

/** A question that people have, and its answer when they open it. It leads nowhere else, so that nothing typed is lost. */
export function Answered({ about, answer }: AnsweredProps) {
  return (
    <details class="disclosure small">
      <summary>{t(`help.${about}.question`)}</summary>
      <p class="muted">{answer}</p>
    </details>
  );
}

/** A question whose answer is the same for everybody. */
export function Help({ about }: { readonly about: 'partnerId' | 'whom' }) {
  return <Answered about={about} answer={t(`help.${about}.answer`)} />;
}
