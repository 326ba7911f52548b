import type { Act, OpenPhase, Standing } from '../domain/standing';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { PartnerName } from '../ui/partner-name';
import { StandingActs, StandingText } from '../ui/standing-text';
import { t } from '../words/words';
import type { Acts } from './panel-controller';
import type { Work } from './panel-state';

interface WorkProps {
  readonly work: Work;
  readonly now: number;
  readonly acts: Acts;
}

/** Phases in which the change is stuck until the person acts, or nobody knows its outcome. */
const STUCK: readonly OpenPhase['phase'][] = ['signIn', 'otherPerson', 'noConnection', 'outcomeUnknown'];

/** What the `status` says of a change that goes its way; null when it is stuck, which {@link WorkNotice} says in an `alert`. */
export function workStatus(work: Work, now: number, acts: Acts) {
  if (work.kind === 'conflict') return null;
  if (work.kind === 'asking') {
    return { text: work.removal ? t('standing.removing') : t('standing.saving'), tone: 'busy', actions: null } as const;
  }
  const { at, standing } = work;
  if (STUCK.includes(at.phase)) return null;
  const text = <StandingText standing={standing} now={now} />;
  if (at.phase !== 'retrying') return { text, tone: 'busy', actions: null } as const;
  const actions = (
    <>
      {at.cause.reason === 'permissionMissing' && (
        <Button weight="free" onPress={acts.openOptions}>
          {t('panel.openOptions')}
        </Button>
      )}
      <StandingActs may={standing.may} onAct={(act) => PRESSED[act](acts)} />
    </>
  );
  return { text, tone: 'warn', actions } as const;
}

/** A change that is stuck until the person answers, or whose outcome nobody knows. */
export function WorkNotice({ work, now, acts }: WorkProps) {
  if (work.kind === 'asking') return null;
  const { standing } = work;
  if (work.kind === 'onItsWay' && !STUCK.includes(work.at.phase)) return null;
  return (
    <Notice role="alert" tone="warn" actions={<StandingActs may={standing.may} onAct={(act) => PRESSED[act](acts)} />}>
      <p>
        <StandingText standing={work.kind === 'conflict' ? asFound(work) : standing} now={now} />
      </p>
      {work.kind === 'conflict' && (
        <p>
          {standing.after === null ? (
            t('panel.conflictWantedNone')
          ) : (
            <>
              {t('panel.conflictWanted')} <PartnerName partner={standing.after} />
            </>
          )}
        </p>
      )}
    </Notice>
  );
}

/** With what stands there by now, which an overwrite would replace. */
function asFound({ standing, found }: Extract<Work, { kind: 'conflict' }>): Standing {
  return { ...standing, at: { phase: 'conflict', found, answer: null } };
}

/** What a press on each button does. */
const PRESSED: Record<Act, (acts: Acts) => void> = {
  signIn: (acts) => acts.signIn(),
  tryNow: (acts) => acts.tryNow(),
  stop: (acts) => acts.stop(),
  discard: (acts) => acts.stop(),
  overwrite: (acts) => acts.overwrite(),
  keep: (acts) => acts.keep(),
  sendAsMe: (acts) => acts.sendAsMe(),
  undo: (acts) => acts.undo(),
};
