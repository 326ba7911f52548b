import type { Failure } from '../domain/failure';
import { subscriptionName } from '../domain/partner-state';
import { causeOf } from '../domain/phase';
import { visibleText } from '../domain/visible-text';
import { Button } from '../ui/button';
import { formatMoment } from '../ui/format';
import { Id, Name } from '../ui/partner-name';
import { useCopying } from '../ui/use-copying';
import { t } from '../words/words';
import type { ReadFailure, Shown } from './panel-state';

interface DetailsProps {
  readonly shown: Shown;
  readonly now: number;
}

/** What somebody needs who is asked for help: which subscription, kept where, read when, and the requests that failed. */
export function Details({ shown, now }: DetailsProps) {
  const { copy, outcome } = useCopying();
  const facts = factsOf(shown, now);
  if (facts.length === 0) return null;

  const lines = () => facts.map(({ label, value }) => t('panel.details.line', { label, value: visibleText(value) }));
  return (
    <details class="disclosure details small">
      <summary>{t('pages.details')}</summary>
      <dl>
        {facts.map(({ label, value, isId }) => (
          <div key={label + value}>
            <dt class="muted">{label}</dt>
            <dd>{isId ? <Id text={visibleText(value)} /> : <Name text={value} />}</dd>
          </div>
        ))}
      </dl>
      <div class="row">
        <Button weight="free" onPress={() => copy(lines().join('\n'))}>
          {t('panel.details.copy')}
        </Button>
        <span aria-live="polite">{outcome}</span>
      </div>
    </details>
  );
}

interface Fact {
  readonly label: string;
  readonly value: string;
  readonly isId: boolean;
}

function factsOf(shown: Shown, now: number): readonly Fact[] {
  const fact = (label: string, value: string, isId = false): Fact => ({ label, value, isId });
  const failed = [
    ...eachOnce(shown, ({ requestId }) => requestId).map((id) => fact(t('panel.details.request'), id, true)),
    ...eachOnce(shown, ({ detail }) => (detail?.code === 'technical' ? detail.words : undefined)).map((words) =>
      fact(t('panel.details.forSupport'), words),
    ),
  ];
  if (shown.state !== 'read') return failed;
  const { present, subscriptionId, source, readAt } = shown;
  return [
    ...(present.subscription === null
      ? []
      : [fact(t('panel.details.subscription'), subscriptionName(subscriptionId, present))]),
    fact(t('panel.details.subscriptionId'), subscriptionId, true),
    fact(t('panel.details.source'), source),
    fact(t('panel.details.read'), formatMoment(readAt, now)),
    ...failed,
  ];
}

/** What is known so of everything that is shown to have failed, each once. */
function eachOnce(shown: Shown, known: (failure: Failure) => string | undefined): readonly string[] {
  const all = failuresIn(shown).flatMap((failure) =>
    failure !== null && typeof failure === 'object' ? (known(failure) ?? []) : [],
  );
  return [...new Set(all)];
}

function failuresIn(shown: Shown): readonly (ReadFailure | undefined)[] {
  if (shown.state === 'unread') return [shown.failure];
  if (shown.state !== 'read') return [];
  const { stale, ending, work, task, log } = shown;
  const check = task.kind === 'form' ? task.form.check : null;
  return [
    stale?.failure ?? null,
    ending !== null && 'failure' in ending ? ending.failure : null,
    work?.kind === 'onItsWay' ? causeOf(work.at) : null,
    check?.kind === 'failed' ? check.failure : null,
    log?.answer?.ok === false ? log.answer.failure : null,
  ];
}
