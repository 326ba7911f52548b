import type { CheckRun, CheckRunView } from '../domain/check-run';
import { Button } from '../ui/button';
import { formatSoon } from '../ui/format';
import { Notice } from '../ui/notice';
import { Sentence } from '../ui/sentence';
import { failureText } from '../words/failure';
import { listed, t } from '../words/words';

type Counts = CheckRunView['counts'];

const COUNTED = ['found', 'unknown', 'notIds', 'failed', 'left', 'repeated', 'leftOut'] as const;

/** What a run has come to, in one line: while it goes on only how much it is, so that this is not read out at every answer. */
export function countsText(run: CheckRun, counts: Counts): string {
  if (run.state === 'running') return t('check.begun', { count: run.partnerIds.length });
  const told = COUNTED.filter((what) => counts[what] > 0).map((what) =>
    t(`check.counts.${what}`, { count: counts[what] }),
  );
  return run.state === 'stopped' ? t('check.stopped', { counts: listed(told, 'unit') }) : listed(told, 'unit');
}

/** So many take long enough that somebody may want to leave. */
const MANY = 10;

/** How far a run has come that goes on, and what it waits for. */
export function CheckProgress({ run, counts }: { readonly run: CheckRun; readonly counts: Counts }) {
  const total = run.partnerIds.length;
  const done = total - counts.left;
  const { hold, failure } = run;
  return (
    <div class="check-progress">
      <progress class="progress" aria-label={t('check.progress')} value={done} max={total} />
      <p class="muted small">
        {t('check.doneOf', { done, total })} {(total >= MANY || hold !== null) && t('check.mayClose')}
      </p>
      {failure !== null && hold !== null && (
        <p class="small">
          <Sentence
            of="check.goesOn"
            with={{
              failure: failureText(failure),
              moment: <bdi>{formatSoon(hold.since + hold.forMs, Date.now())}</bdi>,
            }}
          />
        </p>
      )}
    </div>
  );
}

interface CheckStandingProps {
  readonly run: CheckRun;
  readonly hasRest: boolean;
  readonly onRest: () => void;
  readonly onSignIn: () => void;
}

/** Why a run does not go on by itself, and what to do about it. Nothing where it has come to its end. */
export function CheckStanding({ run, hasRest, onRest, onSignIn }: CheckStandingProps) {
  const rest = hasRest && <Button onPress={onRest}>{t('check.rest')}</Button>;
  switch (run.state) {
    case 'running':
    case 'done':
      return null;
    case 'stopped':
      return rest === false ? null : <div class="row">{rest}</div>;
    case 'noRoom':
      return (
        <Notice role="alert" tone="bad">
          {t('check.noRoom')}
        </Notice>
      );
    case 'paused': {
      const isSignIn = run.failure?.reason === 'signInNeeded';
      const actions = (
        <>
          {isSignIn && (
            <Button kind="primary" onPress={onSignIn}>
              {t('pages.signIn')}
            </Button>
          )}
          {rest}
        </>
      );
      return (
        <Notice role="alert" tone="bad" actions={actions}>
          {run.failure !== null && failureText(run.failure)}
        </Notice>
      );
    }
  }
}
