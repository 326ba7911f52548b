import type { ComponentChildren } from 'preact';
import { type ForeignChange, madeBy } from '../domain/history';
import type { Holding } from '../domain/partner-state';
import { aboutOf } from '../words/about';
import { t } from '../words/words';
import { Button } from './button';
import { Name, PartnerOf } from './partner-name';
import { Sentence } from './sentence';
import { type Asked, useAskOver, useWork, WorkProblem } from './use-work';

/** A change made elsewhere in words: from whom to whom, and by whom where that is known. */
export function ForeignChangeText({ foreign }: { readonly foreign: ForeignChange }) {
  const by = madeBy(foreign);
  const partners = {
    before: <PartnerOf target={foreign.target} partner={foreign.before} />,
    after: <PartnerOf target={foreign.target} partner={foreign.after} />,
  };
  return by === null ? (
    <Sentence of="elsewhere.changed" with={partners} />
  ) : (
    <Sentence of="elsewhere.changedBy" with={{ ...partners, person: <Name text={by} /> }} />
  );
}

interface RestoreProps {
  readonly foreign: ForeignChange;
  /** Asks for what was there before it, over what the person takes the record to hold. */
  readonly restore: (seen: Holding) => Promise<Asked>;
  readonly onDone?: () => void;
  /** What stands beside the button. */
  readonly children?: ComponentChildren;
}

/** The button that puts back what a change made elsewhere has replaced; what came in the way of it is told beside. */
export function Restore({ foreign, restore, onDone, children }: RestoreProps) {
  const { busy, problem, run } = useWork();
  const askOver = useAskOver(aboutOf(foreign.target));
  const seen = { partnerOfRecord: foreign.after, version: foreign.version };
  return (
    <>
      <WorkProblem problem={problem} />
      <div class="row change-acts">
        <Button busy={busy} onPress={() => run(() => askOver(seen, restore), onDone)}>
          {t('elsewhere.restore')}
        </Button>
        {children}
      </div>
    </>
  );
}
