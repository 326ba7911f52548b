import { isUnseenEnd } from '../domain/phase';
import type { Act, Standing } from '../domain/standing';
import { askOver } from '../messaging/ask-over';
import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { StandingActs } from '../ui/standing-text';
import { useAskOver, useWork, WorkProblem } from '../ui/use-work';
import { aboutOf } from '../words/about';
import { t } from '../words/words';
import { signIn, signInForLink } from './sign-in';

interface ChangeActsProps {
  readonly standing: Standing;
  /** What the person may say besides: that they have seen how it ended, where the list does not say so by itself. */
  readonly offersSeen?: boolean;
  /** It was done, and nothing stands in its way. */
  readonly onDone?: (act: Act | 'seen') => void;
}

/** What the person may do about a change, wherever it is listed; what came in the way of it is told beside. */
export function ChangeActs({ standing, offersSeen = false, onDone }: ChangeActsProps) {
  const { may, at, target } = standing;
  const { busy, problem, run } = useWork();
  const askAgain = useAskOver(aboutOf(target));
  const onAct = (act: Act | 'seen') =>
    run(
      () => work(act, standing, askAgain),
      () => onDone?.(act),
    );
  const isForSeeing = offersSeen && isUnseenEnd(at);
  return (
    <>
      <WorkProblem problem={problem} />
      {(may.length > 0 || isForSeeing) && (
        <div class="row change-acts">
          <StandingActs standing={standing} busy={busy} onAct={onAct} />
          {isForSeeing && (
            <Button busy={busy} onPress={() => onAct('seen')}>
              {t('needsYou.seen')}
            </Button>
          )}
        </div>
      )}
    </>
  );
}

/** Does it; answers in words what came in the way, null when nothing did. */
async function work(
  act: Act | 'seen',
  { changeId, at, me, target }: Standing,
  askAgain: ReturnType<typeof useAskOver>,
): Promise<string | null> {
  switch (act) {
    case 'signIn':
      return target.kind === 'signIn' ? signInForLink(target) : signIn({ connectionId: target.connectionId });
    case 'tryNow':
      return call('change.tryNow', { changeId });
    case 'stop':
    case 'discard':
      return call('change.stop', { changeId });
    case 'keep':
      return call('change.keep', { changeId });
    case 'seen':
      return call('change.seen', { changeId });
    case 'sendAsMe':
      return (await call('change.sendAsMe', { changeId, me })).ok ? null : t('standing.otherByNow');
    case 'overwrite':
      return at.phase === 'conflict' ? askAgain(at.found, (seen) => askOver(act, changeId, seen)) : null;
    case 'undo':
      return at.phase === 'done' ? askAgain(at.outcome, (seen) => askOver(act, changeId, seen)) : null;
  }
}
