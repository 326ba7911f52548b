import type { ComponentChildren } from 'preact';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import { formatAge } from '../ui/format';
import { Help } from '../ui/help';
import { Notice } from '../ui/notice';
import { Name } from '../ui/partner-name';
import { ProblemText } from '../ui/problem-text';
import { Sentence } from '../ui/sentence';
import { Support } from '../ui/support';
import { Remedies } from './remedies';
import type { DrawnList } from './use-lists';

/** When what is shown of a list was read, and where. */
export function ListAge({ list, now }: { readonly list: DrawnList; readonly now: number }) {
  const { connection, kept, readAt, state } = list;
  const at = kept !== null && state.at !== 'here' ? kept.oldest : readAt;
  if (at === null) return null;
  return (
    <Sentence
      of={kept !== null && state.at === 'reading' ? 'subscriptions.keptFrom' : 'subscriptions.readFrom'}
      with={{ source: <Name text={connection.name} />, age: <bdi>{formatAge(at, now)}</bdi> }}
    />
  );
}

interface ListProblemProps {
  readonly list: DrawnList;
  readonly now: number;
  readonly onTryAgain: () => void;
}

/** Why a list could not be read, what of it is there all the same, and what may help. */
export function ListProblem({ list, now, onTryAgain }: ListProblemProps) {
  const { state, connection, kept, rows } = list;
  if (state.at !== 'failed' && state.at !== 'broken') return null;
  const failure = state.at === 'failed' ? state.failure : null;
  const why: ComponentChildren =
    state.at === 'failed' ? failureText(state.failure, connection.name) : <ProblemText cause={state.cause} />;
  return (
    <>
      <Notice
        role="alert"
        tone="bad"
        actions={<Remedies connectionId={connection.id} failure={failure} again={onTryAgain} />}
      >
        {why}{' '}
        {kept !== null
          ? t('subscriptions.keptStay', { count: kept.count, age: formatAge(kept.oldest, now) })
          : rows.length > 0 && t('subscriptions.restMissing')}
        {failure !== null && <Support after={failure} />}
      </Notice>
      <Help about="whom" />
    </>
  );
}
