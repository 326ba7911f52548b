import { causeOf, needsPerson } from '../domain/phase';
import type { Act, Standing } from '../domain/standing';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { StandingActs, StandingText } from '../ui/standing-text';
import { t } from '../words/words';
import type { Acts } from './panel-controller';
import { goesItsWay, type Work } from './panel-state';

interface WorkProps {
  readonly work: Work;
  readonly now: number;
  readonly acts: Acts;
}

/**
 * What the `status` says of a change that goes its way; null when it is stuck, which {@link WorkNotice} says in an `alert`.
 * @param inPlace what it was asked by stands there, busy, and so shows it
 */
export function workStatus(work: Work, now: number, acts: Acts, inPlace: boolean) {
  if (work.kind === 'conflict') return null;
  if (work.kind === 'asking') {
    const text = work.removal ? t('standing.removing') : t('standing.saving');
    return { text, tone: 'busy', actions: null, shows: !inPlace } as const;
  }
  const { at, standing } = work;
  if (!goesItsWay(at)) return null;
  const text = <StandingText standing={standing} now={now} tense="news" />;
  if (!needsPerson(at)) {
    return { text, tone: 'busy', actions: null, shows: !inPlace || at.phase === 'settling' } as const;
  }
  const actions = (
    <>
      {causeOf(at)?.reason === 'permissionMissing' && (
        <Button weight="free" onPress={acts.openOptions}>
          {t('pages.openOptions')}
        </Button>
      )}
      <StandingActs standing={standing} onAct={(act) => pressed(act, acts)} />
    </>
  );
  return { text, tone: 'warn', actions, shows: true } as const;
}

/** A change that is stuck until the person answers, or whose outcome nobody knows. */
export function WorkNotice({ work, now, acts }: WorkProps) {
  if (work.kind === 'asking') return null;
  const { standing } = work;
  if (work.kind === 'onItsWay' && goesItsWay(work.at)) return null;
  return (
    <Notice role="alert" tone="warn" actions={<StandingActs standing={standing} onAct={(act) => pressed(act, acts)} />}>
      <StandingText standing={work.kind === 'conflict' ? asFound(work) : standing} now={now} tense="news" />
    </Notice>
  );
}

/** With what stands there by now, which an overwrite would replace. */
function asFound({ standing, found }: Extract<Work, { kind: 'conflict' }>): Standing {
  return { ...standing, at: { phase: 'conflict', found, answer: null } };
}

/** Who discards what another person asked for stops it. */
function pressed(act: Act, acts: Acts): void {
  acts[act === 'discard' ? 'stop' : act]();
}
