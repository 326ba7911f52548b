import type { Failure } from '../domain/failure';
import { Button } from '../ui/button';
import { formatSoon } from '../ui/format';
import { Notice } from '../ui/notice';
import { PartnerName } from '../ui/partner-name';
import { failureText, PANEL } from '../ui/strings';
import type { Acts } from './panel-controller';
import type { Work } from './panel-state';

interface WorkProps {
  readonly work: Work;
  readonly now: number;
  readonly acts: Acts;
}

/** What the `status` says of a change that goes its way; null when it is stuck, which {@link WorkNotice} says in an `alert`. */
export function workStatus(work: Work, now: number, acts: Acts) {
  switch (work.kind) {
    case 'saving':
      return { text: work.removal ? PANEL.removing : PANEL.saving, tone: 'busy', actions: null } as const;
    case 'settling':
      return { text: PANEL.settling, tone: 'busy', actions: null } as const;
    case 'stillTrying': {
      const { nextAt, failure } = work;
      const text = (
        <>
          <strong>{PANEL.stillTrying}.</strong> {failureText(failure)}{' '}
          {nextAt === null ? PANEL.attemptUnderWay : PANEL.nextAttempt(formatSoon(nextAt, now))}
        </>
      );
      const actions = (
        <>
          {failure.reason === 'permissionMissing' && <Button onPress={acts.openOptions}>{PANEL.openOptions}</Button>}
          {nextAt !== null && <Button onPress={acts.tryNow}>{PANEL.tryAgain}</Button>}
          <Button onPress={acts.stop}>{PANEL.stop}</Button>
        </>
      );
      return { text, tone: 'warn', actions } as const;
    }
    default:
      return null;
  }
}

/** A change that is stuck until the person answers, or whose outcome nobody knows. */
export function WorkNotice({ work, now, acts }: WorkProps) {
  switch (work.kind) {
    case 'signIn':
      return (
        <Notice
          role="alert"
          tone="warn"
          actions={
            <>
              <Button kind="primary" onPress={acts.signIn}>
                {PANEL.signIn}
              </Button>
              <Button onPress={acts.stop}>{PANEL.stop}</Button>
            </>
          }
        >
          {failureText(work.failure ?? SIGN_IN_NEEDED)}
        </Notice>
      );
    case 'outcomeUnknown':
      return (
        <Notice
          role="alert"
          tone="warn"
          actions={
            work.signIn ? (
              <Button onPress={acts.signIn}>{PANEL.signIn}</Button>
            ) : (
              <Button onPress={acts.tryNow}>{PANEL.tryAgain}</Button>
            )
          }
        >
          {PANEL.outcomeUnknown} {work.failure !== null && failureText(work.failure)}{' '}
          {!work.signIn && PANEL.nextLook(formatSoon(work.nextAt, now))}
        </Notice>
      );
    case 'conflict':
      return (
        <Notice
          role="alert"
          tone="warn"
          actions={
            <>
              {work.mayOverwrite && <Button onPress={acts.overwrite}>{PANEL.overwrite}</Button>}
              <Button onPress={acts.keep}>{PANEL.keep}</Button>
            </>
          }
        >
          <p>
            {work.found === null ? (
              PANEL.conflictRemoved
            ) : (
              <>
                {PANEL.conflict} <PartnerName partner={work.found} />
              </>
            )}
          </p>
          <p>
            {work.change.after === null ? (
              PANEL.conflictWantedNone
            ) : (
              <>
                {PANEL.conflictWanted} <PartnerName partner={work.change.after} />
              </>
            )}
          </p>
        </Notice>
      );
    default:
      return null;
  }
}

const SIGN_IN_NEEDED: Failure = { reason: 'signInNeeded' };
