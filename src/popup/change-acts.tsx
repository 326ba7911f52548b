import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Holding } from '../domain/partner-state';
import { type Act, isUnseenEnd, type Standing } from '../domain/standing';
import { askOver } from '../messaging/ask-over';
import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { StandingActs } from '../ui/standing-text';
import { ProblemText } from '../ui/problem-text';
import { plainPartner } from '../words/standing';
import { t } from '../words/words';
import { signIn } from './sign-in';

interface ChangeActsProps {
  readonly standing: Standing;
  /** What the person may say besides: that they have seen how it ended, where the list does not say so by itself. */
  readonly offersSeen?: boolean;
  /** It was done, and nothing stands in its way. */
  readonly onDone?: (act: Act | 'seen') => void;
}

/** What the person may do about a change, wherever it is listed; what came in the way of it is told beside. */
export function ChangeActs({ standing, offersSeen = false, onDone }: ChangeActsProps) {
  const { may, at } = standing;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ComponentChildren>(null);
  /** The record by now, of which the person was told when they last pressed. */
  const [found, setFound] = useState<Holding | null>(null);

  const askAgain = async (act: 'overwrite' | 'undo', seen: Holding): Promise<string | null> => {
    const asked = await askOver(act, standing.changeId, seen);
    switch (asked.kind) {
      case 'asked':
        return null;
      case 'problem':
        return t(`standing.problems.${asked.problem}`);
      case 'otherNow':
        setFound(asked.found);
        return otherNowText(act, asked.found);
    }
  };

  const onAct = (act: Act | 'seen') => {
    setBusy(true);
    setProblem(null);
    work(act, standing, askAgain, found)
      .then(
        (words) => {
          setProblem(words);
          if (words === null) onDone?.(act);
        },
        (cause: unknown) => setProblem(<ProblemText cause={cause} />),
      )
      .finally(() => setBusy(false));
  };

  const isForSeeing = offersSeen && isUnseenEnd(at);
  return (
    <>
      {problem !== null && (
        <div class="small problem" role="alert">
          {problem}
        </div>
      )}
      {(may.length > 0 || isForSeeing) && (
        <div class="row change-acts">
          <StandingActs may={may} busy={busy} onAct={onAct} />
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
  askAgain: (act: 'overwrite' | 'undo', seen: Holding) => Promise<string | null>,
  found: Holding | null,
): Promise<string | null> {
  switch (act) {
    case 'signIn':
      return signIn({ connectionId: target.connectionId });
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
      return at.phase === 'conflict' ? askAgain(act, found ?? at.found) : null;
    case 'undo':
      return at.phase === 'done' ? askAgain(act, found ?? at.outcome) : null;
  }
}

function otherNowText(act: 'overwrite' | 'undo', { partnerOfRecord }: Holding): string {
  if (partnerOfRecord === null) return t(`history.noneNow.${act}`);
  const partner = plainPartner(partnerOfRecord);
  return t(`history.otherNow.${act}`, { partner });
}
